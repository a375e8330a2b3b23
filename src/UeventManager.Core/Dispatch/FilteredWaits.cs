using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// All waits for devices of a filter. A change is stored once, and each wait looks at it in turn: at once while that is cheap, else in pieces, so
/// that an event costs the same with a thousand waits as with one.
/// </summary>
/// <param name="devices">The known devices.</param>
/// <param name="answer">Answers a fulfilled wait, and removes it with <see cref="Remove"/>.</param>
internal sealed class FilteredWaits(DeviceTree devices, Action<FilteredWait> answer)
{
    /// <summary>The steps done at once for a change, some microseconds.</summary>
    public const int StepsPerChange = 64;

    /// <summary>The steps done at once for a new wait.</summary>
    public const int StepsPerWait = 2048;

    /// <summary>The most stored changes; a wait that is further behind scans all devices.</summary>
    public const int MaxChanges = 4096;

    // If devices come and go all the time, no scan of all devices is ever current, so the number of scans is limited.
    private const int MaxDoubts = 8;

    private readonly List<FilteredWait> _all = [];
    private readonly List<Device> _changes = [];
    private long _first;
    private int _behind;
    private int _at;

    /// <summary>True while a wait has work: then call <see cref="Work"/>.</summary>
    public bool IsBehind => _behind > 0;

    /// <summary>True if there are no waits.</summary>
    public bool IsEmpty => _all.Count == 0;

    private long End => _first + _changes.Count;

    /// <summary>Adds a wait.</summary>
    public void Add(FilteredWait wait)
    {
        (wait.Place, wait.Next) = (_all.Count, End);
        _all.Add(wait);
        Scan(wait);
        _at = wait.Place;
        Work(StepsPerWait);
    }

    /// <summary>Removes a wait.</summary>
    public void Remove(FilteredWait wait)
    {
        if (IsBehindWith(wait))
            _behind--;
        var last = _all[^1];
        _all[wait.Place] = last;
        last.Place = wait.Place;
        _all.RemoveAt(_all.Count - 1);
        Trim();
    }

    /// <summary>Stores the change of a device that was added, changed or removed.</summary>
    public void Changed(Device device)
    {
        if (_all.Count == 0)
            return;
        if (_changes.Count == MaxChanges)
            LookAtAll(onlyBehind: true);
        _changes.Add(device);
        _behind = _all.Count;
        Work(StepsPerChange);
    }

    /// <summary>Makes every wait scan all devices, because events may have been lost.</summary>
    public void Recheck()
    {
        LookAtAll(onlyBehind: false);
        Work(StepsPerWait);
    }

    /// <summary>Works for a number of steps.</summary>
    public void Work(int steps)
    {
        while (_behind > 0 && steps > 0)
        {
            if (_at >= _all.Count)
                _at = 0;
            var wait = _all[_at];
            if (IsBehindWith(wait))
                steps -= Step(wait);
            else
                _at++;
        }
        Trim();
    }

    private int Step(FilteredWait wait)
    {
        if (wait.IsScanning)
            wait.ScanNext();
        else
            wait.Take(_changes[(int)(wait.Next++ - _first)]);
        var isUpToDate = !IsBehindWith(wait);
        if (isUpToDate)
        {
            _behind--;
            _at++;
        }
        if (wait.IsReached)
            answer(wait);
        else if (isUpToDate && wait is { UntilRemoved: true, IsNoneLeft: true })
            NoneLeft(wait);
        return wait.Steps;
    }

    // A waiting device that arrived meanwhile is not announced, so it is not among the changes.
    private void NoneLeft(FilteredWait wait)
    {
        if (wait.ScannedVersion == devices.Version || wait.Doubts == MaxDoubts)
        {
            answer(wait);
            return;
        }
        wait.Doubts++;
        Scan(wait);
    }

    private void Scan(FilteredWait wait)
    {
        if (IsBehindWith(wait))
            _behind--;
        wait.Next = End;
        wait.BeginScan(devices);
        if (wait.IsScanning)
            _behind++;
        else if (wait.UntilRemoved)
            answer(wait);
    }

    private void LookAtAll(bool onlyBehind)
    {
        foreach (var wait in _all.ToArray())
        {
            if (onlyBehind && !IsBehindWith(wait))
                continue;
            wait.Doubts = 0;
            Scan(wait);
        }
        _first = End;
        _changes.Clear();
    }

    private void Trim()
    {
        if (_behind > 0)
            return;
        _first = End;
        _changes.Clear();
    }

    private bool IsBehindWith(FilteredWait wait) => wait.IsScanning || wait.Next < End;
}
