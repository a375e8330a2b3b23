using System.Globalization;
using UeventManager.Netlink;

namespace UeventManager.Commands.Forwarding;

/// <summary>A network namespace that receives events, as the user named it.</summary>
/// <param name="Name">Its name in messages.</param>
/// <param name="Path">Its file; null for the forwarder's own namespace.</param>
/// <param name="Pid">The process whose namespace it is, if the user named a process.</param>
internal sealed record ForwardPlace(string Name, string? Path, int? Pid = null)
{
    /// <summary>The forwarder's own namespace.</summary>
    public static ForwardPlace Own { get; } = new("this network namespace", null);

    /// <summary>The namespace of a process.</summary>
    public static ForwardPlace OfProcess(int pid) => new($"the network namespace of process {pid}", $"/proc/{pid}/ns/net", pid);

    /// <summary>
    /// False if a process is known to be in another network namespace. <c>ip netns exec</c> shares the host's mounts, and so the socket of the host's
    /// udevd.
    /// </summary>
    /// <param name="pid">The process; 0 if it is not visible here.</param>
    public bool MayBeThatOf(int pid) => pid == 0 || FileIdentity.Follow($"/proc/{pid}/ns/net") is not { } other || other == FileIdentity.Follow(Path ?? "/proc/self/ns/net");

    /// <summary>
    /// The uid of root in the namespace, as seen here: clients believe only messages from it. It comes from the user namespace that owns the network
    /// namespace; any process in there shows its uid map.
    /// </summary>
    /// <exception cref="IOException">Root is not mapped there, or no process shows the map.</exception>
    public uint RootUid(NamespaceFile file)
    {
        FileIdentity? own = FileIdentity.Follow("/proc/self/ns/user");
        FileIdentity? owner = file.Owner();
        if (owner is null || owner == own)
            return UidMap.Own;
        IEnumerable<int> candidates = Pid is { } named ? [named] : [];
        foreach (int pid in candidates.Concat(Processes()))
        {
            if (FileIdentity.Follow($"/proc/{pid}/ns/user") != owner)
                continue;
            return MapOf(pid) is { } map
                ? UidMap.OutsideOf(0, map) ?? throw new IOException($"{Name}: root is not mapped in its user namespace, so libudev there accepts no sender (map it, or mount the daemon's socket)")
                : throw new IOException($"/proc/{pid}/uid_map cannot be read (run it as root)");
        }
        throw new IOException($"{Name}: no process runs in its user namespace, so the uid of its root cannot be found (name a process with --pid)");
    }

    private static string? MapOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/uid_map");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<int> Processes() => Directory.EnumerateDirectories("/proc")
        .Select(static path => int.TryParse(System.IO.Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0)
        .Where(static pid => pid > 0);
}
