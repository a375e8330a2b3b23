using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>
/// Finds the uid with which the kernel's datagrams arrive: they carry global root, which the reader sees through its user namespace (scm_recv(),
/// from_kuid_munged()).
/// </summary>
internal static class RootMapping
{
    /// <summary>The uid of the parent namespace's root in this namespace, or null if it is not mapped.</summary>
    /// <param name="uidMap">The text of <c>/proc/self/uid_map</c>: lines of inside, outside and count.</param>
    public static uint? UidOfRoot(string uidMap) => UidMap.InsideOf(0, uidMap);

    /// <summary>
    /// The uid of global root for this process, or null. uid_map(5) is relative to the parent namespace, whose root need not be the global one; if
    /// the owner of <c>/proc/sys/kernel</c>, always global root, can be read too, it decides.
    /// </summary>
    internal static uint? OfThisProcess()
    {
        uint? mapped;
        try
        {
            mapped = UidOfRoot(File.ReadAllText("/proc/self/uid_map"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No procfs, or a kernel without user namespaces: then this is the initial one.
            return 0;
        }
        return mapped is { } uid && OwnerOf("/proc/sys/kernel\0"u8) is { } owner && owner != uid ? null : mapped;
    }

    private static unsafe uint? OwnerOf(ReadOnlySpan<byte> path)
    {
        statx data;
        fixed (byte* name = path)
            return LibC.statx(LibC.AT_FDCWD, name, 0, LibC.STATX_UID, &data) == 0 ? data.stx_uid : null;
    }
}
