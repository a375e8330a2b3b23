using Tmds.Linux;

namespace UeventManager.Systemd;

/// <summary>
/// Readiness as s6 (<c>notification-fd</c>) and dinit (<c>ready-notification = pipefd:N</c>) take it: one line on a descriptor that they passed, and
/// then its end. They know no other news.
/// </summary>
internal sealed unsafe class ReadyDescriptor : DescriptorHandle
{
    private ReadyDescriptor(int descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Takes over a descriptor that this process was started with.</summary>
    /// <returns>Null if there is none of that number that can be written to.</returns>
    public static ReadyDescriptor? Take(int descriptor)
    {
        // What came over exec() does not close on the next one; what this program has opened itself does.
        var state = LibC.fcntl(descriptor, LibC.F_GETFD);
        if (state < 0 || (state & LibC.FD_CLOEXEC) != 0 || (LibC.fcntl(descriptor, LibC.F_GETFL) & LibC.O_ACCMODE) == LibC.O_RDONLY)
            return null;
        // Nothing that this process starts may keep the supervisor waiting.
        _ = LibC.fcntl(descriptor, LibC.F_SETFD, LibC.FD_CLOEXEC);
        return new ReadyDescriptor(descriptor);
    }

    /// <summary>Says that the service is up. A supervisor that has gone, or has given up, is not waited for.</summary>
    public void Ready()
    {
        var line = (byte)'\n';
        // SIGPIPE is ignored by the runtime.
        _ = LibC.write(Descriptor, &line, 1);
        Dispose();
    }
}
