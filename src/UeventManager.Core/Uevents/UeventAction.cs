namespace UeventManager.Core.Uevents;

/// <summary>The actions of <c>kobject_actions[]</c> (lib/kobject_uevent.c).</summary>
public enum UeventAction : byte
{
    /// <summary>A kobject was created.</summary>
    Add,

    /// <summary>A kobject was removed.</summary>
    Remove,

    /// <summary>Something about it changed.</summary>
    Change,

    /// <summary>It was renamed or got another parent (DEVPATH_OLD).</summary>
    Move,

    /// <summary>It was brought back (CPU, memory).</summary>
    Online,

    /// <summary>It was taken out of use.</summary>
    Offline,

    /// <summary>A driver was bound to it.</summary>
    Bind,

    /// <summary>Its driver was unbound.</summary>
    Unbind,
}

/// <summary>The kernel's words for the actions.</summary>
public static class UeventActions
{
    private static readonly byte[][] Words = ["add"u8.ToArray(), "remove"u8.ToArray(), "change"u8.ToArray(), "move"u8.ToArray(), "online"u8.ToArray(), "offline"u8.ToArray(), "bind"u8.ToArray(), "unbind"u8.ToArray()];
    private static readonly string[] Texts = ["add", "remove", "change", "move", "online", "offline", "bind", "unbind"];

    /// <summary>All words, in the kernel's order.</summary>
    public static IReadOnlyList<string> All => Texts;

    /// <summary>The kernel's word.</summary>
    public static string Text(this UeventAction action) => Texts[(int)action];

    /// <summary>The kernel's word in UTF-8.</summary>
    public static ReadOnlySpan<byte> Utf8(this UeventAction action) => Words[(int)action];

    /// <summary>Reads a word of the kernel's.</summary>
    public static bool TryParse(ReadOnlySpan<byte> word, out UeventAction action)
    {
        for (var i = 0; i < Words.Length; i++)
        {
            if (word.SequenceEqual(Words[i]))
            {
                action = (UeventAction)i;
                return true;
            }
        }
        action = default;
        return false;
    }
}
