using UeventManager.Netlink;

namespace UeventManager.Commands.Forwarding;

/// <summary>One namespace that is told of events. One thread at a time uses it.</summary>
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
        // What was lost before is nobody's of ours.
        _drops?.Count(Groups);
    }

    /// <summary>Which.</summary>
    public ForwardPlace Place { get; }

    /// <summary>The namespace itself, whatever its name.</summary>
    public FileIdentity? Identity { get; }

    /// <summary>Opens a namespace.</summary>
    /// <exception cref="IOException">It does not exist, another forwarder serves it, or it may not be told.</exception>
    public static ForwardTarget Open(ForwardPlace place, ForwardFormat format)
    {
        if (place.Path is not { } path)
            return Open(place, format, FileIdentity.Follow("/proc/self/ns/net"), UidMap.Own);
        using NamespaceFile file = NamespaceFile.Open(path);
        uint uid = format == ForwardFormat.Kernel ? UidMap.Own : place.RootUid(file);
        return file.Run(() => Open(place, format, file.Identity, uid));
    }

    /// <summary>Sends one message.</summary>
    /// <param name="message">As the format has it.</param>
    /// <returns>What is to be said, or null.</returns>
    public string? Send(Memory<byte> message)
    {
        int errno = _format switch
        {
            ForwardFormat.Kernel => _socket.Inject(message.Span),
            ForwardFormat.Libudev => _socket.Send(message.Span, BroadcastSocket.UdevGroups, _uid),
            _ => _socket.Send(message.Span, BroadcastSocket.LibudevZeroGroups, _uid),
        };
        return errno != 0 && _failures++ == 0
            ? $"{Place.Name}: {new SystemCallException("send", null, errno).Message}; its messages are not taken (said once, and counted)"
            : null;
    }

    /// <summary>What is to be said of listeners that were too slow, or null: once, when they begin to lose messages.</summary>
    public string? Losses()
    {
        bool isFirst = _lost == 0;
        _lost += _drops?.Count(Groups) ?? 0;
        return isFirst && _lost > 0
            ? $"{Place.Name}: listeners that were too slow have lost {_lost} messages (said once, and counted; a larger receive buffer in them helps)"
            : null;
    }

    /// <summary>What is to be said at the end, or null: how much was lost and refused in all.</summary>
    public string? Sum()
    {
        _lost += _drops?.Count(Groups) ?? 0;
        return _lost + _failures == 0 ? null : $"{Place.Name}: {_lost} messages were lost by listeners that were too slow, and {_failures} not taken by the kernel, in all";
    }

    private uint Groups => _format switch { ForwardFormat.Kernel => 1, ForwardFormat.Libudev => BroadcastSocket.UdevGroups, _ => BroadcastSocket.LibudevZeroGroups };

    /// <summary>Whether udevd was heard there: two senders would tell every client everything twice.</summary>
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

    /// <summary>False once the namespace's name is gone, or stands for another one: the socket would keep it alive for ever.</summary>
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
            ?? throw new IOException($"{place.Name}: another forwarder tells it already (end that one first; ss -xa in the namespace shows @{LockName})");
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
