namespace UeventManager.Core.Rules;

/// <summary>What is read of a device that no rule is for.</summary>
public static class BareAttachment
{
    static BareAttachment() => UeventFile = Table.Path("uevent", QueryNeeds.Value);

    /// <summary>The table of the one question.</summary>
    public static QueryTable Table { get; } = new();

    /// <summary>The device's <c>uevent</c> file.</summary>
    public static SysfsQuery UeventFile { get; }
}
