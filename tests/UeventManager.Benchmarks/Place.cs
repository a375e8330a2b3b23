namespace UeventManager.Benchmarks;

/// <summary>Where everything is.</summary>
/// <param name="Repository">The project's root.</param>
/// <param name="Output">Where the report goes.</param>
internal sealed record Place(string Repository, string Output)
{
    /// <summary>A tmpfs of this run's namespace: sockets, rules and trees.</summary>
    public const string Scratch = "/mnt";

    /// <summary>The veth whose uevent file is written.</summary>
    public const string Veth = "/sys/devices/virtual/net/bd000000/uevent";

    /// <summary>Files 0, 1, … of network namespaces.</summary>
    public const string Namespaces = $"{Scratch}/netns";

    /// <summary>Real interfaces that events are injected for.</summary>
    public const int RealDevices = 1_000;

    public string Ueventctl => $"{Repository}/artifacts/bin/ueventctl";

    public string Rules => $"{Repository}/rules";

    public string Probe => $"{Repository}/artifacts/tools/bench/probe";

    public string Forwarder => $"{Repository}/artifacts/tools/bench/forwarder";

    public string UdevTree => $"{Repository}/artifacts/tools/udev";

    public string UdevdScript => $"{Repository}/tests/UeventManager.Benchmarks/udevd.sh";

    /// <summary>Makes the real interfaces: veth pairs bd000000 to bd000999, with interface indexes from 100,000.</summary>
    public static void MakeDevices()
    {
        var batch = string.Concat(Enumerable.Range(0, RealDevices / 2).Select(i =>
            $"link add name bd{2 * i:D6} index {100_000 + 2 * i} type veth peer name bd{2 * i + 1:D6} index {100_001 + 2 * i}\n"));
        File.WriteAllText($"{Scratch}/devices", batch);
        Measure.Command.Run("ip", ["-batch", $"{Scratch}/devices"]);
    }
}
