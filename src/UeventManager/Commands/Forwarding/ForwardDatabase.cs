using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Udev;
using UeventManager.Daemon;
using UeventManager.Udev;

namespace UeventManager.Commands.Forwarding;

/// <summary>udev's database as clients of the forwarder read it. What is there already is not written again: that is what an event costs most.</summary>
/// <param name="directory">Where it is.</param>
/// <param name="settled">The tags of a device whose conditions hold.</param>
/// <param name="unsettled">Those of any other.</param>
internal sealed class ForwardDatabase(UdevDirectory directory, TagSet settled, TagSet unsettled)
{
    private readonly ByteBuffer _entry = new(1024);
    private readonly ByteBuffer _id = new(64);

    /// <summary>Writes a device's entry, if it has one and it is another one than before.</summary>
    public void Write(ForwardedDevice device)
    {
        _id.Clear();
        DeviceText.Id(_id, device.Block);
        if (!_id.Written.SequenceEqual(device.Id.Written))
        {
            Delete(device);
            device.Id.Clear();
            device.Id.Append(_id.Written);
        }
        if (device.InitializedUsec == 0)
            device.InitializedUsec = FirstSeen(device.Id.Written);
        if (device.Id.Length == 0)
            return;
        TagSet all = device.WasSettled ? settled : unsettled;
        _entry.Clear();
        DeviceText.DatabaseEntry(_entry, device.Block, all, device.IsSettled ? settled : unsettled, device.InitializedUsec);
        if (_entry.Written.SequenceEqual(device.Entry.Written))
            return;
        directory.Write(device.Id.Written, _entry.Written);
        directory.Tag(device.Id.Written, all.Names);
        device.Entry.Clear();
        device.Entry.Append(_entry.Written);
    }

    /// <summary>Deletes a device's entry.</summary>
    public void Delete(ForwardedDevice device)
    {
        if (device.Id.Length > 0)
            directory.Delete(device.Id.Written, settled.Names);
        device.Entry.Clear();
    }

    /// <summary>Deletes the entries of all other devices.</summary>
    public void DeleteAllBut(IEnumerable<ForwardedDevice> devices) =>
        directory.DeleteAllBut(devices.Select(static device => Encoding.UTF8.GetString(device.Id.Written)).ToHashSet(StringComparer.Ordinal), settled.Names);

    /// <summary>Says that something is still to be told, or that nothing is.</summary>
    public void SetPending(bool pending) => directory.SetPending(pending);

    // An entry that is there already tells when: that of a former run, or of the udevd that was here.
    private long FirstSeen(ReadOnlySpan<byte> id)
    {
        if (id.IsEmpty)
            return Monotonic.NowUsec;
        // Behind the links and the priority.
        Span<byte> buffer = stackalloc byte[4096];
        return UdevEntry.InitializedUsec(Encoding.UTF8.GetString(directory.Read(id, buffer))) is var usec and > 0 ? usec : Monotonic.NowUsec;
    }
}
