using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// The waits that are not answered yet. An event costs one look-up for each way in which somebody names a device, and one
/// evaluation for each filter; without waits it costs nothing. Bounded by whoever adds to it.
/// </summary>
/// <param name="devices">The known devices.</param>
public sealed class WaitTable(DeviceTree devices)
{
    private static readonly int Kinds = Enum.GetValues<DeviceKeyKind>().Length;
    private readonly Dictionary<string, List<NamedWait>>[] _named = [.. Enumerable.Range(0, Kinds).Select(_ => new Dictionary<string, List<NamedWait>>(StringComparer.Ordinal))];
    private readonly List<FilteredWait> _filtered = [];
    private readonly List<(NamedWait Wait, long SinceUsec)> _unresolved = [];
    private readonly List<DeviceWait> _all = [];
    private long _resolveUsec = long.MaxValue;

    /// <summary>How many there are.</summary>
    public int Count => _all.Count;

    /// <summary>
    /// False while events are lost and not made up for: what is not known may be there, so nobody is told that it is gone.
    /// </summary>
    public bool IsStateKnown { get; set; } = true;

    /// <summary>When <see cref="Timer"/> must be called; <see cref="long.MaxValue"/> if nothing is due.</summary>
    public long NextDueUsec { get; private set; } = long.MaxValue;

    /// <summary>Adds a wait, and answers it at once if it is so already.</summary>
    public void Add(DeviceWait wait, long nowUsec)
    {
        _all.Add(wait);
        if (wait is FilteredWait filtered)
        {
            filtered.Scan(devices);
            _filtered.Add(filtered);
        }
        else if (wait is NamedWait named)
        {
            named.Resolve();
            Index(named);
            if (!named.IsFinal)
                _unresolved.Add((named, nowUsec));
        }
        if (!TryAnswer(wait, wait.Check(devices)))
            SetDue(nowUsec);
    }

    /// <summary>Takes a wait out; nobody waits for its answer any more.</summary>
    public void Remove(DeviceWait wait)
    {
        if (!_all.Remove(wait))
            return;
        if (wait is FilteredWait filtered)
            _filtered.Remove(filtered);
        else if (wait is NamedWait named)
            Forget(named);
    }

    /// <summary>An event was delivered: its device may be what somebody waits for.</summary>
    public void Delivered(PendingEvent released, Device device)
    {
        if (_all.Count == 0)
            return;
        if (released.Action == UeventAction.Move)
            Moved(device, released.OldDevPath);
        Changed(device);
    }

    /// <summary>A device has gone that was never announced.</summary>
    public void Gone(Device device)
    {
        if (_all.Count > 0)
            Changed(device);
    }

    /// <summary>Looks at every wait anew: events may have been lost.</summary>
    public void Recheck()
    {
        foreach (var wait in _all.ToArray())
        {
            (wait as FilteredWait)?.Scan(devices);
            TryAnswer(wait, wait.Check(devices));
        }
    }

    /// <summary>Ends what is past its time, and asks again what names mean that meant nothing yet.</summary>
    public void Timer(long nowUsec)
    {
        if (nowUsec >= _resolveUsec)
            ResolveAgain();
        foreach (var wait in _all.ToArray())
        {
            if (wait.DeadlineUsec > nowUsec)
                continue;
            Remove(wait);
            wait.Expire(wait.Missing(devices));
        }
        SetDue(nowUsec);
    }

    private void Changed(Device device)
    {
        for (var kind = 0; kind < Kinds; kind++)
        {
            if (_named[kind].Count > 0 && DeviceKey.TextOf(device, (DeviceKeyKind)kind) is { } text)
                Check(_named[kind], text, device);
        }
        if (_filtered.Count == 0)
            return;
        foreach (var wait in _filtered.ToArray())
        {
            wait.Take(device);
            TryAnswer(wait, wait.Check(devices));
        }
    }

    private void Check(Dictionary<string, List<NamedWait>> waits, string text, Device? device)
    {
        if (!waits.TryGetValue(text, out var named))
            return;
        foreach (var wait in named.ToArray())
            TryAnswer(wait, device is { InTree: true } ? wait.CheckOne(device) : wait.Check(devices));
    }

    // What is below it moved as well, and no event says so.
    private void Moved(Device device, string? oldPath)
    {
        if (oldPath is not null && _named[(int)DeviceKeyKind.Name].Count > 0)
            Check(_named[(int)DeviceKeyKind.Name], $"{device.Subsystem}:{oldPath[(oldPath.LastIndexOf('/') + 1)..]}", null);
        foreach (var wait in _named[(int)DeviceKeyKind.Path].Values.SelectMany(waits => waits).ToArray())
            TryAnswer(wait, wait.Check(devices));
        if (_filtered.Count == 0)
            return;
        foreach (var below in DeviceTree.Descendants(device))
        {
            foreach (var wait in _filtered)
                wait.Take(below);
        }
    }

    private bool TryAnswer(DeviceWait wait, IReadOnlyList<Device>? found)
    {
        if (found is null || (wait.UntilRemoved && !IsStateKnown))
            return false;
        Remove(wait);
        wait.Answer(found);
        return true;
    }

    private void ResolveAgain()
    {
        foreach (var (wait, _) in _unresolved.ToArray())
        {
            Forget(wait, keepUnresolved: true);
            wait.Resolve();
            Index(wait);
            if (wait.IsFinal)
                _unresolved.RemoveAll(unresolved => unresolved.Wait == wait);
            TryAnswer(wait, wait.Check(devices));
        }
    }

    // A link that appears raises no event, so names are asked at the intervals of looks.
    private void SetDue(long nowUsec)
    {
        var due = long.MaxValue;
        foreach (var wait in _all)
            due = Math.Min(due, wait.DeadlineUsec);
        _resolveUsec = long.MaxValue;
        foreach (var (wait, sinceUsec) in _unresolved)
            _resolveUsec = Math.Min(_resolveUsec, LookTimes.Next(sinceUsec, nowUsec + LookTimes.ShortUsec * 10, wait.DeadlineUsec));
        NextDueUsec = Math.Min(due, _resolveUsec);
    }

    private void Index(NamedWait wait)
    {
        var waits = _named[(int)wait.Key.Kind];
        if (!waits.TryGetValue(wait.Key.Text, out var list))
            waits.Add(wait.Key.Text, list = []);
        list.Add(wait);
    }

    private void Forget(NamedWait wait, bool keepUnresolved = false)
    {
        var waits = _named[(int)wait.Key.Kind];
        if (waits.TryGetValue(wait.Key.Text, out var list) && list.Remove(wait) && list.Count == 0)
            waits.Remove(wait.Key.Text);
        if (!keepUnresolved)
            _unresolved.RemoveAll(unresolved => unresolved.Wait == wait);
    }
}
