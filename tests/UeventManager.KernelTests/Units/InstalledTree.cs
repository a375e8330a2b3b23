using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Units;

/// <summary>What <c>make install</c> puts into a directory, for the systemd of this machine.</summary>
public sealed class InstalledTree : IDisposable
{
    private readonly ScratchDirectory _root = new("install");

    /// <summary>Installs the published binary.</summary>
    public InstalledTree(string prefix = "/usr")
    {
        Prefix = prefix;
        Run("install");
    }

    /// <summary>As given to the installation.</summary>
    public string Prefix { get; }

    public string Root => _root.Path;

    public string UnitDirectory => Root + Prefix + "/lib/systemd/system";

    public string Service => Path.Combine(UnitDirectory, "uevent-manager.service");

    /// <summary>systemd-analyze's version, which is that of the systemd it came with.</summary>
    public static int SystemdVersion => int.Parse(Analyze("--version").Output.Split(' ', '\n')[1]);

    /// <summary>Runs packaging/install.sh on the tree.</summary>
    public void Run(string verb)
    {
        using var process = RunningProcess.Start(Path.Combine(Repository.Root, "packaging/install.sh"), [verb], new Dictionary<string, string>
        {
            ["DESTDIR"] = Root,
            ["PREFIX"] = Prefix,
            ["BINARY"] = Repository.Ueventctl,
            ["SYSTEMD_VERSION"] = $"{SystemdVersion}",
        });
        process.CloseInput();
        Assert.True(process.WaitForExit(Deadline.Default) == 0, process.Error);
    }

    /// <summary>All files, as paths below the root.</summary>
    public IReadOnlyList<string> Files() =>
        [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Select(file => file[Root.Length..]).Order(StringComparer.Ordinal)];

    /// <summary>Runs systemd-analyze to its end.</summary>
    public static CommandResult Analyze(params string[] arguments)
    {
        using var process = RunningProcess.Start(Requires.Tool("systemd-analyze"), ["--no-pager", .. arguments]);
        process.CloseInput();
        var code = process.WaitForExit(Deadline.Default);
        return new CommandResult("systemd-analyze " + string.Join(' ', arguments), code, process.Output, process.Error);
    }

    public void Dispose() => _root.Dispose();
}
