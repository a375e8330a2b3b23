using UeventManager.Sysfs;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// Opens the root of sysfs. An empty <c>/sys</c> without a mount must be refused, because it would be announced as a machine without devices.
/// </summary>
internal static class SysfsRoot
{
    /// <summary>Opens the root.</summary>
    /// <exception cref="IOException">It cannot be opened, or must be a sysfs and is not.</exception>
    public static SysfsTree Open(DaemonOptions options)
    {
        var tree = SysfsTree.Open(options.Sysfs);
        if (Problem(tree, options) is not { } problem)
            return tree;
        tree.Dispose();
        throw new IOException(problem);
    }

    /// <summary>The problem of an opened root, with its solution; null if there is none.</summary>
    public static string? Problem(SysfsTree tree, DaemonOptions options) => !options.MustBeSysfs || tree.IsSysfs ? null
        : $"{tree.Path} is not a sysfs (mount one: mount -t sysfs sysfs {tree.Path}; or name another tree with --sysfs, which is used as it is)";
}
