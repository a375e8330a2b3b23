using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace UeventManager.Varlink;

/// <summary>The socket file that clients connect to.</summary>
internal static class ListeningSocket
{
    private const UnixFileMode DirectoryMode = (UnixFileMode)0b111_101_101;
    private const int LongestPath = 106; // 108 bytes of sun_path, without its NUL and the ~ of the temporary name.

    /// <summary>
    /// Binds and listens. The file appears complete, with its mode and able to accept, by a rename; one that a dead daemon left is replaced.
    /// A missing directory is made; one in which others could replace what we make is refused. The mode is the file's from its first
    /// moment on, by the umask, and nothing is ever changed by way of a path.
    /// </summary>
    /// <param name="path">Where the socket file shall be.</param>
    /// <param name="mode">The file's mode: those with the right to write may connect.</param>
    /// <param name="group">Group of the file; null for the process's own.</param>
    /// <param name="backlog">Connections that wait to be accepted; the kernel cuts it to net.core.somaxconn.</param>
    /// <returns>A listening socket that does not block.</returns>
    /// <exception cref="ListeningSocketException">A daemon lives there, something else stands there, or it may not be bound.</exception>
    public static Socket Open(string path, UnixFileMode mode, uint? group = null, int backlog = 4096)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (System.Text.Encoding.UTF8.GetByteCount(path) > LongestPath)
            throw new ListeningSocketException(path, $"the path is longer than the {LongestPath} bytes that fit a socket's address");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            using TrustedDirectory directory = DirectoryOf(path);
            string name = Path.GetFileName(path);
            ThrowIfTaken(directory, name, path);
            Bind(socket, directory, name + "~", path + "~", mode);
            // Nobody can connect before it listens, so the group comes in time.
            if (group is { } gid && directory.ChangeGroup(name + "~", gid) is var errno and not 0)
                throw new ListeningSocketException(path, $"its group cannot be {gid}: {Marshal.GetPInvokeErrorMessage(errno)} (name a --socket-group that this process is a member of)");
            socket.Listen(backlog);
            directory.Rename(name + "~", name);
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is not ListeningSocketException and (IOException or UnauthorizedAccessException or SocketException))
                throw new ListeningSocketException(path, e.Message, e);
            throw;
        }
    }

    private static TrustedDirectory DirectoryOf(string path)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new ListeningSocketException(path, "it is a directory (name another --socket)");
        // A directory that is made here is nobody else's, whatever the umask.
        Directory.CreateDirectory(directory, DirectoryMode);
        return TrustedDirectory.Open(directory, out string? refusal) ?? throw new ListeningSocketException(path, refusal!);
    }

    // bind(2) gives the file all rights but those of the umask, which is the whole process's: its other threads make no files meanwhile.
    private static void Bind(Socket socket, TrustedDirectory directory, string name, string path, UnixFileMode mode)
    {
        directory.Remove(name);
        string inside = directory.PathOf(name);
        string address = inside.Length > LongestPath && path.Length < inside.Length ? path : inside;
        mode_t before = LibC.umask((ushort)(~(uint)mode & 0x1FF));
        try
        {
            if (SocketCalls.Bind((int)socket.Handle, address) is var errno and not 0)
                throw new SystemCallException("bind", path, errno);
        }
        finally
        {
            _ = LibC.umask(before);
        }
    }

    private static void ThrowIfTaken(TrustedDirectory directory, string name, string path)
    {
        if (directory.ModeOf(name) is not { } found)
            return;
        if ((found & LibC.S_IFMT) == LibC.S_IFDIR)
            throw new ListeningSocketException(path, "it is a directory (remove it, or name another --socket)");
        if ((found & LibC.S_IFMT) != LibC.S_IFSOCK)
            throw new ListeningSocketException(path, "it is not a socket (remove it, or name another --socket)");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Blocking = false;
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            // Its backlog is full, so it is in use.
        }
        throw new ListeningSocketException(path, "a daemon is already running there (stop it, or name another --socket)");
    }
}

/// <summary>The daemon's socket cannot be bound.</summary>
internal sealed class ListeningSocketException : IOException
{
    /// <summary>Makes one.</summary>
    /// <param name="path">The socket file.</param>
    /// <param name="reason">Why not.</param>
    /// <param name="inner">What the system said.</param>
    public ListeningSocketException(string path, string reason, Exception? inner = null)
        : base($"{path}: {reason}", inner) => Path = path;

    /// <summary>The socket file.</summary>
    public string Path { get; }
}
