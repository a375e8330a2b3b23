using System.Text;
using Tmds.Linux;
using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>
/// Answers the questions that cannot block: existence, links, names and nodes run no driver's code. Existence allocates nothing. It has no mutable
/// state, so any thread may use it.
/// </summary>
internal sealed class Prober
{
    // The files that every device has, and no other directory.
    private static readonly string[] s_deviceFiles = ["uevent", "subsystem"];

    private readonly DeviceNodes _nodes;

    /// <summary>Creates a prober.</summary>
    /// <param name="devRoot">The directory of device nodes.</param>
    public Prober(string devRoot = DeviceNodes.DefaultPath) => _nodes = new DeviceNodes(devRoot);

    /// <summary>The most directory entries that the engine's thread looks at itself, some 50 microseconds.</summary>
    internal const int QuickEntries = 256;

    private const int QuickLinks = 64;

    /// <summary>Answers a question about a device like <see cref="Ask(DeviceDirectory, in DeviceIdentity, SysfsQuery)"/>, if that is quick.</summary>
    /// <returns>False if it needs a walk through a large directory: then another thread must answer.</returns>
    public bool TryAsk(DeviceDirectory device, in DeviceIdentity identity, SysfsQuery query, out Answer answer)
    {
        answer = Ask(device, identity, query, QuickEntries);
        return answer.Errno != LibC.ERANGE || query.Kind is not (QueryKind.Names or QueryKind.Links);
    }

    /// <summary>Answers a question about a device; if the question may block, only the part that cannot.</summary>
    public Answer Ask(DeviceDirectory device, in DeviceIdentity identity, SysfsQuery query) => Ask(device, identity, query, GlobWalk.MaxEntries);

    private Answer Ask(DeviceDirectory device, in DeviceIdentity identity, SysfsQuery query, int maxEntries) => query.Kind switch
    {
        QueryKind.Path => Path(device, identity.DevPath, query),
        QueryKind.Names => Names(device, identity.DevPath, query, maxEntries),
        QueryKind.Links => Links(device, identity.DevPath, query, maxEntries),
        QueryKind.DeviceNode => _nodes.Ask(identity),
        QueryKind.Ancestor => new AncestorSearch((above, who, inner) => Ask(above, who, inner)).Ask(device, identity.DevPath, query.OfAncestor!),
        _ => default,
    };

    private static Answer Path(DeviceDirectory device, string devPath, SysfsQuery query)
    {
        if ((query.Needs & QueryNeeds.Link) != 0 && NoLink(device, query.PathBytes.Span) is { } answer)
            return answer;
        var error = Exists(device, devPath, query.PathBytes.Span);
        string? target = null;
        var unknown = LookErrors.Unknown(error);
        if ((query.Needs & QueryNeeds.Link) != 0 && unknown == 0)
            target = LinkTarget(device, devPath, query.Path, query.PathBytes.Span, out unknown);
        if (unknown != 0)
            return Answer.Unknown(unknown);
        return Found(error, target);
    }

    private static Answer Found(int error, string? target) => new()
    {
        Asked = true,
        Exists = error == 0,
        LinkTarget = target,
        Errno = error == 0 || error == -LibC.ENOENT || error == -LibC.ENOTDIR || error == -LibC.ENODEV ? 0 : -error,
    };

    // Most links that a rule attaches do not exist (a virtual interface has neither device nor master), and one call shows it. Null if the link
    // exists, or if the path could leave the tree.
    private static Answer? NoLink(DeviceDirectory device, ReadOnlySpan<byte> path)
    {
        if (!device.Tree.IsSysfs || PathText.MayLeave(path))
            return null;
        Span<byte> first = stackalloc byte[1];
        var length = FileCalls.ReadLink(device.Descriptor, path, first);
        // EINVAL means that the path exists and is not a symlink.
        var error = length == -LibC.EINVAL ? 0 : length;
        return length >= 0 ? null : LookErrors.Unknown(error) is not 0 and var unknown ? Answer.Unknown(unknown) : Found(error, null);
    }

