using System.Globalization;
using System.Text;
using UeventManager.Client;

namespace UeventManager.Commands.Terminal;

/// <summary>Formats an event as a line for people: time, action, time waited, subsystem, sysname, attachments.</summary>
/// <param name="clock">The clock.</param>
/// <param name="palette">The colours.</param>
internal sealed class EventLine(EventClock clock, Palette palette)
{
    private const string Gap = "  ";

    /// <summary>The headings of the columns.</summary>
    public string Heading { get; } = palette.Faint($"{"TIME",-12}{Gap}{"ACTION",-7}{Gap}{"WAITED",8}{Gap}{"SUBSYSTEM",-12}{Gap}{"NAME",-16}{Gap}DETAILS");

    /// <summary>Formats a settled event.</summary>
    /// <param name="value">The event.</param>
    /// <returns>The line, without its newline.</returns>
    public string Format(UeventEvent value)
    {
        ArgumentNullException.ThrowIfNull(value);
        UeventDevice device = value.Device;
        string start = Start(clock.Format(value.SettledUsec, value.RealtimeUsec), value.Action, Waited(value.SettledUsec - value.ArrivedUsec), device.Subsystem, device.SysName);
        var rest = new List<string>();
        // The name of a kobject that is not a device says little: each interface has a queue rx-0.
        if (device.IsKobject)
            rest.Add(palette.Faint(Printable.Text(device.DevPath)));
        if (value.OldDevPath is { } old)
            rest.Add(palette.Faint("was " + Printable.Text(old)));
        if (!device.Settled || device.Missing.Count > 0)
        {
            string missing = string.Join(", ", device.Missing.Select(Printable.Text));
            rest.Add(palette.Warn((device.Settled ? "without " : "unsettled, missing ") + missing));
        }
        rest.AddRange(Attached(device.Attributes, '='));
        rest.AddRange(Attached(device.Links, '→'));
        if (Tags(device) is { } tags)
            rest.Add("tags=" + Printable.Text(tags));
        if (value.Group is { } group)
            rest.Add(palette.Faint($"group of {group.Size}{(group.Partial ? ", partial" : "")}"));
        if (value.Synthetic)
            rest.Add(palette.Faint("synthetic"));
        return (start + Gap + string.Join(Gap, rest)).TrimEnd();
    }

    /// <summary>Formats an event as the kernel sent it.</summary>
    /// <param name="value">The uevent.</param>
    /// <returns>The line, without its newline.</returns>
    public string Format(KernelUevent value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Start(clock.Format(value.ArrivedUsec), value.Action, "kernel", value.Subsystem, value.SysName) + Gap + palette.Faint(Printable.Text(value.DevPath));
    }

    /// <summary>Formats a duration.</summary>
    /// <param name="usec">Microseconds.</param>
    /// <returns>As <c>0.05 ms</c>, <c>12.3 ms</c> or <c>1.25 s</c>.</returns>
    public static string Waited(long usec) => usec switch
    {
        < 0 => "0.00 ms",
        < 9_995 => (usec / 1e3).ToString("0.00 ms", CultureInfo.InvariantCulture),
        < 999_950 => (usec / 1e3).ToString("0.0 ms", CultureInfo.InvariantCulture),
        _ => (usec / 1e6).ToString("0.00 s", CultureInfo.InvariantCulture),
    };

    /// <summary>udev's tags without the first and the last colon; null if there are none.</summary>
    public static string? Tags(UeventDevice device) =>
        device.Properties.GetValueOrDefault("CURRENT_TAGS", device.Properties.GetValueOrDefault("TAGS", "")).Trim(':') is { Length: > 0 } tags ? tags : null;

    private string Start(string time, string action, string waited, string subsystem, string sysname)
    {
        var line = new StringBuilder();
        line.Append(palette.Faint(time)).Append(Gap);
        line.Append(palette.Action(action, Printable.Text(action).PadRight(7))).Append(Gap);
        line.Append(waited.PadLeft(8)).Append(Gap);
        line.Append(Printable.Text(subsystem).PadRight(12)).Append(Gap);
        line.Append(palette.Bold(Printable.Text(sysname).PadRight(16)));
        return line.ToString();
    }

    private static IEnumerable<string> Attached(IReadOnlyDictionary<string, string>? values, char sign) =>
        (values ?? new Dictionary<string, string>()).Select(pair => Printable.Text(pair.Key) + sign + Printable.Text(pair.Value));
}
