namespace UeventManager.KernelTests.Harness;

/// <summary>One line of <c>/proc/net/netlink</c>: the kernel's own account of a uevent socket.</summary>
public sealed record NetlinkListener(uint Port, uint Groups, long Drops)
{
    /// <summary>The uevent sockets of the sandbox that listen to group 1.</summary>
    public static IReadOnlyList<NetlinkListener> Of(Sandbox sandbox) =>
    [
        .. sandbox.Run("cat /proc/self/net/netlink").Ok().Lines
            .Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(columns => columns[1] == $"{Syscalls.NETLINK_KOBJECT_UEVENT}")
            .Select(columns => new NetlinkListener(uint.Parse(columns[2]), Convert.ToUInt32(columns[3], 16), long.Parse(columns[8])))
            .Where(socket => (socket.Groups & 1) != 0),
    ];
}
