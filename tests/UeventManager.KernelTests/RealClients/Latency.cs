namespace UeventManager.KernelTests.RealClients;

/// <summary>How long each of three takes, one after the other, from a device that is complete to a client that says so.</summary>
internal sealed class Latency
{
    private static readonly string[] Parts = ["the daemon's look", "forward", "both", "libvirt and virsh", "all"];
    private const int Both = 2;

    private readonly List<long[]> _all = [];

    /// <summary>The median of what is ours, in milliseconds: the rest is the client's.</summary>
    public double OursMs => Sorted(Both) is var both ? both[both.Length / 2] / 1e3 : 0;

    /// <summary>Takes one device's times, in microseconds of one clock.</summary>
    public void Add(long complete, long seen, long told, long heard) => _all.Add([seen - complete, told - seen, told - complete, heard - told, heard - complete]);

    public override string ToString() => string.Join("; ", Parts.Select((part, i) => Sorted(i) is var sorted ? $"{part} {sorted[sorted.Length / 2] / 1e3:0.0} ms (at most {sorted[^1] / 1e3:0.0})" : ""));

    private long[] Sorted(int part) => [.. _all.Select(one => one[part]).Order()];
}
