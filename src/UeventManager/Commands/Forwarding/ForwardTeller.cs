using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Uevents;
using UeventManager.Daemon;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// Forwards the daemon's events to namespaces and keeps the database of their clients. A device's entry is written before the message about it, and
/// the device is noted as forwarded after the message. One thread uses it; it allocates nothing in a storm.
/// </summary>
/// <param name="messages">Sends the messages.</param>
/// <param name="database">udev's directory; null for formats without one.</param>
/// <param name="told">The record of what was forwarded; null for formats without one.</param>
/// <param name="derived">Reads the properties of udevd's builtins; null for formats without them.</param>
internal sealed class ForwardTeller(ForwardMessages messages, ForwardDatabase? database, ToldFile? told, DerivedProperties? derived)
{
    private readonly ForwardedDevices _devices = told?.Devices ?? new ForwardedDevices();
    private readonly ByteBuffer _cursor = new(128);
    private long _seqnum = told?.Seqnum ?? 1;
    private int _events;

    /// <summary>True to forward the first state too, for clients that already run.</summary>
    public bool TellsInitial { get; init; }

    /// <summary>True until the first state has come, unless an earlier run has forwarded one.</summary>
    private bool IsFirst { get; set; } = told?.Devices is null;

    /// <summary>Takes a device of a state. Pass it to <see cref="TakeState"/> or <see cref="Free"/>.</summary>
    public ForwardedDevice Hear(ForwardedEvent said)
    {
        ForwardedDevice device = _devices.Make(said.DevPath);
        if (_devices.TryGet(said.DevPath, out ForwardedDevice? known))
            device.Derived.Append(known.Derived.Written);
        else
            derived?.Read(said, device.Derived);
        device.Take(said);
        DeviceText.Id(device.Id, device.Block);
        return device;
    }

    /// <summary>Returns a device of a state that was never completed.</summary>
    public void Free(ForwardedDevice device) => _devices.Free(device);

    /// <summary>Forwards the differences between a whole state and what was forwarded: removed, new and changed devices.</summary>
    public void TakeState(IReadOnlyList<ForwardedDevice> state, ReadOnlySpan<byte> cursor)
    {
        messages.BeginReply();
        database?.SetPending(true);
        bool sends = !IsFirst || TellsInitial;
        IsFirst = false;
        foreach (ForwardedDevice gone in _devices.Without(state))
        {
            if (gone.IsTold)
                Leave(gone, null);
            _devices.Drop(gone);
        }
        foreach (ForwardedDevice device in state.Order(InTree.Instance))
            TakeDevice(device, sends);
        database?.DeleteAllBut(_devices.All.Where(static device => device.IsTold));
        told?.Write(cursor, _seqnum, _devices);
        database?.SetPending(false);
    }

    /// <summary>Forwards an event.</summary>
    /// <param name="said">The event.</param>
    /// <param name="cursor">The cursor after the event; the events of a group share one.</param>
    public void Tell(ForwardedEvent said, ReadOnlySpan<byte> cursor)
    {
        if (_events++ == 0)
            messages.BeginReply();
        else if (_events == 2)
            database?.SetPending(true);
        if (_events > 1 && !cursor.SequenceEqual(_cursor.Written))
            Mark();
        _cursor.Clear();
        _cursor.Append(cursor);
        _seqnum = said.Seqnum > 0 ? said.Seqnum : _seqnum;
        if (said.IsKobject)
            TellKobject(said);
        else if (said.Action.SequenceEqual("remove"u8))
            TellRemove(said);
        else
            TellDevice(said);
    }

    /// <summary>Call after the last event of a reply.</summary>
    public void EndReply()
    {
        if (_events == 0)
            return;
        Mark();
        if (_events > 1)
            database?.SetPending(false);
        _events = 0;
    }

    /// <summary>The daemon resumed at the cursor, so nothing was missed, and nothing of an interrupted run is pending.</summary>
    public void Resumed() => database?.SetPending(false);

    /// <summary>The daemon is gone; its next events count as pending.</summary>
    public void Interrupted() => database?.SetPending(true);

    private void Mark() => told?.Mark(_cursor.Written, _seqnum, _devices);

    private void TakeDevice(ForwardedDevice device, bool sends)
    {
        if (_devices.TryGet(device.Path, out ForwardedDevice? known))
        {
            bool isSame = known.IsSame(device);
            if (known.IsTold && !isSame)
                Leave(known, null);
            if (isSame && known.IsTold)
            {
                (device.InitializedUsec, device.WasSettled) = (known.InitializedUsec, known.WasSettled | device.WasSettled);
                device.Entry.Append(known.Entry.Written);
                bool isNews = !known.SaysTheSame(device);
                _devices.Put(device);
                // Unchanged devices are written too, because the directory may be new.
                Enter(device, "change"u8, null, sends && isNews);
                return;
            }
            if (!isSame)
                Derive(device);
        }
        _devices.Put(device);
        Enter(device, "add"u8, null, sends);
    }

    private void TellKobject(ForwardedEvent said)
    {
        messages.SendKobject(said, _seqnum);
    }

    private void TellRemove(ForwardedEvent said)
    {
        if (!_devices.TryGet(said.DevPath, out ForwardedDevice? known))
        {
            messages.SendKobject(said, _seqnum);
            return;
        }
        if (known.IsTold)
        {
            known.Take(said);
            Leave(known, said);
        }
        _devices.Drop(known);
    }

    private void TellDevice(ForwardedEvent said)
    {
        bool moves = !said.OldDevPath.IsEmpty && !said.OldDevPath.SequenceEqual(said.DevPath);
        if (moves && _devices.TryGet(said.OldDevPath, out _))
        {
            told?.NoteMoved(said.OldDevPath, said.DevPath);
            _devices.Move(said.OldDevPath, said.DevPath);
        }
        bool isNew = !_devices.TryGet(said.DevPath, out ForwardedDevice? device);
        if (device is null)
            _devices.Put(device = _devices.Make(said.DevPath));
        if (isNew || moves || said.Action.SequenceEqual("bind"u8))
        {
            device.Derived.Clear();
            derived?.Read(said, device.Derived);
        }
        device.Take(said);
        Enter(device, said.Action, said, sends: true);
    }

    // Writes a device and its entry, before the message about it.
    private void Enter(ForwardedDevice device, ReadOnlySpan<byte> action, ForwardedEvent? said, bool sends)
    {
        if (database is not null)
            database.Write(device);
        else if (device.InitializedUsec == 0)
            device.InitializedUsec = Monotonic.NowUsec;
        device.IsTold = true;
        if (sends)
            messages.Send(action, device, said, _seqnum);
        told?.Note(device);
    }

    private void Leave(ForwardedDevice device, ForwardedEvent? said)
    {
        database?.Delete(device);
        device.IsTold = false;
        messages.Send("remove"u8, device, said, _seqnum);
        told?.NoteRemoved(device.Path);
    }

    private void Derive(ForwardedDevice device)
    {
        if (derived is null)
            return;
        device.Derived.Clear();
        derived.Read(device.Path, device.Property("SUBSYSTEM"u8), device.Property("DEVTYPE"u8), device.Derived);
    }

    // Parents before children.
    private sealed class InTree : IComparer<ForwardedDevice>
    {
        public static InTree Instance { get; } = new();

        public int Compare(ForwardedDevice? x, ForwardedDevice? y) => DevPaths.CompareInTree(x!.Path, y!.Path);
    }
}
