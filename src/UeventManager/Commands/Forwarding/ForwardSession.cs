using UeventManager.Client;
using UeventManager.Client.Testing;
using UeventManager.Core.Uevents;
using UeventManager.Daemon;
using UeventManager.Netlink;
using UeventManager.Udev;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// Tells namespaces what the daemon delivers. One thread at a time: entries are written before the message that tells of them, and what was told is
/// noted behind it.
/// </summary>
internal sealed class ForwardSession
{
    private const string SettledTag = "settled";

    private readonly ForwardOptions _options;
    private readonly ForwardTargets _targets;
    private readonly UdevDirectory? _directory;
    private readonly ToldFile? _told;
    private readonly DerivedProperties _derived;
    private readonly UdevMessageWriter _udevMessages = new();
    private readonly KernelMessageWriter _kernelMessages = new();
    private readonly Dictionary<string, KnownDevice> _known = new(StringComparer.Ordinal);
    private readonly DeviceTable _table;
    private long _seqnum;
    private bool _saidShortened;

    /// <summary>Begins where the last run has ended, if there was one.</summary>
    /// <param name="options">What is forwarded.</param>
    /// <param name="targets">Whom to.</param>
    /// <param name="directory">udev's directory, with libudev's format.</param>
    /// <param name="told">What was told.</param>
    public ForwardSession(ForwardOptions options, ForwardTargets targets, UdevDirectory? directory, ToldFile? told)
    {
        (_options, _targets, _directory, _told) = (options, targets, directory, told);
        _derived = new DerivedProperties(options.Sysfs);
        _table = told?.Devices ?? new DeviceTable();
        _seqnum = told?.Seqnum ?? 1;
        IsFirst = told?.Devices is null;
        foreach (UeventDevice device in _table.Devices.Values)
            Know(device);
    }

    /// <summary>True until a state has come, if no former run has told one.</summary>
    private bool IsFirst { get; set; }

    /// <summary>Subscribes and tells, until it is cancelled.</summary>
    /// <param name="client">The daemon.</param>
    /// <param name="ready">Called once what is there has been told.</param>
    /// <param name="cancel">Ends it, with <see cref="OperationCanceledException"/>.</param>
    public async Task RunAsync(UeventClient client, Action ready, CancellationToken cancel)
    {
        bool isReady = false;
        DeviceFilter? filter = _options.Filters is [var only] ? only : null;
        var subscription = new SubscribeOptions
        {
            Cursor = _told?.Cursor,
            Reconnecting = lost =>
            {
                if (lost.Attempt == 1)
                    _options.Say($"the connection to the daemon was lost ({lost.Reason.Message}); trying until it is back");
            },
        };
        await foreach (Change change in client.SubscribeAsync(filter, subscription, cancel).ConfigureAwait(false))
        {
            Take(change);
            if (isReady)
                continue;
            isReady = true;
            ready();
        }
    }

    private void Take(Change change)
    {
        if (change is EventsChange { Events: var events })
        {
            UeventEvent[] seen = [.. events.Select(AsSeen).OfType<UeventEvent>()];
            if (seen.Length > 1)
                _directory?.SetPending(true);
            foreach (UeventEvent one in seen)
                Tell(one);
            _told?.Append(seen, change.Cursor, _seqnum, _table.Devices);
            if (seen.Length > 1)
                _directory?.SetPending(false);
        }
        else if (change is StateChange state)
        {
            TakeState(state);
            _told?.Write(change.Cursor, _seqnum, _table.Devices);
        }
    }

    private void TakeState(StateChange state)
    {
        if (state.Gap is { } gap)
            _options.Say($"events may have been lost ({gap.Reason}); the difference is told");
        _directory?.SetPending(true);
        UeventDevice[] devices = [.. state.Devices.Where(device => Fits(device))];
        var differences = new List<DeviceDifference>();
        void Collect(object? sender, DeviceTableEventArgs changed) => differences.AddRange(changed.Differences);
        _table.Changed += Collect;
        _table.Apply(state with { Devices = devices });
        _table.Changed -= Collect;
        bool silent = IsFirst && !_options.TellsInitial;
        IsFirst = false;
        foreach (DeviceDifference one in differences)
            Tell(one, silent);
        foreach (UeventDevice device in devices.Where(device => !_known.ContainsKey(device.Devpath)))
            Enter("add", device, null, _seqnum);
        _directory?.DeleteAllBut(_known.Values.Select(static known => known.Id).OfType<string>().ToHashSet(StringComparer.Ordinal), Tags(true));
        _directory?.SetPending(false);
    }

    private void Tell(DeviceDifference one, bool silent)
    {
        if (one.Kind == DifferenceKind.Removed)
        {
            Leave(one.Device, null, _seqnum);
            return;
        }
        if (one.Before is { } before && !IsSameDevice(before, one.Device))
        {
            Leave(before, null, _seqnum);
            Enter("add", one.Device, null, _seqnum);
            return;
        }
        Enter(one.Kind == DifferenceKind.Added ? "add" : "change", one.Device, null, _seqnum, sends: !silent);
    }

