namespace UeventManager.Client;

/// <summary>Finds the daemon's socket as the command <c>ueventctl</c> does.</summary>
public static class SocketPath
{
    /// <summary>The default socket of the system's daemon.</summary>
    public const string Default = "/run/uevent-manager/socket";

    /// <summary>The environment variable that names another socket.</summary>
    public const string Variable = "UEVENT_MANAGER_SOCKET";

    /// <summary>The socket of a daemon without privileges: below <c>XDG_RUNTIME_DIR</c>; null if that is not set.</summary>
    public static string? OfUser => Below(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"));

    /// <summary>
    /// The socket to use now: the one that <see cref="Variable"/> names; without privileges the user's own daemon's (<see cref="OfUser"/>), if it
    /// exists; else <see cref="Default"/>.
    /// </summary>
    /// <returns>The path; a daemon need not listen there.</returns>
    public static string Find() => Choose(Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess);

    internal static string Choose(Func<string, string?> variable, bool isPrivileged) =>
        variable(Variable) is { Length: > 0 } named ? named
        : !isPrivileged && Below(variable("XDG_RUNTIME_DIR")) is { } own && File.Exists(own) ? own
        : Default;

    private static string? Below(string? directory) =>
        directory is { Length: > 0 } ? Path.Combine(directory, "uevent-manager", "socket") : null;
}
