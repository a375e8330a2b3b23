using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Udev;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// udev as a source of facts: which events it has processed, and with which properties. It never creates, moves or removes a device.
public sealed partial class UeventEngine
{
    private UdevListener _udev;
    private long _scanBeganUsec;

    /// <summary>
    /// Sets the time since which the kernel may have sent the next stepped event, in CLOCK_MONOTONIC microseconds. Default: the time of the step.
    /// </summary>
    /// <param name="likelyUsec">The earliest time, as far as this process was running.</param>
    /// <param name="surelyUsec">The earliest time for certain: the socket was seen empty then.</param>
    public void SentSince(long likelyUsec, long surelyUsec)
    {
        Tap?.SentSince(likelyUsec, surelyUsec);
        (_events.SentSinceUsec, _events.SentSurelySinceUsec) = (likelyUsec, surelyUsec);
    }

    /// <summary>True if udevd's broadcasts are received; otherwise only its database is read.</summary>
    public bool ListensToUdev => _udev.IsListening;

    /// <summary>From now on udevd's broadcasts are received.</summary>
    /// <param name="goesOn">False if broadcasts may have been lost since the last run listened: udevd's database is read for these events.</param>
    public void ListenToUdev(bool goesOn)
    {
        Tap?.ListensToUdev(goesOn);
        _udev.Listen();
        if (!goesOn)
            _udev.Lose(_events.Order);
    }

    /// <summary>
    /// Steps a broadcast of udevd. First step everything that the kernel's socket held when the broadcast was received, because the kernel sends its
    /// uevent earlier.
    /// </summary>
    public void UdevSaid(in UdevMessage message, long nowUsec)
    {
        Tap?.UdevSaid(message, nowUsec);
        BeginStep(nowUsec);
        if (message.IsForwarded)
        {
            Counters.UdevForwarded++;
            return;
        }
        Counters.UdevTold++;
        if (_udev.Hear(message, nowUsec, _events.Order) is not { } device)
        {
            Counters.UdevUnmatched += message.Action == UeventAction.Remove ? 0 : 1;
            return;
        }
        _history.Note(device, message.WorkerFailed ? MomentKind.UdevFailed : MomentKind.UdevTold, message.Action, message.Seqnum);
        // A device that was announced settled before udev's broadcast was complete before it.
        if (device is { State: DeviceState.Announced, Findings.Settled: true })
            _settlement.CountUdev(device, nowUsec);
        _settlement.LookSoon(device, nowUsec);
        // A retold event is no news for our own subscribers.
        if (!PropertyBlock.TryGet(message.Properties, Uevent.RetoldKey, out _))
            _settlement.RenewUdev(device, nowUsec);
    }

    /// <summary>Broadcasts of udevd were lost: for all events until now, udevd's database tells which ones it has processed.</summary>
    public void UdevLost(long nowUsec)
    {
        Tap?.UdevLost(nowUsec);
        BeginStep(nowUsec);
        Counters.UdevOverruns++;
        _udev.Lose(_events.Order);
        foreach (var device in _tree.All().ToList())
        {
            if (device is { InTree: true, Pending: not null, Rules.AsksUdev: true })
                _settlement.LookSoon(device, nowUsec);
        }
    }

    /// <summary>The source of what is known of udev about a device, for display; null if no rule asks udev.</summary>
    public string? UdevOf(Device device) => device.Rules.AsksUdev ? _udev.Explain(device) : null;
}
