using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Uevents;
using UeventManager.Netlink;

namespace UeventManager.Commands.Forwarding;

/// <summary>Formats messages for the listeners and sends them.</summary>
/// <param name="options">The format, and the log.</param>
/// <param name="targets">The receiving namespaces.</param>
/// <param name="settled">The tags of a settled device.</param>
/// <param name="unsettled">The tags of any other device.</param>
internal sealed class ForwardMessages(ForwardOptions options, ForwardTargets targets, TagSet settled, TagSet unsettled)
{
    private static readonly TagSet NoTags = new([]);

    private readonly UdevMessageWriter _udev = new();
    private readonly KernelMessageWriter _kernel = new();
    private readonly ByteBuffer _properties = new(4096);
    private readonly ByteBuffer _block = new();
    private bool _saidShortened;

    /// <summary>Call before the first message of a reply: namespaces with another sender are dropped here.</summary>
    public void BeginReply() => targets.DropWhereUdevdIsHeard();

    /// <summary>Sends an event of a device.</summary>
    /// <param name="action">The action.</param>
    /// <param name="device">The device.</param>
    /// <param name="said">The event; null if the device comes from a state.</param>
    /// <param name="seqnum">The SEQNUM; not 0, which clients reject.</param>
    public void Send(ReadOnlySpan<byte> action, ForwardedDevice device, ForwardedEvent? said, long seqnum)
    {
        TagSet all = device.WasSettled ? settled : unsettled;
        Send(action, device.Block, said, seqnum, device.InitializedUsec, all, device.IsSettled ? settled : unsettled);
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
        long before = _udev.Shortened;
        if (_udev.TryWrite(_properties.Written, bloom, out Memory<byte> message))
            targets.Send(message);
        else
            options.Say($"{PathIn(block)}: does not fit into a message of {UdevMessageWriter.MaxBytes} bytes, even without optional properties; not sent");
        if (_udev.Shortened == before || _saidShortened)
            return;
        _saidShortened = true;
        options.Say($"{PathIn(block)}: left out of a message of {UdevMessageWriter.MaxBytes} bytes: {string.Join(", ", _udev.Shed)} (logged once; the database has them)");
    }

    private void SendKernel(ReadOnlySpan<byte> block)
    {
        bool injects = options.Format == ForwardFormat.Kernel;
        if (_kernel.TryWrite(_properties.Written, injects ? BroadcastSocket.InjectionHeadBytes : 0, withSeqnum: !injects, out Memory<byte> text))
            targets.Send(text);
        else
            options.Say($"{PathIn(block)}: does not fit into a message of {KernelMessageWriter.MaxBytes} bytes; not sent");
    }

    private static string PathIn(ReadOnlySpan<byte> block) =>
        PropertyBlock.TryGet(block, "DEVPATH"u8, out ReadOnlySpan<byte> path) ? Encoding.UTF8.GetString(path) : "a device without a path";
}
