using System.Text;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Udev;
using UeventManager.Daemon;
using UeventManager.Udev;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// udev's database for clients of the forwarder. An unchanged entry is not written again, because writing is the largest cost of an event.
/// </summary>
/// <param name="directory">udev's directory.</param>
/// <param name="settled">The tags of a settled device.</param>
/// <param name="unsettled">The tags of any other device.</param>
/// <param name="say">Writes a line to the log.</param>
internal sealed class ForwardDatabase(UdevDirectory directory, TagSet settled, TagSet unsettled, Action<string> say)
{
    // On a full disk clients still get messages; these entries are written once there is room.
    private readonly HashSet<ForwardedDevice> _unwritten = [];
    private readonly ByteBuffer _entry = new(1024);
    private readonly ByteBuffer _id = new(64);

    /// <summary>Writes a device's entry if it has one and it has changed. An entry that cannot be written is tried again at later events.</summary>
    public void Write(ForwardedDevice device)
    {
        if (!TryWrite(device) || _unwritten.Count == 0)
            return;
        foreach (ForwardedDevice other in _unwritten.ToArray())
        {
            if (!TryWrite(other))
                return;
        }
        say("the database can be written again, and is up to date");
    }

    private bool TryWrite(ForwardedDevice device)
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
            return true;
        TagSet all = device.WasSettled ? settled : unsettled;
        _entry.Clear();
        DeviceText.DatabaseEntry(_entry, device.Block, all, device.IsSettled ? settled : unsettled, device.InitializedUsec);
        if (_entry.Written.SequenceEqual(device.Entry.Written))
            return true;
        device.Entry.Clear();
        try
        {
            directory.Write(device.Id.Written, _entry.Written);
            directory.Tag(device.Id.Written, all.Names);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_unwritten.Count == 0)
                say($"{e.Message}; messages are sent, and the database is written once that is possible (logged once)");
            _unwritten.Add(device);
            return false;
        }
        device.Entry.Append(_entry.Written);
        _unwritten.Remove(device);
        return true;
    }

    /// <summary>Deletes a device's entry.</summary>
    public void Delete(ForwardedDevice device)
    {
        if (device.Id.Length > 0)
            directory.Delete(device.Id.Written, settled.Names);
        device.Entry.Clear();
        _unwritten.Remove(device);
    }

    /// <summary>Deletes the entries of all other devices.</summary>
    public void DeleteAllBut(IEnumerable<ForwardedDevice> devices) =>
        directory.DeleteAllBut(devices.Select(static device => Encoding.Latin1.GetString(device.Id.Written)).ToHashSet(StringComparer.Ordinal), settled.Names);

    /// <summary>Reports whether events are still to be forwarded.</summary>
    public void SetPending(bool pending)
    {
        try
        {
            directory.SetPending(pending);
        }
        catch (IOException)
        {
            // The disk has no room for an empty file. The failed writes of entries are reported.
        }
    }

    // An existing entry has the time already: it is of an earlier run, or of a udevd that ran here.
    private long FirstSeen(ReadOnlySpan<byte> id)
    {
        if (id.IsEmpty)
            return Monotonic.NowUsec;
        // Large enough for the links and the priority, which come first.
        Span<byte> buffer = stackalloc byte[4096];
        return UdevEntry.InitializedUsec(Encoding.UTF8.GetString(directory.Read(id, buffer))) is var usec and > 0 ? usec : Monotonic.NowUsec;
    }
}
