using System.Globalization;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// Classifies an input device by its capabilities (linux/input-event-codes.h), as udevd's input_id does. libinput, Xorg and SDL ignore unclassified
/// devices.
/// </summary>
internal static class InputProperties
{
    // linux/input-event-codes.h
    private const int EV_KEY = 1, EV_REL = 2, EV_SW = 5, REL_X = 0, REL_Y = 1, ABS_X = 0, ABS_Y = 1, ABS_Z = 2, ABS_RX = 3, ABS_HAT3Y = 0x17;
    private const int ABS_MT_SLOT = 0x2f, ABS_MT_POSITION_X = 0x35, ABS_MT_POSITION_Y = 0x36, KEY_ESC = 1, KEY_D = 32, BTN_MISC = 0x100, BTN_MOUSE = 0x110;
    private const int BTN_JOYSTICK = 0x120, BTN_DIGI = 0x140, BTN_TOOL_PEN = 0x140, BTN_TOOL_FINGER = 0x145, BTN_TOUCH = 0x14a, BTN_STYLUS = 0x14b;
    private const int KEY_OK = 0x160, BTN_DPAD_UP = 0x220, BTN_DPAD_RIGHT = 0x223, KEY_ALS_TOGGLE = 0x230, BTN_TRIGGER_HAPPY1 = 0x2c0, BTN_TRIGGER_HAPPY40 = 0x2e7;
    private const int INPUT_PROP_DIRECT = 1, INPUT_PROP_POINTING_STICK = 5, INPUT_PROP_ACCELEROMETER = 6;

    // With fewer buttons and axes of a game pad, a device with keys is a keyboard.
    private const int FewestOfPad = 2;

    /// <summary>Adds a device's classes.</summary>
    /// <param name="to">Receives the properties.</param>
    /// <param name="read">Reads an attribute of the device, such as <c>capabilities/ev</c>.</param>
    public static void Add(Dictionary<string, string> to, Func<string, string?> read)
    {
        if (Bits.Of(read("capabilities/ev")) is not { } events)
            return;
        Bits keys = Bits.Of(read("capabilities/key")) ?? default, axes = Bits.Of(read("capabilities/abs")) ?? default;
        Bits moves = Bits.Of(read("capabilities/rel")) ?? default, properties = Bits.Of(read("properties")) ?? default;
        to["ID_INPUT"] = "1";
        bool isPointer = AddPointer(to, events, keys, axes, moves, properties);
        bool isKey = AddKeys(to, events, keys);
        // A device that only scrolls, such as a volume wheel, counts as keys.
        if (!isPointer && !isKey && events[EV_REL] && (moves[8] || moves[6]))
            to["ID_INPUT_KEY"] = "1";
        if (events[EV_SW])
            to["ID_INPUT_SWITCH"] = "1";
    }

    private static bool AddPointer(Dictionary<string, string> to, Bits events, Bits keys, Bits axes, Bits moves, Bits properties)
    {
        bool hasPlace = axes[ABS_X] && axes[ABS_Y], hasKeys = events[EV_KEY];
        if (properties[INPUT_PROP_ACCELEROMETER] || (!hasKeys && hasPlace && axes[ABS_Z]))
        {
            to["ID_INPUT_ACCELEROMETER"] = "1";
            return true;
        }
        bool isDirect = properties[INPUT_PROP_DIRECT], isStylus = keys[BTN_STYLUS] || keys[BTN_TOOL_PEN];
        bool hasFinger = keys[BTN_TOOL_FINGER] && !keys[BTN_TOOL_PEN], hasButton = keys.Any(BTN_MOUSE, BTN_JOYSTICK - 1);
        // On a joystick, the code of a touch slot is one in a row of axes.
        bool hasTouches = axes[ABS_MT_POSITION_X] && axes[ABS_MT_POSITION_Y] && !(axes[ABS_MT_SLOT] && axes[ABS_MT_SLOT - 1]);
        bool hasMoves = events[EV_REL] && moves[REL_X] && moves[REL_Y];
        int buttons = keys.Count(BTN_JOYSTICK, BTN_DIGI - 1) + keys.Count(BTN_TRIGGER_HAPPY1, BTN_TRIGGER_HAPPY40) + keys.Count(BTN_DPAD_UP, BTN_DPAD_RIGHT);
        int more = axes.Count(ABS_RX, ABS_HAT3Y);
        bool isPad = buttons > 0 || (more > 0 && hasPlace && !hasTouches && !keys[BTN_TOUCH] && !hasFinger && !isStylus);
        if (isPad && keys[KEY_ESC] && buttons + more < FewestOfPad)
            isPad = false;

        string? kind = null;
        if (hasPlace || hasTouches)
        {
            kind = isStylus ? "TABLET"
                : hasFinger && !isDirect ? "TOUCHPAD"
                : hasButton && hasPlace && !hasTouches && !keys[BTN_TOUCH] ? "MOUSE"
                : keys[BTN_TOUCH] || isDirect ? "TOUCHSCREEN"
                : isPad ? "JOYSTICK" : null;
        }
        else if (isPad)
        {
            kind = "JOYSTICK";
        }
        bool isStick = properties[INPUT_PROP_POINTING_STICK];
        if (kind is null && hasMoves && hasButton)
            kind = "MOUSE";
        if (isStick)
            to["ID_INPUT_POINTINGSTICK"] = "1";
        if (kind is not null)
            to["ID_INPUT_" + kind] = "1";
        return kind is not null || isStick;
    }

    private static bool AddKeys(Dictionary<string, string> to, Bits events, Bits keys)
    {
        if (!events[EV_KEY])
            return false;
        bool hasAny = keys.Any(KEY_ESC, BTN_MISC - 1) || keys.Any(KEY_OK, BTN_DPAD_UP - 1) || keys.Any(KEY_ALS_TOGGLE, BTN_TRIGGER_HAPPY1 - 1);
        if (hasAny)
            to["ID_INPUT_KEY"] = "1";
        // The first rows of keys must be complete.
        if (keys.Count(KEY_ESC, KEY_D - 1) == KEY_D - KEY_ESC)
            to["ID_INPUT_KEYBOARD"] = "1";
        return hasAny;
    }

    /// <summary>A bitmap of the input core: words of the kernel's unsigned long, the most significant first (input_print_bitmap()).</summary>
    private readonly struct Bits
    {
        private readonly ulong[]? _words;

        private Bits(ulong[] words) => _words = words;

        public bool this[int bit] => bit / 64 < (_words?.Length ?? 0) && (_words![bit / 64] & (1ul << (bit % 64))) != 0;

        public static Bits? Of(string? text)
        {
            string[]? words = text?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is null || !words.All(static word => ulong.TryParse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _)))
                return null;
            return new Bits([.. words.Reverse().Select(static word => ulong.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))]);
        }

        public int Count(int first, int last)
        {
            int count = 0;
            for (int bit = first; bit <= last; bit++)
                count += this[bit] ? 1 : 0;
            return count;
        }

        public bool Any(int first, int last) => Count(first, last) > 0;
    }
}
