using Tmds.Linux;

namespace UeventManager.Systemd;

/// <summary>
/// Readiness for s6 (<c>notification-fd</c>) and dinit (<c>ready-notification = pipefd:N</c>): one line on a passed descriptor, which is then closed.
/// They accept no other notifications.
/// </summary>
internal sealed unsafe class ReadyDescriptor : DescriptorHandle
{
    private ReadyDescriptor(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Takes over a descriptor that this process was started with.</summary>
    /// <returns>Null if there is no writable descriptor of that number.</returns>
    public static ReadyDescriptor? Take(int descriptor)
    {
        // An inherited descriptor has no close-on-exec flag; those that this program opened itself do.
        var state = LibC.fcntl(descriptor, LibC.F_GETFD);
        if (state < 0 || (state & LibC.FD_CLOEXEC) != 0 || (LibC.fcntl(descriptor, LibC.F_GETFL) & LibC.O_ACCMODE) == LibC.O_RDONLY)
            return null;
        // No child process may keep the supervisor waiting.
        _ = LibC.fcntl(descriptor, LibC.F_SETFD, LibC.FD_CLOEXEC);
        return new ReadyDescriptor(descriptor);
    }

    /// <summary>Notifies the supervisor. One that has gone, or has given up, is not waited for.</summary>
    public void Ready()
    {
        var line = (byte)'\n';
        // The runtime ignores SIGPIPE.
        _ = LibC.write(Descriptor, &line, 1);
        Dispose();
    }
}
