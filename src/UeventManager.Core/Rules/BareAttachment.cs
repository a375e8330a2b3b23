namespace UeventManager.Core.Rules;

/// <summary>The questions about a device without a rule.</summary>
public static class BareAttachment
{
    static BareAttachment() => UeventFile = Table.Path("uevent", QueryNeeds.Value);

    /// <summary>The table with the one question.</summary>
    public static QueryTable Table { get; } = new();

    /// <summary>The device's <c>uevent</c> file.</summary>
    public static SysfsQuery UeventFile { get; }
}
