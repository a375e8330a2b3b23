using System.Globalization;
using Tmds.Linux;
using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>
/// The device nodes: devtmpfs_create_node() creates a node at the device's add; without devtmpfs (in a container) another program creates it later.
/// </summary>
internal sealed class DeviceNodes
{
    /// <summary>The default directory.</summary>
    public const string DefaultPath = "/dev";

    private const string Prefix = "/dev/";
    private readonly string _root;

    /// <summary>Sets the directory that represents <c>/dev</c>.</summary>
    public DeviceNodes(string root = DefaultPath) => _root = root;

    /// <summary>True if the device's own node exists: with its name, type and numbers, and not behind a symlink.</summary>
    public bool Exists(DeviceIdentity identity) => Ask(identity).Exists;

    internal Answer Ask(in DeviceIdentity identity)
    {
        if (identity.DevName is not { Length: > 0 } name
            || !uint.TryParse(identity.Major, NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !uint.TryParse(identity.Minor, NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
        {
            return Answer.Absent;
        }
        // The kernel sends DEVNAME without /dev/, udev's own datagrams have it with /dev/.
        if (name.StartsWith(Prefix, StringComparison.Ordinal))
            name = name[Prefix.Length..];
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        var root = FileCalls.Open(LibC.AT_FDCWD, PathText.Encode(_root, buffer), LibC.O_PATH | LibC.O_DIRECTORY);
        if (root < 0)
            return Missing(root);
        var path = name.StartsWith('/') ? default : PathText.Encode(name, buffer);
        var fd = path.IsEmpty ? -LibC.ENOENT : ContainedOpen.Beneath(root, path, LibC.O_PATH);
        FileCalls.Close(root);
        if (fd < 0)
            return Missing(fd);
        var error = FileCalls.Stat(fd, "\0"u8, LibC.AT_EMPTY_PATH, LibC.STATX_TYPE, out var data);
        FileCalls.Close(fd);
        if (error < 0)
            return Missing(error);
        return (data.stx_mode & LibC.S_IFMT) == (identity.IsBlock ? LibC.S_IFBLK : LibC.S_IFCHR)
            && data.stx_rdev_major == major && data.stx_rdev_minor == minor ? Answer.Present : Answer.Absent;
    }

    private static Answer Missing(int error) => LookErrors.IsAbsence(error) ? Answer.Absent : Answer.Unknown(-error);
}
