using UeventManager.Client;

namespace UeventManager.Commands.Terminal;

/// <summary>A uevent as the kernel sent it.</summary>
/// <param name="Action">The action.</param>
/// <param name="DevPath">The devpath.</param>
/// <param name="Subsystem">The subsystem.</param>
/// <param name="Seqnum">The kernel's SEQNUM.</param>
/// <param name="ArrivedUsec">The arrival, in CLOCK_MONOTONIC microseconds.</param>
/// <param name="Properties">All its properties, in the kernel's order.</param>
internal sealed record KernelUevent(
    string Action, string DevPath, string Subsystem, long? Seqnum, long ArrivedUsec, IReadOnlyList<KeyValuePair<string, string>> Properties)
{
    /// <summary>The last component of the devpath.</summary>
    public string SysName => DevPath[(DevPath.LastIndexOf('/') + 1)..];

    /// <summary>The uevent as an event, for filters and templates.</summary>
    public UeventEvent ToEvent() =>
        new() { Cursor = "", Action = Action, Device = ToDevice(), Seqnum = Seqnum, Synthetic = false, ArrivedUsec = ArrivedUsec, SettledUsec = ArrivedUsec };

    /// <summary>An object with the one member <c>kernel</c>, which no event has, so that both kinds of lines can be distinguished.</summary>
    public byte[] ToJson() => JsonLine.Object(json =>
    {
        json.WriteStartObject("kernel"u8);
        json.WriteString("action"u8, Action);
        json.WriteString("devpath"u8, DevPath);
        json.WriteString("subsystem"u8, Subsystem);
        if (Seqnum is { } seqnum)
            json.WriteNumber("seqnum"u8, seqnum);
        json.WriteNumber("arrivedUsec"u8, ArrivedUsec);
        json.WriteStartObject("properties"u8);
        foreach ((string key, string value) in Properties)
            json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private UeventDevice ToDevice()
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in Properties)
            properties.TryAdd(key, value);
        return new UeventDevice
        {
            DevPath = DevPath,
            Subsystem = Subsystem,
            SysName = SysName,
            DevType = properties.GetValueOrDefault("DEVTYPE"),
            DevNode = properties.TryGetValue("DEVNAME", out string? name) ? name.StartsWith('/') ? name : "/dev/" + name : null,
            Driver = properties.GetValueOrDefault("DRIVER"),
            Settled = false,
            Properties = properties,
        };
    }
}
