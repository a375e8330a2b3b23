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
    private static readonly string[] Texts = ["add", "remove", "change", "move", "online", "offline", "bind", "unbind"];

    /// <summary>All words, in the kernel's order.</summary>
    public static IReadOnlyList<string> All => Texts;

    /// <summary>The kernel's word.</summary>
    public static string Text(this UeventAction action) => Texts[(int)action];

    /// <summary>The kernel's word in UTF-8.</summary>
    public static ReadOnlySpan<byte> Utf8(this UeventAction action) => action switch
    {
        UeventAction.Add => "add"u8,
        UeventAction.Remove => "remove"u8,
        UeventAction.Change => "change"u8,
        UeventAction.Move => "move"u8,
        UeventAction.Online => "online"u8,
        UeventAction.Offline => "offline"u8,
        UeventAction.Bind => "bind"u8,
        _ => "unbind"u8,
    };

    /// <summary>Reads the kernel's word.</summary>
    public static bool TryParse(ReadOnlySpan<byte> word, out UeventAction action)
    {
        // Length and first letter select one candidate.
        action = (word.Length, word.IsEmpty ? 0 : word[0]) switch
        {
            (3, _) => UeventAction.Add,
            (4, 'm') => UeventAction.Move,
            (4, _) => UeventAction.Bind,
            (6, 'r') => UeventAction.Remove,
            (6, 'c') => UeventAction.Change,
            (6, 'o') => UeventAction.Online,
            (6, _) => UeventAction.Unbind,
            _ => UeventAction.Offline,
        };
        return word.SequenceEqual(action.Utf8());
    }
}
