using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.RealClients;

/// <summary>Programs of Debian's packages, unpacked and never installed, each in a mount namespace of its own inside a sandbox.</summary>
internal static class ClientTree
{
    /// <summary>What to do where a package is missing.</summary>
    public const string Fix = "run tests/unpack-clients.sh as root, or `make client-test`";

    /// <summary>Of this machine's own release.</summary>
    public const string OwnRelease = "clients";

    /// <summary>libvirt alone, of Debian 13.</summary>
    public const string Trixie = "clients-trixie";

    /// <summary>Starts one.</summary>
    /// <param name="sandbox">Where.</param>
    /// <param name="sysfs">Its sysfs; null for the sandbox's.</param>
    /// <param name="udev">Its /run/udev.</param>
    /// <param name="needs">The program that must have been unpacked.</param>
    /// <param name="command">What is run, with arguments.</param>
    public static RunningProcess Start(Sandbox sandbox, FakeSysfs? sysfs, string udev, string needs, params IReadOnlyList<string> command) =>
        StartOf(OwnRelease, sandbox, sysfs, udev, needs, command);

    /// <summary>Starts one of a certain release.</summary>
    public static RunningProcess StartOf(string release, Sandbox sandbox, FakeSysfs? sysfs, string udev, string needs, params IReadOnlyList<string> command)
    {
        var root = Path.Combine(Repository.Root, "artifacts/tools", release, "tree");
        Require(root, needs == "python3" ? ["lib/python3/dist-packages/pyudev/__init__.py"] : [$"bin/{needs}", $"sbin/{needs}"]);
        return sandbox.Start([Path.Combine(Repository.Root, "tests/UeventManager.KernelTests/Harness/clients.sh"), root, sysfs?.Root ?? "-", udev, .. command]);
    }

    /// <summary>Runs a program beside another one, in its mounts.</summary>
    public static RunningProcess Beside(Sandbox sandbox, RunningProcess other, params IReadOnlyList<string> command) =>
        sandbox.Start(["nsenter", "-t", $"{other.Pid}", "-m", "--", .. command]);

    /// <summary>Runs one to its end and returns what it says.</summary>
    public static string Ask(Sandbox sandbox, RunningProcess other, params IReadOnlyList<string> command)
    {
        using var process = Beside(sandbox, other, command);
        process.CloseInput();
        var code = process.WaitForExit(Deadline.Default);
        return code == 0 ? process.Output : $"exit {code}: {process.Error}";
    }

    private static void Require(string root, params IReadOnlyList<string> places)
    {
        if (!places.Any(place => File.Exists(Path.Combine(root, "usr", place))))
            Assert.Skip($"needs the unpacked package of {Path.GetFileName(places[0])}: {Fix}");
    }
}
