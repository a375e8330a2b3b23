using System.Collections.Immutable;
using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>Turns the daemon's stream into runs: for events, for existing devices, and for differences after a gap.</summary>
/// <param name="plan">Receives the runs.</param>
/// <param name="selection">Selects events.</param>
/// <param name="known">The devices that an earlier run of this command knew; null if there was none.</param>
/// <param name="isOtherBoot">True if that was before the last boot: its devices are gone, even if others have their names.</param>
/// <param name="runsInitial">True to run for the devices that exist before the first event.</param>
internal sealed class ActionStream(
    ActionPlan plan, ActionSelection selection, ImmutableDictionary<string, UeventDevice>? known, bool isOtherBoot, bool runsInitial)
{
    private static readonly Dictionary<string, string> NoProperties = [];
    private static readonly string[] Identity = ["IFINDEX", "MAJOR", "MINOR", "DISKSEQ"];
    private static readonly ImmutableDictionary<string, UeventDevice> Nothing = ImmutableDictionary.Create<string, UeventDevice>(StringComparer.Ordinal);

    private ImmutableDictionary<string, UeventDevice> _picture = known ?? Nothing;
    private bool _isKnown = known is not null;
    private bool _isOtherBoot = isOtherBoot;

    /// <summary>
    /// Devpaths for which an earlier process began a program that may not have ended. If the cursor resumes, their events come again; after a gap
    /// these devices get a run in any case.
    /// </summary>
    public IReadOnlySet<string> Uncertain { get; set; } = new HashSet<string>();

    /// <summary>Takes one item of the subscription.</summary>
    /// <param name="change">The item.</param>
    /// <param name="nowUsec">CLOCK_MONOTONIC in microseconds, for events that are made here.</param>
    public void Take(Change change, long nowUsec)
    {
        if (change is StateChange state)
            Take(state, nowUsec);
        else if (change is EventsChange { Events: var events })
            Take(events);
        else if (change is ReadyChange)
            Uncertain = new HashSet<string>();
    }

    private void Take(IReadOnlyList<UeventEvent> events)
    {
        // The members of a group share one cursor, and come together.
        for (int start = 0, end; start < events.Count; start = end)
        {
            end = start + 1;
            while (end < events.Count && events[end].Cursor == events[start].Cursor)
                end++;
            var requests = new List<ActionRequest>();
            for (int i = start; i < end; i++)
            {
                UeventDevice? before = _picture.GetValueOrDefault(events[i].OldDevPath ?? events[i].Device.DevPath);
                UeventEvent? seen = selection.AsSeen(events[i], before, _picture.GetValueOrDefault);
                var draft = new TableDraft(_picture);
                draft.Apply([events[i]]);
                _picture = draft.Devices;
                if (seen is not null && selection.Wants(seen, _picture.GetValueOrDefault))
                    requests.Add(new ActionRequest(seen.Action, seen, null, seen.Cursor, IsInitial: false) { Origin = events[i] });
            }
            plan.Add(new ActionBatch(events[start].Cursor, _picture), requests);
        }
    }

    private void Take(StateChange state, long nowUsec)
    {
        var requests = new List<ActionRequest>();
        bool isFirst = !_isKnown;
        if (!isFirst && state.Gap is { } gap && selection.WantsGaps)
            requests.Add(new ActionRequest(ActionRequest.GapAction, null, gap, state.Cursor, IsInitial: false));
        if (!isFirst || runsInitial)
        {
            ImmutableDictionary<string, UeventDevice> now = state.Devices.ToImmutableDictionary(static device => device.DevPath, StringComparer.Ordinal);
            requests.AddRange(Differences(state.Devices)
                .Select(one => new ActionRequest(one.Action, Made(one.Action, one.Device, state.Cursor, nowUsec), state.Gap, state.Cursor, isFirst))
                .Where(request => selection.Wants(request.Event!, path => now.GetValueOrDefault(path) ?? _picture.GetValueOrDefault(path))));
        }
        _isKnown = true;
        Uncertain = new HashSet<string>();
        _isOtherBoot = false;
        _picture = state.Devices.ToImmutableDictionary(static device => device.DevPath, StringComparer.Ordinal);
        plan.Add(new ActionBatch(state.Cursor, _picture), requests);
    }

    // First removed devices, the deepest in the tree first; then new or changed ones, ancestors first.
    private IEnumerable<(string Action, UeventDevice Device)> Differences(IReadOnlyList<UeventDevice> state)
    {
        var now = state.ToDictionary(static device => device.DevPath, StringComparer.Ordinal);
        IEnumerable<UeventDevice> gone = _picture.Values.Where(device => !now.TryGetValue(device.DevPath, out UeventDevice? other) || !IsSameDevice(device, other));
        foreach (UeventDevice device in gone.OrderByDescending(static device => device.DevPath, StringComparer.Ordinal))
            yield return ("remove", device);
        foreach (UeventDevice device in state.OrderBy(static device => device.DevPath, StringComparer.Ordinal))
        {
            if (_isOtherBoot || !_picture.TryGetValue(device.DevPath, out UeventDevice? before) || !IsSameDevice(before, device))
                yield return ("add", device);
            else if (Uncertain.Contains(device.DevPath))
                yield return ("add", device);
            else if (Differs(before, device))
                yield return ("change", device);
        }
    }

    // A device of an earlier boot was not removed; a device with another number under the same name has been replaced.
    private bool IsSameDevice(UeventDevice one, UeventDevice other) =>
        _isOtherBoot || (one.Subsystem == other.Subsystem && Identity.All(key => one.Properties.GetValueOrDefault(key) == other.Properties.GetValueOrDefault(key)));

    // Variables of a single event (RESIZE=1) are no longer there; a new SEQNUM proves an event, even without other traces.
    private static bool Differs(UeventDevice before, UeventDevice now) =>
        !DeviceContent.IsSame(Bare(before), Bare(now))
        || now.Properties.Any(pair => !IsOfEvent(pair.Key) && before.Properties.GetValueOrDefault(pair.Key) != pair.Value);

    private static UeventDevice Bare(UeventDevice device) => device with { Rule = null, Properties = NoProperties };

    private static bool IsOfEvent(string key) =>
        key is "ACTION" or "DEVPATH" or "DEVPATH_OLD" or "SUBSYSTEM" || key.StartsWith("SYNTH_", StringComparison.Ordinal);

    private static UeventEvent Made(string action, UeventDevice device, string? cursor, long nowUsec) => new()
    {
        Cursor = cursor ?? "",
        Action = action,
        Device = device,
        Synthetic = true,
        ArrivedUsec = nowUsec,
        SettledUsec = nowUsec,
    };
}
