using UeventManager.Netlink;

namespace UeventManager.Commands.Forwarding;

/// <summary>One receiving namespace. One thread at a time uses it.</summary>
internal sealed class ForwardTarget : IDisposable
{
    private const string LockName = "uevent-manager/forward";

    private readonly ForwardFormat _format;
    private readonly BroadcastSocket _socket;
    private readonly DescriptorHandle _lock;
    private readonly ListenerDrops? _drops;
    private readonly uint _uid;
    private long _failures;
    private long _lost;

    private ForwardTarget(ForwardPlace place, ForwardFormat format, FileIdentity? identity, uint uid, BroadcastSocket socket, DescriptorHandle held)
    {
        (Place, _format, Identity, _uid, _socket, _lock) = (place, format, identity, uid, socket, held);
        _drops = ListenerDrops.Open();
        // Earlier losses are not ours.
        _drops?.Count(Groups);
    }

    /// <summary>The namespace as the user named it.</summary>
    public ForwardPlace Place { get; }

    /// <summary>The identity of the namespace, independent of its name.</summary>
    public FileIdentity? Identity { get; }

    /// <summary>Opens a namespace.</summary>
    /// <exception cref="IOException">It does not exist, another forwarder serves it, or it cannot be served.</exception>
    public static ForwardTarget Open(ForwardPlace place, ForwardFormat format)
    {
        if (place.Path is not { } path)
            return Open(place, format, FileIdentity.Follow("/proc/self/ns/net"), UidMap.Own);
        using NamespaceFile file = NamespaceFile.Open(path);
        uint uid = format == ForwardFormat.Kernel ? UidMap.Own : place.RootUid(file);
        return file.Run(() => Open(place, format, file.Identity, uid));
    }

    /// <summary>Sends one message.</summary>
    /// <param name="message">The message in the target's format.</param>
    /// <returns>A line for the log, or null.</returns>
    public string? Send(Memory<byte> message)
    {
        int errno = _format switch
        {
            ForwardFormat.Kernel => _socket.Inject(message.Span),
            ForwardFormat.Libudev => _socket.Send(message.Span, BroadcastSocket.UdevGroups, _uid),
            _ => _socket.Send(message.Span, BroadcastSocket.LibudevZeroGroups, _uid),
        };
        return errno != 0 && _failures++ == 0
            ? $"{Place.Name}: {new SystemCallException("send", null, errno).Message}; the kernel does not accept its messages (logged once, then counted)"
            : null;
    }

    /// <summary>A line for the log when listeners begin to lose messages because they are too slow; null otherwise.</summary>
    public string? Losses()
    {
        bool isFirst = _lost == 0;
        _lost += _drops?.Count(Groups) ?? 0;
        return isFirst && _lost > 0
            ? $"{Place.Name}: listeners that were too slow have lost {_lost} messages (logged once, then counted; a larger receive buffer in the listener helps)"
            : null;
    }

    /// <summary>A line for the log at the end: how many messages were lost and refused in all; null if none.</summary>
    public string? Sum()
    {
        _lost += _drops?.Count(Groups) ?? 0;
        return _lost + _failures == 0 ? null : $"{Place.Name}: {_lost} messages in all were lost by slow listeners, and {_failures} not accepted by the kernel";
    }

    private uint Groups => _format switch { ForwardFormat.Kernel => 1, ForwardFormat.Libudev => BroadcastSocket.UdevGroups, _ => BroadcastSocket.LibudevZeroGroups };

    /// <summary>Whether udevd sends there too: clients would get every event twice.</summary>
    public bool HearsUdevd()
    {
        if (_format != ForwardFormat.Libudev)
            return false;
        while (_socket.Receive() is { IsEmpty: false } message)
        {
            if (message.StartsWith("libudev\0"u8) && message.IndexOf("\0UEVENT_MANAGER=1\0"u8) < 0)
                return true;
        }
        return false;
    }

    /// <summary>
    /// False once the namespace's name is gone or belongs to another namespace; the socket would keep the namespace alive for ever.
    /// </summary>
    public bool IsThere() => Place.Path is not { } path || FileIdentity.Follow(path) == Identity;

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _drops?.Dispose();
        _lock.Dispose();
    }

    private static ForwardTarget Open(ForwardPlace place, ForwardFormat format, FileIdentity? identity, uint uid)
    {
        DescriptorHandle held = BroadcastSocket.Hold(LockName)
            ?? throw new IOException($"{place.Name}: another forwarder serves it already (end that one first; ss -xa in the namespace shows @{LockName})");
        try
        {
            return new ForwardTarget(place, format, identity, uid, BroadcastSocket.Open(format == ForwardFormat.Libudev ? BroadcastSocket.UdevGroups : 0), held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }
}
