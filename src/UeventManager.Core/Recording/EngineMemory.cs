using System.Text;
using UeventManager.Core.Engine;
using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>
/// Remembers how the devices of an engine arrived. The engine's own history is short (64 moments of a device, the last 1,024 departed devices), so
/// each device is copied here when it is announced, and departed devices at intervals.
/// </summary>
/// <param name="engine">The engine.</param>
public sealed class EngineMemory(UeventEngine engine)
{
    /// <summary>The most devices that are remembered.</summary>
    public const int MostDevices = 100_000;

    // Small enough that the engine still remembers every device that was removed in between.
    private const int SweepEvery = 128;

    // Shorter reads delay nothing and would not be visible in a plot.
    private const long LeastReadUsec = 500;
    private const int MostReads = 16;

    private readonly Dictionary<long, RememberedDevice> _devices = [];
    private readonly Dictionary<long, List<(string Name, long FromUsec, long UntilUsec)>> _reads = [];
    private readonly HashSet<long> _gone = [];
    private int _inputs;

    /// <summary>The number of devices left out beyond <see cref="MostDevices"/>.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Copies all devices that are known, and those that departed lately.</summary>
    /// <param name="nowUsec">The time up to which waiting devices have waited.</param>
    public void TakeAll(long nowUsec)
    {
        TakeGone();
        foreach (var device in engine.Devices.All())
            Take(device, null, nowUsec);
    }

    /// <summary>Copies the devices that a step has announced.</summary>
    public void Take(IReadOnlyList<EngineCommand> commands, long nowUsec)
    {
        foreach (var command in commands)
        {
            if (command is { Kind: CommandKind.Deliver, Device: { } device, Event: { Action: UeventAction.Add } told })
                Take(device, told, nowUsec);
        }
        if (++_inputs % SweepEvery == 0)
            TakeGone();
    }

    /// <summary>Remembers a worker's read of an attribute.</summary>
    public void TakeRead(Device device, string name, long fromUsec, long untilUsec)
    {
        if (untilUsec - fromUsec < LeastReadUsec)
            return;
        if (!_reads.TryGetValue(device.Id, out var reads))
            _reads.Add(device.Id, reads = []);
        if (reads.Count < MostReads)
            reads.Add((name, fromUsec, untilUsec));
    }

    /// <summary>The remembered devices, in no particular order.</summary>
    public IEnumerable<RememberedDevice> Devices() =>
        _devices.Select(one => _reads.TryGetValue(one.Key, out var reads) ? one.Value with { Reads = reads } : one.Value);

    private void Take(Device device, PendingEvent? told, long nowUsec)
    {
        if (_devices.TryGetValue(device.Id, out var known) && known.AnnouncedUsec is not null)
        {
            if (device.InTree)
                _devices[device.Id] = known with { DevPath = device.DevPath };
            return;
        }
        var properties = (told ?? (device.Pending?.Events is [var queued, ..] ? queued : null))?.Properties is { } own ? Encoding.UTF8.GetString(own.Span).Replace('\0', '\n') : null;
        if (Remembered(engine.Explain(device), device.DevPath, device.Subsystem, nowUsec) is { } found)
            Add(device.Id, found with { Group = told?.Transaction?.Id ?? 0, Properties = properties });
    }

    private void TakeGone()
    {
        foreach (var gone in engine.Gone)
        {
            if (!_gone.Add(gone.Id))
                continue;
            var known = _devices.GetValueOrDefault(gone.Id);
            var explanation = engine.Explain(gone);
            var at = explanation.History.Count > 0 ? explanation.History[^1].AtUsec : 0;
            if (known?.AnnouncedUsec is not null)
                _devices[gone.Id] = known with { GoneUsec = at };
            else if (Remembered(explanation, KernelText.Decode(gone.Path), gone.Subsystem, at) is { } found)
                Add(gone.Id, found with { GoneUsec = at });
        }
    }

    private void Add(long id, RememberedDevice device)
    {
        if (_devices.Count < MostDevices || _devices.ContainsKey(id))
            _devices[id] = device;
        else
            LeftOut++;
    }

    // Null if the device's arrival has been forgotten.
    private static RememberedDevice? Remembered(Explanation explanation, string devPath, string subsystem, long endUsec)
    {
        var (history, first) = (explanation.History, -1);
        for (var i = 0; i < history.Count && first < 0; i++)
            first = history[i].Kind is MomentKind.Arrived or MomentKind.Scanned ? i : -1;
        if (first < 0)
            return null;
        var arrival = new Arriving();
        for (var i = first + 1; i < history.Count; i++)
        {
            var moment = history[i];
            if (moment is { Kind: MomentKind.Looked, Rule: { } rule })
                arrival.Look(moment, rule);
            if (moment.Kind != MomentKind.Delivered)
                continue;
            // Its add has already left the device's history.
            if (moment.Action != UeventAction.Add)
                return null;
            var (isUnsettled, add) = (moment.Number != 0, history[first].AtUsec);
            return new RememberedDevice
            {
                DevPath = devPath,
                Subsystem = subsystem,
                AddUsec = add,
                CompleteUsec = isUnsettled ? moment.AtUsec : arrival.CompleteUsec ?? add,
                AnnouncedUsec = moment.AtUsec,
                WasThere = history[first].Kind == MomentKind.Scanned && arrival.Items.Count == 0 && !isUnsettled,
                IsUnsettled = isUnsettled,
                Outcome = $"{explanation.RuleName ?? "no rule"}: {(isUnsettled ? "announced unsettled" : "settled")}{arrival.Missing(isUnsettled)}",
                Items = arrival.Items,
            };
        }
        var state = explanation.State switch { DeviceState.Waiting => "still waits", DeviceState.Held => "held", DeviceState.Dropped => "dropped", null => "gone before it was announced", _ => "announced" };
        return new RememberedDevice
        {
            DevPath = devPath,
            Subsystem = subsystem,
            AddUsec = history[first].AtUsec,
            CompleteUsec = Math.Max(endUsec, history[first].AtUsec),
            Outcome = $"{explanation.RuleName ?? "no rule"}: {state}{arrival.Missing(true)}",
            Items = arrival.Items,
        };
    }

    /// <summary>Collects what the looks saw until the device was announced.</summary>
    private sealed class Arriving
    {
        private Rules.RuleTexts? _rule;
        private long _held;

        public List<(string Name, long AtUsec)> Items { get; } = [];

        public long? CompleteUsec { get; private set; }

        public void Look(in DeviceMoment moment, Rules.RuleTexts rule)
        {
            var isComplete = true;
            for (var i = 0; i < rule.Items.Count && i < 63; i++)
            {
                var (bit, item) = (1L << i, rule.Items[i]);
                var holds = (moment.Number & bit) != 0;
                if (holds && _rule?.Name == rule.Name && (_held & bit) == 0)
                    Items.Add((item.Text, moment.AtUsec));
                isComplete &= holds || item.IsOptional;
            }
            (_rule, _held, CompleteUsec) = (rule, moment.Number, isComplete ? CompleteUsec ?? moment.AtUsec : null);
        }

        public string Missing(bool isAsked)
        {
            if (!isAsked || _rule is not { } rule)
                return "";
            var missing = rule.Items.Where((_, i) => i < 63 && (_held & (1L << i)) == 0).Select(static item => item.Text).ToList();
            return missing.Count == 0 ? "" : $", without {string.Join("; ", missing)}";
        }
    }
}
