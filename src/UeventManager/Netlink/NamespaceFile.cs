using System.Runtime.ExceptionServices;
using System.Text;
using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>A network namespace, held open through its file (<c>/run/netns/NAME</c>, <c>/proc/PID/ns/net</c>).</summary>
internal sealed class NamespaceFile : IDisposable
{
    private readonly DescriptorHandle _handle;

    private NamespaceFile(DescriptorHandle handle, FileIdentity identity)
    {
        _handle = handle;
        Identity = identity;
    }

    /// <summary>The identity that distinguishes it from every other namespace.</summary>
    public FileIdentity Identity { get; }

    /// <summary>Opens a namespace.</summary>
    /// <param name="path">The namespace's file.</param>
    /// <exception cref="SystemCallException">There is no such file, or it is not a namespace: <c>ip netns add</c> first creates a file and then
    /// mounts the namespace over it.</exception>
    public static unsafe NamespaceFile Open(string path)
    {
        int fd;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
            fd = LibC.open(name, LibC.O_RDONLY | LibC.O_CLOEXEC, 0);
        if (fd < 0)
            throw new SystemCallException("open", path, LibC.errno);
        var handle = new DescriptorHandle(fd);
        LinuxApi.statfs_data data;
        if (LinuxApi.fstatfs(fd, &data) == 0 && data.f_type == LinuxApi.NSFS_MAGIC && FileIdentity.Of(fd) is { } identity)
            return new NamespaceFile(handle, identity);
        handle.Dispose();
        throw new SystemCallException("open", $"{path}, which is not a namespace", LibC.EINVAL);
    }

    /// <summary>
    /// Runs a function inside the namespace, on a thread of its own. A socket belongs for ever to the namespace in which it was created.
    /// </summary>
    /// <exception cref="SystemCallException">The namespace may not be entered (CAP_SYS_ADMIN).</exception>
    public T Run<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (LibC.setns(_handle.Descriptor, LinuxApi.CLONE_NEWNET) != 0)
                    throw new SystemCallException("setns", "the network namespace", LibC.errno);
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    /// <summary>The user namespace that owns it, or null if the kernel does not report it.</summary>
    public unsafe FileIdentity? Owner()
    {
        using var owner = new DescriptorHandle(LibC.ioctl(_handle.Descriptor, LinuxApi.NS_GET_USERNS, null));
        return owner.IsInvalid ? null : FileIdentity.Of(owner.Descriptor);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
