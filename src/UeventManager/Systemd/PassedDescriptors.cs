using System.Globalization;
using Tmds.Linux;

namespace UeventManager.Systemd;

/// <summary>The kinds of passed descriptors.</summary>
internal enum PassedKind
{
    /// <summary>Not usable here.</summary>
    Other,

    /// <summary>A netlink socket of NETLINK_KOBJECT_UEVENT in group 1, the kernel's.</summary>
    Uevents,

    /// <summary>The same in group 2, udevd's.</summary>
    UdevEvents,

    /// <summary>A listening AF_UNIX stream socket.</summary>
    Listening,

    /// <summary>A regular file, such as a memfd.</summary>
    File,
}

/// <summary>
/// The descriptors that the service manager passed at start (sd_listen_fds(3)): from its socket units, and from its descriptor store. A descriptor's
/// kind decides its use; if several have the same kind, its name does.
/// </summary>
internal sealed unsafe class PassedDescriptors : IDisposable
{
    /// <summary>Name of the kernel's socket.</summary>
    public const string KernelName = "kernel";

    /// <summary>Name of the socket for udevd's broadcasts.</summary>
    public const string UdevName = "udev";

    /// <summary>Name of the subscribers' socket.</summary>
    public const string SubscribersName = "subscribers";

    /// <summary>Name of the previous run's hand-over.</summary>
    public const string StateName = "state";

    private const int First = 3; // SD_LISTEN_FDS_START
    private const int Most = 64;
    private readonly List<(int Descriptor, string Name, PassedKind Kind)> _all = [];

    /// <summary>Takes the descriptors passed to this process; later calls, and child processes, find none.</summary>
    public static PassedDescriptors Take()
    {
        var passed = new PassedDescriptors();
        var pid = Environment.GetEnvironmentVariable("LISTEN_PID");
        var count = Environment.GetEnvironmentVariable("LISTEN_FDS");
        var names = Environment.GetEnvironmentVariable("LISTEN_FDNAMES")?.Split(':') ?? [];
        foreach (var variable in (string[])["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"])
            Environment.SetEnvironmentVariable(variable, null);
        if (pid != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > Most)
            return passed;
        for (var i = 0; i < number; i++)
        {
            var descriptor = First + i;
            if (LibC.fcntl(descriptor, LibC.F_SETFD, LibC.FD_CLOEXEC) == 0)
                passed._all.Add((descriptor, i < names.Length ? names[i] : "", KindOf(descriptor)));
        }
        return passed;
    }

    /// <summary>Takes a descriptor of a kind: the one with that name, else the first; null if there is none. The caller must close it.</summary>
    public int? Take(PassedKind kind, string name)
    {
        var index = _all.FindIndex(one => one.Kind == kind && one.Name == name);
        if (index < 0)
            index = _all.FindIndex(one => one.Kind == kind);
        if (index < 0)
            return null;
        var descriptor = _all[index].Descriptor;
        _all.RemoveAt(index);
        return descriptor;
    }

    /// <summary>Closes the descriptors that were not taken.</summary>
    public void Dispose()
    {
        foreach (var (descriptor, _, _) in _all)
            _ = LibC.close(descriptor);
        _all.Clear();
    }

    private static PassedKind KindOf(int descriptor)
    {
        statx data;
        fixed (byte* empty = "\0"u8)
        {
            if (LibC.statx(descriptor, empty, LibC.AT_EMPTY_PATH, LibC.STATX_TYPE, &data) == 0 && (data.stx_mode & LibC.S_IFMT) == LibC.S_IFREG)
                return PassedKind.File;
        }
        sockaddr_storage address;
        socklen_t length = sizeof(sockaddr_storage);
        if (LibC.getsockname(descriptor, (sockaddr*)&address, &length) != 0)
            return PassedKind.Other;
        if (address.ss_family == LibC.AF_NETLINK)
            return Option(descriptor, LibC.SO_PROTOCOL) != LinuxApi.NETLINK_KOBJECT_UEVENT ? PassedKind.Other
                : ((LinuxApi.sockaddr_nl*)&address)->nl_groups == 2 ? PassedKind.UdevEvents : PassedKind.Uevents;
        return address.ss_family == LibC.AF_UNIX && Option(descriptor, LibC.SO_ACCEPTCONN) == 1 ? PassedKind.Listening : PassedKind.Other;
    }

    private static int Option(int descriptor, int option)
    {
        int value;
        socklen_t length = sizeof(int);
        return LibC.getsockopt(descriptor, LibC.SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
    }
}
