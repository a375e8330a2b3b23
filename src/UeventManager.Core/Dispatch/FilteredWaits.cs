using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// The waits for devices that a filter wants. A change is written down once, and each wait looks at it in its turn: at once as long as that is
/// cheap, and in pieces where it is not, so that an event costs no more with a thousand waits than with one.
/// </summary>
/// <param name="devices">The known devices.</param>
/// <param name="answer">Answers a wait that is fulfilled; takes it out with <see cref="Remove"/>.</param>
internal sealed class FilteredWaits(DeviceTree devices, Action<FilteredWait> answer)
{
    /// <summary>Steps that are done for a change at once, some microseconds.</summary>
    public const int StepsPerChange = 64;

    /// <summary>Steps that are done for a new wait at once.</summary>
    public const int StepsPerWait = 2048;

    /// <summary>Most changes that are written down; a wait that is further behind looks at all devices.</summary>
    public const int MaxChanges = 4096;

    // Where devices come and go all the time there is no moment at which all of them were looked at.
    private const int MaxDoubts = 8;

    private readonly List<FilteredWait> _all = [];
    private readonly List<Device> _changes = [];
    private long _first;
    private int _behind;
    private int _at;

    /// <summary>True while some wait has something to look at: then <see cref="Work"/> must be called.</summary>
    public bool IsBehind => _behind > 0;

    /// <summary>True if there are none.</summary>
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

    /// <summary>Takes a wait out.</summary>
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

    /// <summary>A device has come, changed or gone.</summary>
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

    /// <summary>Events may have been lost: everybody looks at all devices.</summary>
    public void Recheck()
    {
        LookAtAll(onlyBehind: false);
        Work(StepsPerWait);
    }

    /// <summary>Goes on for so many steps.</summary>
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

    // One that came meanwhile and still waits was announced to nobody: so it is not among the changes.
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
