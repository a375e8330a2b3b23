using UeventManager.Commands.Terminal;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Uevents;
using UeventManager.Netlink;

namespace UeventManager.Commands.Forwarding;

/// <summary>Formats messages for the listeners and sends them.</summary>
/// <param name="options">The format, and the log.</param>
/// <param name="targets">The receiving namespaces.</param>
internal sealed class ForwardMessages(ForwardOptions options, ForwardTargets targets)
{
    private static readonly TagSet NoTags = new([]);

    private readonly UdevMessageWriter _udev = new();
    private readonly KernelMessageWriter _kernel = new();
    private readonly ByteBuffer _properties = new(4096);
    private readonly ByteBuffer _block = new();
    private long _shortened;
    private long _omitted;

    /// <summary>The tags of a device whose conditions hold.</summary>
    public TagSet Settled { get; } = new(["settled", .. options.Tags]);

    /// <summary>Those of any other.</summary>
    public TagSet Unsettled { get; } = new(options.Tags);

    /// <summary>What is to be said at the end of messages that were too long, or null.</summary>
    public string? Sum => _shortened + _omitted == 0 ? null : $"{Counted.Of(_shortened, "message")} {(_shortened == 1 ? "was" : "were")} shortened and {_omitted} not sent, in all: too long";

    /// <summary>Call before the first message of a reply: namespaces with another sender are dropped here.</summary>
    public void BeginReply() => targets.DropWhereUdevdIsHeard();

    /// <summary>Sends an event of a device.</summary>
    /// <param name="action">The action.</param>
    /// <param name="device">The device.</param>
    /// <param name="said">The event; null if the device comes from a state.</param>
    /// <param name="seqnum">The SEQNUM; not 0, which clients reject.</param>
    public void Send(ReadOnlySpan<byte> action, ForwardedDevice device, ForwardedEvent? said, long seqnum)
    {
        TagSet all = device.WasSettled ? Settled : Unsettled;
        Send(action, device.Block, said, seqnum, device.InitializedUsec, all, device.IsSettled ? Settled : Unsettled);
    }

    /// <summary>Sends an event of a kobject that is not a device, or not one that clients know.</summary>
    public void SendKobject(ForwardedEvent said, long seqnum)
    {
        _block.Clear();
        DeviceText.Compose(_block, said.DevPath, said, default);
        Send(said.Action, _block.Written, said, seqnum, 0, NoTags, NoTags);
    }

    private void Send(ReadOnlySpan<byte> action, ReadOnlySpan<byte> block, ForwardedEvent? said, long seqnum, long initializedUsec, TagSet all, TagSet current)
    {
        _properties.Clear();
        DeviceText.Event(_properties, action, block, said, seqnum, initializedUsec, all, current);
        if (options.Format == ForwardFormat.Libudev)
            SendUdev(block, all.Bloom);
        else
            SendKernel(block);
    }

    private void SendUdev(ReadOnlySpan<byte> block, ulong bloom)
    {
        long before = _udev.Shedder.Shortened;
        if (!_udev.TryWrite(_properties.Written, bloom, out Memory<byte> message))
        {
            SayOmitted(block, UdevMessageWriter.MaxBytes);
            return;
        }
        targets.Send(message);
        if (_udev.Shedder.Shortened > before)
            SayShortened(block, UdevMessageWriter.MaxBytes, _udev.Shedder);
    }

    private void SendKernel(ReadOnlySpan<byte> block)
    {
        bool injects = options.Format == ForwardFormat.Kernel;
        int most = injects ? KernelMessageWriter.MaxInjectedBytes : KernelMessageWriter.MaxBytes;
        long before = _kernel.Shedder.Shortened;
        if (!_kernel.TryWrite(_properties.Written, injects ? BroadcastSocket.InjectionHeadBytes : 0, withSeqnum: !injects, out Memory<byte> text))
        {
            SayOmitted(block, most);
            return;
        }
        targets.Send(text);
        if (_kernel.Shedder.Shortened > before)
            SayShortened(block, most, _kernel.Shedder);
    }

    private void SayShortened(ReadOnlySpan<byte> block, int most, PropertyShedder shed)
    {
        if (_shortened++ > 0)
            return;
        string more = shed.Count > shed.Names.Count ? $" and {shed.Count - shed.Names.Count} more" : "";
        options.Say($"{PathIn(block)}: left out of a message of {most} bytes: {string.Join(", ", shed.Names)}{more} (logged once, and counted)");
    }

    private void SayOmitted(ReadOnlySpan<byte> block, int most)
    {
        if (_omitted++ == 0)
            options.Say($"{PathIn(block)}: does not fit into a message of {most} bytes, even without optional properties; not sent (logged once, and counted)");
    }

    private static string PathIn(ReadOnlySpan<byte> block) =>
        PropertyBlock.TryGet(block, "DEVPATH"u8, out ReadOnlySpan<byte> path) ? KernelText.Decode(path) : "a device without a path";
}
