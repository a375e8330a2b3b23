using System.Net.Sockets;

namespace UeventManager.Client;

/// <summary>The daemon cannot be connected to, or the connection to it was lost.</summary>
public sealed class DaemonUnreachableException : IOException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What is wrong, with the fix.</param>
    /// <param name="inner">What the system said.</param>
    public DaemonUnreachableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Makes one of a failed connect.</summary>
    /// <param name="path">The socket file.</param>
    /// <param name="inner">What the system said.</param>
    /// <returns>The exception; its message names the fix.</returns>
    internal static DaemonUnreachableException At(string path, Exception inner) => new($"{path}: {Reason(inner)}", inner);

    // .NET has no names for most of what connect(2) says of a path: ENOENT comes as AddressNotAvailable.
    private static string Reason(Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "no daemon is listening there (start it: ueventctl daemon)",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "permission denied (run it as root, or as a member of the socket's group)",
        SocketException when e.Message.StartsWith("Cannot assign", StringComparison.Ordinal) => NoSocket,
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => NoSocket,
        _ => e.Message,
    };

    private const string NoSocket = "no such socket (start the daemon: systemctl start uevent-manager, or ueventctl daemon; or name its socket with --socket)";
}

/// <summary>What came over the connection is not Varlink.</summary>
public sealed class VarlinkProtocolException : IOException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="inner">What the JSON reader said.</param>
    public VarlinkProtocolException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
