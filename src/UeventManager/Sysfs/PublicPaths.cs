using Tmds.Linux;
using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>
/// Tells which files everybody may read. A client that asks the daemon whether an attribute has a value could learn the value bit by bit; so a client
/// gets no answer about a file that it could not read itself, not even whether the file exists.
/// </summary>
internal static class PublicPaths
{
    private const UnixFileMode Listed = UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Whether everybody may know the answer to a question.</summary>
    /// <param name="device">The device.</param>
    /// <param name="devPath">Its devpath.</param>
    /// <param name="query">The question.</param>
    public static bool MayAnswer(DeviceDirectory device, string devPath, SysfsQuery query) => query.Kind switch
    {
        QueryKind.Path => IsPublic(device, devPath, query.Path),
        QueryKind.Names or QueryKind.Links => FixedPart(query.Path) is { } directory && IsPublic(device, devPath, directory),
        // A node in /dev belongs to its group; the other kinds read files outside of sysfs.
        _ => false,
    };

    // A file that does not exist is as public as its directory.
    private static bool IsPublic(DeviceDirectory device, string devPath, string path)
    {
        for (; ; path = path[..path.LastIndexOf('/')])
        {
            var fd = ContainedOpen.Open(device, devPath, [.. System.Text.Encoding.UTF8.GetBytes(path.Length == 0 ? "." : path), 0], LibC.O_PATH);
            if (fd >= 0)
                return IsPublic(fd, device.Tree);
            if (fd != -LibC.ENOENT && fd != -LibC.ENOTDIR)
                return false;
            if (path.Length == 0 || path == ".")
                return false;
            if (!path.Contains('/', StringComparison.Ordinal))
                path = "/";
        }
    }

    private static bool IsPublic(int descriptor, SysfsTree tree)
    {
        try
        {
            // Decides by the real path, because a link may lead anywhere in the tree.
            var real = File.ResolveLinkTarget($"/proc/self/fd/{descriptor}", returnFinalTarget: false)?.FullName;
            if (real is null || (real != tree.RealPath && !real.StartsWith(tree.RealPath + "/", StringComparison.Ordinal)))
                return false;
            var mode = File.GetUnixFileMode(real);
            if (Directory.Exists(real) ? (mode & Listed) != Listed : (mode & UnixFileMode.OtherRead) == 0)
                return false;
            for (var above = Path.GetDirectoryName(real); above is not null && above.Length >= tree.RealPath.Length; above = Path.GetDirectoryName(above))
            {
                if ((File.GetUnixFileMode(above) & Listed) != Listed)
                    return false;
            }
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            FileCalls.Close(descriptor);
        }
    }

    // The fixed directory of a pattern; null if the pattern matches directories too.
    private static string? FixedPart(string glob)
    {
        var slash = glob.LastIndexOf('/');
        var directory = slash < 0 ? "" : glob[..slash];
        return directory.AsSpan().ContainsAny("*?[") || glob.Contains("**", StringComparison.Ordinal) ? null : directory;
    }
}
