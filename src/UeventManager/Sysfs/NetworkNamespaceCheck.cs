namespace UeventManager.Sysfs;

/// <summary>
/// Checks whether a sysfs shows the network devices of this process's network namespace: it shows those of the namespace in which it was mounted
/// (sysfs_init_fs_context()), while uevents come from the socket's namespace. After <c>unshare -n</c> alone the two differ.
/// </summary>
/// <remarks>
/// Proof, with CAP_SYS_ADMIN: a new, unattached sysfs is created. kernfs_get_tree() uses one superblock for each
/// namespace, so it has the same device number if and only if it belongs to the same namespace.
/// Without it: the interfaces' names, indices and byte counters are compared with those that this process sees. That finds
/// every difference in names or numbers and every namespace that has had traffic of its own; two namespaces with the
/// same silent interfaces (a lone <c>lo</c> that is down) cannot be distinguished, and the answer is unknown.
/// </remarks>
internal static class NetworkNamespaceCheck
{
    private const int Tries = 5;

    /// <summary>Runs the check.</summary>
    public static NamespaceVerdict Run(SysfsTree tree) => !tree.IsSysfs ? NamespaceVerdict.Unknown
        : ByMount(tree) is { } proven ? proven
        : ByInterfaces(tree);

    /// <summary>The message for the user about <see cref="NamespaceVerdict.Different"/>.</summary>
    public static string Fix(SysfsTree tree) =>
        $"{tree.Path} shows the devices of another network namespace: mount a sysfs of this process's namespace "
        + $"(unshare --mount, then mount -t sysfs sysfs {tree.Path}), or start in the namespace of that sysfs (nsenter --net)";

    internal static NamespaceVerdict? ByMount(SysfsTree tree)
    {
        var own = NamespaceCalls.OwnSysfs();
        if (own < 0)
            return null;
        var same = NamespaceCalls.DeviceOf(own) is { } here && NamespaceCalls.DeviceOf(tree.Descriptor) is { } there
            ? here == there ? NamespaceVerdict.Same : NamespaceVerdict.Different
            : (NamespaceVerdict?)null;
        FileCalls.Close(own);
        return same;
    }

    internal static NamespaceVerdict ByInterfaces(SysfsTree tree)
    {
        // Interfaces may come and go between the readings, so only a lasting difference counts.
        var verdict = NamespaceVerdict.Unknown;
        for (var i = 0; i < Tries; i++)
        {
            var before = InterfaceTable.OfThread();
            var shown = InterfaceTable.OfSysfs(tree);
            var after = InterfaceTable.OfThread();
            if (before is null || after is null || shown is null)
                return NamespaceVerdict.Unknown;
            verdict = Compare(before, shown, after);
            if (verdict != NamespaceVerdict.Different)
                return verdict;
            Thread.Sleep(1 << i);
        }
        return verdict;
    }

    /// <summary>Compares the interfaces in sysfs with those that this process saw before and after; counters only grow.</summary>
    internal static NamespaceVerdict Compare(
        IReadOnlyDictionary<string, InterfaceRow> before,
        IReadOnlyDictionary<string, InterfaceRow> shown,
        IReadOnlyDictionary<string, InterfaceRow> after)
    {
        if (shown.Count != after.Count)
            return NamespaceVerdict.Different;
        var verdict = NamespaceVerdict.Unknown;
        foreach (var (name, row) in shown)
        {
            if (!before.TryGetValue(name, out var low) || !after.TryGetValue(name, out var high)
                || row.Index != high.Index || row.Bytes < low.Bytes || row.Bytes > high.Bytes)
            {
                return NamespaceVerdict.Different;
            }
            if (row.Bytes > 0)
                verdict = NamespaceVerdict.Same;
        }
        return verdict;
    }
}
