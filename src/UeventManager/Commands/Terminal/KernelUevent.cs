using UeventManager.Client;

namespace UeventManager.Commands.Terminal;

/// <summary>A uevent as the kernel sent it.</summary>
/// <param name="Action">The action.</param>
/// <param name="Devpath">The devpath.</param>
/// <param name="Subsystem">The subsystem.</param>
/// <param name="Seqnum">The kernel's number.</param>
/// <param name="ArrivedUsec">When it arrived, CLOCK_MONOTONIC.</param>
/// <param name="Properties">All its properties, in the kernel's order.</param>
internal sealed record KernelUevent(
    string Action, string Devpath, string Subsystem, long? Seqnum, long ArrivedUsec, IReadOnlyList<KeyValuePair<string, string>> Properties)
{
    /// <summary>The last component of the devpath.</summary>
    public string Sysname => Devpath[(Devpath.LastIndexOf('/') + 1)..];

    /// <summary>What it says of the device, as a filter takes it.</summary>
    public UeventDevice ToDevice()
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string key, string value) in Properties)
            properties.TryAdd(key, value);
        return new UeventDevice { Devpath = Devpath, Subsystem = Subsystem, Sysname = Sysname, Devtype = properties.GetValueOrDefault("DEVTYPE"), Settled = false, Properties = properties };
    }
}
