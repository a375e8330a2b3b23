using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Udev;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

// udev as a source: what it is done with, and what it said. It creates, moves and removes no device.
public sealed partial class UeventEngine
{
    private UdevListener _udev;
    private long _scanBeganUsec;

    /// <summary>Says when the kernel may have sent what is stepped next, CLOCK_MONOTONIC microseconds. Without it that is when it is stepped.</summary>
    /// <param name="likelyUsec">Not before this, as far as this process was running.</param>
    /// <param name="surelyUsec">Not before this: its socket was seen empty then.</param>
    public void SentSince(long likelyUsec, long surelyUsec)
    {
        Tap?.SentSince(likelyUsec, surelyUsec);
        (_events.SentSinceUsec, _events.SentSurelySinceUsec) = (likelyUsec, surelyUsec);
    }

    /// <summary>True if udevd's broadcasts come in; else its database is all there is.</summary>
    public bool ListensToUdev => _udev.IsListening;

    /// <summary>Broadcasts of udevd will come, from now on.</summary>
    /// <param name="goesOn">False if some may have been lost since the last run listened: then its database says what they would have said.</param>
    public void ListenToUdev(bool goesOn)
    {
        Tap?.ListensToUdev(goesOn);
        _udev.Listen();
        if (!goesOn)
            _udev.Lose(_events.Order);
    }

    /// <summary>
    /// udevd has told everybody that it is done with an event. To be stepped only when what the kernel's socket held when it was received has been
    /// stepped: the kernel told of the event first.
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
        // A device that waited for nothing more at udev's broadcast was complete before.
        if (device is { State: DeviceState.Announced, Findings.Settled: true })
            _settlement.CountUdev(device, nowUsec);
        _settlement.LookSoon(device, nowUsec);
    }

    /// <summary>Broadcasts of udevd were lost: what it is done with is read from its database, for all events until now.</summary>
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

    /// <summary>How it is known what udev has said of a device, for people; null if no rule has asked.</summary>
    public string? UdevOf(Device device) => device.Rules.AsksUdev ? _udev.Explain(device) : null;
}