    private void Tell(UeventEvent one)
    {
        _seqnum = one.Seqnum is { } number and > 0 ? number : _seqnum;
        if (one.Device.Kobject == true)
        {
            Send(ForwardedProperties.Of(one.Action, one.Device, one.OldDevpath, _seqnum, null, []), []);
            return;
        }
        if (one.Action == "remove")
        {
            Leave(one.Device, one, _seqnum);
        }
        else
        {
            if (one.OldDevpath is { } old && old != one.Device.Devpath)
                Rebase(old, one.Device.Devpath);
            Enter(one.Action, one.Device, one.OldDevpath, _seqnum);
        }
        _table.Apply(new EventsChange([one]));
    }

    // A device and its entry, before the message that tells of it.
    private void Enter(string action, UeventDevice device, string? oldDevpath, long seqnum, bool sends = true)
    {
        KnownDevice? before = _known.GetValueOrDefault(device.Devpath);
        KnownDevice known = Know(device);
        string[] tags = Tags(device.Settled);
        var properties = ForwardedProperties.Of(action, device, oldDevpath, seqnum, known, tags);
        if (_directory is not null && known.Id is { } id)
        {
            if (before?.Id is { } former && former != id)
                _directory.Delete(former, Tags(true));
            _directory.Write(id, UdevEntryText.Of(properties, tags, known.InitializedUsec), tags);
        }
        if (sends)
            Send(properties, tags);
    }

    private void Leave(UeventDevice device, UeventEvent? said, long seqnum)
    {
        _known.Remove(device.Devpath, out KnownDevice? known);
        string[] tags = Tags(device.Settled);
        if (known?.Id is { } id)
            _directory?.Delete(id, Tags(true));
        Send(ForwardedProperties.Of("remove", said?.Device ?? device, null, seqnum, known, tags), tags);
    }

    private KnownDevice Know(UeventDevice device)
    {
        IReadOnlyDictionary<string, string> derived = _options.Format == ForwardFormat.Libudev ? _derived.Of(device) : new Dictionary<string, string>();
        string? id = UdevEntryText.IdOf(ForwardedProperties.Of("add", device, null, 1, null, []));
        KnownDevice? before = _known.GetValueOrDefault(device.Devpath);
        long since = before is not null && before.Id == id ? before.InitializedUsec
            : before?.InitializedUsec ?? (id is not null && _directory?.Read(id) is { } entry ? UdevEntryText.InitializedOf(entry) : null) ?? Monotonic.NowUsec;
        return _known[device.Devpath] = new KnownDevice(id, since, derived);
    }

    // The kernel tells of the device that moves, not of those below it.
    private void Rebase(string old, string now)
    {
        foreach (string path in _known.Keys.Where(path => path == old || DevicePlace.IsBelow(path, old)).ToArray())
        {
            _known.Remove(path, out KnownDevice? known);
            _known[now + path[old.Length..]] = known!;
        }
    }

    private void Send(Dictionary<string, string> properties, IReadOnlyList<string> tags)
    {
        if (_options.Format == ForwardFormat.Libudev)
        {
            long before = _udevMessages.Shortened;
            if (!_udevMessages.TryWrite(properties, tags, out ReadOnlyMemory<byte> message))
                _options.Say($"{properties["DEVPATH"]}: does not fit into a message of {UdevMessageWriter.MaxBytes} bytes even without what may be shed; not told");
            else
                _targets.Send(System.Runtime.InteropServices.MemoryMarshal.AsMemory(message));
            if (_udevMessages.Shortened != before && !_saidShortened)
            {
                _saidShortened = true;
                _options.Say($"{properties["DEVPATH"]}: left out of a message of {UdevMessageWriter.MaxBytes} bytes: {string.Join(", ", _udevMessages.Shed)} (said once; the database has them)");
            }
            return;
        }
        bool injects = _options.Format == ForwardFormat.Kernel;
        if (_kernelMessages.TryWrite(properties, injects ? BroadcastSocket.InjectionHeadBytes : 0, withSeqnum: !injects, out Memory<byte> text))
            _targets.Send(text);
        else
            _options.Say($"{properties["DEVPATH"]}: does not fit into a message of {KernelMessageWriter.MaxBytes} bytes; not told");
    }

    // Of one filter the daemon decides; of several it is decided here, in the same way.
    private UeventEvent? AsSeen(UeventEvent one)
    {
        if (_options.Filters.Count < 2)
            return one;
        bool fits = Fits(one.Device);
        if (one.Device.Kobject == true || one.Action == "remove")
            return (one.Device.Kobject == true && fits) || _known.ContainsKey(one.Device.Devpath) ? one : null;
        bool did = _known.ContainsKey(one.OldDevpath ?? one.Device.Devpath);
        if (did && !fits)
            return one with { Action = "remove", Device = _table.Devices.GetValueOrDefault(one.OldDevpath ?? one.Device.Devpath, one.Device), OldDevpath = null };
        return !fits ? null : did ? one : one with { Action = "add", OldDevpath = null };
    }

    private bool Fits(UeventDevice device) => _options.Filters.Count < 2 || _options.Filters.Any(filter => FilterMatch.Wants(filter, device));

    private string[] Tags(bool settled) => settled ? [SettledTag, .. _options.Tags] : [.. _options.Tags];

    // Another ifindex, device number or disk under one path is another device.
    private static bool IsSameDevice(UeventDevice one, UeventDevice other)
    {
        foreach (string key in (ReadOnlySpan<string>)["IFINDEX", "MAJOR", "MINOR", "DISKSEQ"])
        {
            if (one.Properties.GetValueOrDefault(key) != other.Properties.GetValueOrDefault(key))
                return false;
        }
        return true;
    }
}