    private static int Exists(DeviceDirectory device, string devPath, ReadOnlySpan<byte> path)
    {
        if (device.Tree.IsSysfs && !PathText.MayLeave(path))
            return FileCalls.Access(device.Descriptor, path);
        if (PathText.IsSingle(path))
        {
            var error = FileCalls.Stat(device.Descriptor, path, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_TYPE, out var data);
            if (error < 0 || ((data.stx_mode & LibC.S_IFMT) != LibC.S_IFLNK && !PathText.MayLeave(path)))
                return error;
        }
        var fd = ContainedOpen.Open(device, devPath, path, LibC.O_PATH);
        if (fd < 0)
            return fd == -LibC.EXDEV ? -LibC.ENOENT : fd;
        FileCalls.Close(fd);
        return 0;
    }

    // Null if there is no link, or the look failed.
    private static string? LinkTarget(DeviceDirectory device, string devPath, string name, ReadOnlySpan<byte> path, out int unknown)
    {
        unknown = 0;
        Span<byte> link = stackalloc byte[PathText.MaxBytes];
        var parent = devPath;
        int length;
        if (PathText.IsSingle(path))
        {
            length = FileCalls.ReadLink(device.Descriptor, path, link);
        }
        else
        {
            if (TreePath.Resolve(device.Tree, devPath, name, followLast: false, out _) is not { } inside)
                return null;
            Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
            var bytes = PathText.EncodeRelative(inside, buffer);
            length = bytes.IsEmpty ? -LibC.ENAMETOOLONG : FileCalls.ReadLink(device.Tree.Descriptor, bytes, link);
            parent = inside[..inside.LastIndexOf('/')];
            if (length >= 0 && device.CheckAlive() is var error and < 0)
                length = error;
        }
        unknown = LookErrors.Unknown(length);
        if (length < 0)
            return null;
        // kernfs_get_target_path() builds the text at the time of the read, relative, from the objects' present places.
        var text = Encoding.UTF8.GetString(link[..length]);
        return device.Tree.IsSysfs
            ? TreePath.Join(parent, text)
            : TreePath.Resolve(device.Tree, parent, text, followLast: true, out _);
    }

    // The devpath of a subdirectory that is a device; null if it is none.
    private static string? Child(DeviceDirectory device, string devPath, string name, ref int unknown)
    {
        if (unknown != 0)
            return null;
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        foreach (var file in s_deviceFiles)
        {
            var path = PathText.EncodeRelative($"/{name}/{file}", buffer);
            var error = path.IsEmpty ? -LibC.ENAMETOOLONG : Exists(device, devPath, path);
            unknown = LookErrors.Unknown(error);
            if (error != 0)
                return null;
        }
        return TreePath.Resolve(device.Tree, devPath, name, followLast: true, out _);
    }

    private static Answer Names(DeviceDirectory device, string devPath, SysfsQuery query, int maxEntries)
    {
        var walk = new GlobWalk(device, devPath, null, maxEntries);
        walk.Run(GlobPath.Of(query)[0]);
        return walk.CouldNotLook
            ? Answer.Unknown(walk.Errno)
            : new Answer { Asked = true, Exists = walk.Count > 0, Count = walk.Count, Errno = walk.Errno };
    }

    // Links to the members of a group, or the members themselves. A link without a target is not a member any more, and a directory that is no device
    // (power/) never was one.
    private static Answer Links(DeviceDirectory device, string devPath, SysfsQuery query, int maxEntries)
    {
        var names = new List<string>();
        var walk = new GlobWalk(device, devPath, names, maxEntries);
        walk.Run(GlobPath.Of(query)[0]);
        if (maxEntries == QuickEntries && (names.Count > QuickLinks || walk.Errno == LibC.ERANGE))
            return new Answer { Asked = true, Errno = LibC.ERANGE };
        var targets = new List<string>(names.Count);
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        names.Sort(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var path = PathText.EncodeRelative($"/{name}", buffer);
            if (path.IsEmpty)
                continue;
            var error = Exists(device, devPath, path);
            var unknown = LookErrors.Unknown(error);
            if (error == 0 && (LinkTarget(device, devPath, name, path, out unknown) ?? Child(device, devPath, name, ref unknown)) is { } target)
                targets.Add(target);
            if (unknown != 0)
                return Answer.Unknown(unknown);
        }
        if (walk.CouldNotLook)
            return Answer.Unknown(walk.Errno);
        return new Answer { Asked = true, Exists = targets.Count > 0, Targets = targets, Errno = walk.Errno };
    }
}
