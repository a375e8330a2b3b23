namespace UeventManager.Benchmarks.Scenarios;

/// <summary>A tree on tmpfs for a daemon with <c>--sysfs</c>: devices of subsystem <c>bench</c>, as many as wanted.</summary>
internal sealed class FakeTree : IDisposable
{
    private readonly string _devices;

    public FakeTree(string name, int devices)
    {
        Root = $"{Place.Scratch}/{name}";
        _devices = $"{Root}/devices/virtual/bench";
        Directory.CreateDirectory($"{Root}/class/bench");
        Directory.CreateDirectory($"{Root}/bus");
        Directory.CreateDirectory(_devices);
        for (var i = 0; i < devices; i++)
            Add(i);
    }

    public string Root { get; }

    /// <summary>Writes a directory of rules with one rule for the tree's devices.</summary>
    public string Rules(string rule)
    {
        var directory = $"{Root}.rules";
        Directory.CreateDirectory(directory);
        File.WriteAllText($"{directory}/bench.yaml", $"version: 1\nsubsystem: bench\nrules:\n  - name: bench\n{rule}");
        return directory;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void Add(int number)
    {
        var device = $"{_devices}/bd{number:D6}";
        Directory.CreateDirectory(device);
        File.WriteAllText($"{device}/uevent", "");
        File.CreateSymbolicLink($"{device}/subsystem", "../../../../class/bench");
        File.CreateSymbolicLink($"{Root}/class/bench/bd{number:D6}", $"../../devices/virtual/bench/bd{number:D6}");
    }
}
