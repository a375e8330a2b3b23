using System.Net.Sockets;

namespace UeventManager.Varlink;

/// <summary>The socket file that clients connect to.</summary>
public static class ListeningSocket
{
    private const int NoSuchDevice = 6; // ENXIO: what open(2) says of a socket

    /// <summary>
    /// Binds and listens. The file appears complete, with its mode and able to accept, by a rename; one that a dead daemon left is replaced.
    /// A missing directory is made.
    /// </summary>
    /// <param name="path">Where the socket file shall be.</param>
    /// <param name="mode">Who may connect: those with the right to write.</param>
    /// <param name="group">Group of the file; null for the process's own.</param>
    /// <param name="backlog">Connections that wait to be accepted; the kernel cuts it to net.core.somaxconn.</param>
    /// <returns>A listening socket that does not block.</returns>
    /// <exception cref="ListeningSocketException">A daemon lives there, something else stands there, or it may not be bound.</exception>
    public static Socket Open(string path, UnixFileMode mode, uint? group = null, int backlog = 4096)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string temporary = path + "~";
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory)
                Directory.CreateDirectory(directory);
            ThrowIfTaken(path);
            File.Delete(temporary);
            socket.Bind(EndPoint(temporary));
            // The group first: until then nobody but the owner may connect.
            File.SetUnixFileMode(temporary, mode & (UnixFileMode.UserRead | UnixFileMode.UserWrite));
            if (group is { } gid && LibC.chown(temporary, uint.MaxValue, gid) != 0)
                throw new ListeningSocketException(path, $"its group cannot be {gid}: errno {LibC.Errno} (name a --socket-group that this process is a member of)");
            File.SetUnixFileMode(temporary, mode);
            socket.Listen(backlog);
            File.Move(temporary, path, overwrite: true);
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

    private static void ThrowIfTaken(string path)
    {
        if (Directory.Exists(path))
            throw new ListeningSocketException(path, "it is a directory (remove it, or name another --socket)");
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Blocking = false;
            probe.Connect(EndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            if (!IsSocket(path))
                throw new ListeningSocketException(path, "it is no socket (remove it, or name another --socket)");
            return;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
        {
            // Its backlog is full: somebody lives there.
        }
        throw new ListeningSocketException(path, "a daemon is already running there (stop it, or name another --socket)");
    }

    // connect(2) says ECONNREFUSED of a regular file too. Opened for reading and writing, not even a FIFO blocks.
    private static bool IsSocket(string path)
    {
        try
        {
            File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite).Dispose();
            return false;
        }
        catch (IOException e)
        {
            return e.HResult == NoSuchDevice;
        }
    }

    private static UnixDomainSocketEndPoint EndPoint(string path)
    {
        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new ListeningSocketException(path.TrimEnd('~'), "the path is longer than the 106 bytes that fit a socket's address", e);
        }
    }
}

/// <summary>The daemon's socket cannot be bound.</summary>
public sealed class ListeningSocketException : IOException
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
