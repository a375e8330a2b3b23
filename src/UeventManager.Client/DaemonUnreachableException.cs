using System.Net.Sockets;

namespace UeventManager.Client;

/// <summary>The daemon cannot be connected to, or the connection to it was lost.</summary>
public sealed class DaemonUnreachableException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The problem, with its solution.</param>
    /// <param name="inner">The system's error.</param>
    public DaemonUnreachableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>Creates the exception for a failed connect.</summary>
    /// <param name="path">The socket file.</param>
    /// <param name="inner">The system's error.</param>
    /// <returns>The exception; its message names the solution.</returns>
    internal static DaemonUnreachableException At(string path, Exception inner) => new($"{path}: {Reason(inner)}", inner);

    // .NET has no names for most errors of connect(2) on a path: ENOENT comes as AddressNotAvailable.
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

/// <summary>The peer sent something that is not Varlink.</summary>
public sealed class VarlinkProtocolException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">The problem.</param>
    /// <param name="inner">The JSON reader's error.</param>
    public VarlinkProtocolException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
