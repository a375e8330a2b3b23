namespace UeventManager.Client;

/// <summary>Where a client looks for the daemon, as the command <c>ueventctl</c> does.</summary>
public static class SocketPath
{
    /// <summary>Where the system's daemon listens unless it was told otherwise.</summary>
    public const string Default = "/run/uevent-manager/socket";

    /// <summary>The environment variable that names another place.</summary>
    public const string Variable = "UEVENT_MANAGER_SOCKET";

    /// <summary>Where a daemon without privileges listens: below <c>XDG_RUNTIME_DIR</c>; null if that is not set.</summary>
    public static string? OfUser => Below(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"));

    /// <summary>
    /// The socket as it is now: what <see cref="Variable"/> names; without privileges that of the user's own daemon (<see cref="OfUser"/>), if
    /// there is one; else <see cref="Default"/>.
    /// </summary>
    /// <returns>The path; nobody need listen there.</returns>
    public static string Find() => Choose(Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess);

    internal static string Choose(Func<string, string?> variable, bool isPrivileged) =>
        variable(Variable) is { Length: > 0 } named ? named
        : !isPrivileged && Below(variable("XDG_RUNTIME_DIR")) is { } own && File.Exists(own) ? own
        : Default;

    private static string? Below(string? directory) =>
        directory is { Length: > 0 } ? Path.Combine(directory, "uevent-manager", "socket") : null;
}
