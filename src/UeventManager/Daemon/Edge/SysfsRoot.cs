using UeventManager.Sysfs;

namespace UeventManager.Daemon.Edge;

/// <summary>Opens the root of sysfs. Below a <c>/sys</c> where nothing is mounted there are no devices, which would be announced as the truth.</summary>
internal static class SysfsRoot
{
    /// <summary>Opens it.</summary>
    /// <exception cref="IOException">It cannot be opened, or is not a sysfs and must be one.</exception>
    public static SysfsTree Open(DaemonOptions options)
    {
        var tree = SysfsTree.Open(options.Sysfs);
        if (Problem(tree, options) is not { } problem)
            return tree;
        tree.Dispose();
        throw new IOException(problem);
    }

    /// <summary>What is wrong with an opened root, and how to mend it; null if nothing is.</summary>
    public static string? Problem(SysfsTree tree, DaemonOptions options) => !options.MustBeSysfs || tree.IsSysfs ? null
        : $"{tree.Path} is not a sysfs (mount one: mount -t sysfs sysfs {tree.Path}; or name another tree by --sysfs, which is taken as it is)";
}
