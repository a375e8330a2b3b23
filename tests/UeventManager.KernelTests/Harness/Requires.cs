namespace UeventManager.KernelTests.Harness;

/// <summary>What a kernel test needs of the machine. What is missing skips the test with the reason and the fix, never in silence.</summary>
public static class Requires
{
    private const string Fix = "run tests/install-tools.sh as root";

    /// <summary>Namespaces with devices of our own.</summary>
    public static void Sandbox()
    {
        if (Syscalls.EffectiveUser() != 0)
            Assert.Skip("needs root, for a network and mount namespace of its own");
        Tools("unshare", "nsenter", "ip", "mount");
    }

    public static void Tools(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Find(name) is null)
                Assert.Skip($"needs `{name}`: {Fix}");
        }
    }

    /// <summary>The tree in which the distribution's udevd was unpacked, or null where it is installed; skips the test if it is nowhere.</summary>
    public static string? UdevdTree()
    {
        // That of another release: tests/unpack-udev.sh unstable.
        if (Environment.GetEnvironmentVariable("UEVENT_TEST_UDEVD") is { Length: > 0 } suite)
            return Path.Combine(Repository.Root, $"artifacts/tools/udevadm-{suite}/tree");
        if (File.Exists("/usr/lib/systemd/systemd-udevd") || File.Exists("/lib/systemd/systemd-udevd"))
            return null;
        // systemd-udevd is a link to it.
        var tree = Path.Combine(Repository.Root, "artifacts/tools/udev");
        if (!File.Exists(tree + "/usr/bin/udevadm"))
            Assert.Skip($"needs systemd-udevd: {Fix}");
        return tree;
    }

    /// <summary>Time namespaces that a program enters when it is executed.</summary>
    public static void TimeNamespaces(Harness.Sandbox sandbox)
    {
        var tried = sandbox.Run("unshare --time --monotonic 864000 readlink /proc/self/ns/time");
        if (tried.ExitCode != 0 || tried.Output == sandbox.Run("readlink /proc/self/ns/time").Ok().Output)
            Assert.Skip("needs time namespaces that a program enters when it is executed: Linux 6.3 and util-linux 2.36");
    }

    /// <summary>File systems served by a process.</summary>
    public static void Fuse()
    {
        if (!File.Exists("/dev/fuse"))
            Assert.Skip("needs /dev/fuse: load the kernel's module `fuse`, or give the container that device");
    }

    /// <summary>So many files that a process may have open.</summary>
    public static void Descriptors(int count)
    {
        var limit = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        if (limit != "unlimited" && int.Parse(limit, System.Globalization.CultureInfo.InvariantCulture) < count)
            Assert.Skip($"needs {count} open files, and {limit} are allowed: ulimit -Hn {count}");
    }

    /// <summary>Where a tool is; skips the test when it is nowhere.</summary>
    public static string Tool(string name)
    {
        Tools(name);
        return Find(name)!;
    }

    private static string? Find(string name)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        // The system's own first: what stands in somebody's home is not for the unprivileged user that some tests become.
        string[] system = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
        return system.Concat(path.Split(':')).Append(Path.Combine(Repository.Root, "artifacts/tools"))
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
    }
}
