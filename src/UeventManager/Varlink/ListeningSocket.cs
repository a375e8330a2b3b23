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
    /// Binds and listens. A rename makes the socket file appear complete, with its mode and able to accept; a dead daemon's file is replaced. A
    /// missing directory is created; a directory in which others could replace our file is refused. The umask gives the file its mode from its first
    /// moment on, and nothing is ever changed through a path.
    /// </summary>
    /// <param name="path">The socket file.</param>
    /// <param name="mode">The file's mode: users with write permission may connect.</param>
    /// <param name="group">The file's group; null for the process's own.</param>
    /// <param name="backlog">The most connections that wait to be accepted; the kernel limits it to net.core.somaxconn.</param>
    /// <returns>A non-blocking listening socket.</returns>
    /// <exception cref="ListeningSocketException">Another daemon runs there, something else has that path, or the file cannot be bound.</exception>
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
            // No client can connect before the socket listens, so the group is set in time.
            if (group is { } gid && directory.ChangeGroup(name + "~", gid) is var errno and not 0)
                throw new ListeningSocketException(path, $"its group cannot be set to {gid}: {Marshal.GetPInvokeErrorMessage(errno)} (name a --socket-group that this process is a member of)");
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
        // A directory created here must belong to nobody else, whatever the umask is.
        Directory.CreateDirectory(directory, DirectoryMode);
        return TrustedDirectory.Open(directory, out string? refusal) ?? throw new ListeningSocketException(path, refusal!);
    }

    // bind(2) gives the file all permissions except those of the umask, which belongs to the whole process: its other threads must not create files
    // meanwhile.
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
            // A full backlog means that the socket is in use.
        }
        throw new ListeningSocketException(path, "a daemon is already running there (stop it, or name another --socket)");
    }
}

/// <summary>The daemon's socket cannot be bound.</summary>
internal sealed class ListeningSocketException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="path">The socket file.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="inner">The system's error.</param>
    public ListeningSocketException(string path, string reason, Exception? inner = null)
        : base($"{path}: {reason}", inner) => Path = path;

    /// <summary>The socket file.</summary>
    public string Path { get; }
}
