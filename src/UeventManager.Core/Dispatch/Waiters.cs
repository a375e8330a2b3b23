using UeventManager.Core.Ordering;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// The unanswered waits. An event costs one look-up for each kind of name in use, and a few evaluations of filters; further work is done in pieces by
/// <see cref="Timer"/>. Without waits an event costs nothing. The owner bounds the number of waits.
/// </summary>
public sealed class Waiters
{
    /// <summary>The waits for one name that an event answers at once; <see cref="Timer"/> answers the others.</summary>
    public const int AnswersPerEvent = 16;

    // Steps between two checks of the clock: some 25 microseconds.
    private const int StepsPerPiece = 256;

    // The number of kinds of work that Timer does.
    private const int Works = 4;

    private static readonly int Kinds = Enum.GetValues<DeviceKeyKind>().Length;
    private readonly Dictionary<string, List<NamedWait>>[] _named = [.. Enumerable.Range(0, Kinds).Select(_ => new Dictionary<string, List<NamedWait>>(StringComparer.Ordinal))];
    private readonly DeviceTree _devices;
    private readonly FilteredWaits _filtered;
    private readonly Queue<(NamedWait Wait, IReadOnlyList<Device> Found)> _answers = new();
    private readonly DueHeap<DeviceWait> _deadlines = new();
    private readonly DueHeap<NamedWait> _questions = new();
    private int _work;

    /// <summary>Creates an empty table.</summary>
    /// <param name="devices">The known devices.</param>
    public Waiters(DeviceTree devices) => (_devices, _filtered) = (devices, new FilteredWaits(devices, AnswerFiltered));

    /// <summary>The number of waits.</summary>
    public int Count { get; private set; }

    /// <summary>False from a loss of events until the state is known again: unknown devices may exist, so no wait for removal is answered.</summary>
    public bool IsStateKnown { get; set; } = true;

    /// <summary>The time at which <see cref="Timer"/> must be called; <see cref="long.MaxValue"/> if nothing is due.</summary>
    public long NextDueUsec => _filtered.IsBehind || _answers.Count > 0 || _devices.Moves is { Count: > 0 } ? 0 : Math.Min(_deadlines.NextUsec, _questions.NextUsec);

    /// <summary>Adds a wait, and answers it at once if it is already fulfilled.</summary>
    public void Add(DeviceWait wait, long nowUsec)
    {
        (wait.IsIn, wait.SinceUsec) = (true, nowUsec);
        Count++;
        _devices.Moves ??= [];
        if (wait.DeadlineUsec < long.MaxValue)
            _deadlines.Set(wait.Deadline, wait.DeadlineUsec);
        if (wait is FilteredWait filtered)
        {
            _filtered.Add(filtered);
        }
        else if (wait is NamedWait named)
        {
            named.Resolve();
            Index(named);
            if (!TryAnswer(named, named.Key.Find(_devices)))
                AskAgain(named, nowUsec);
        }
    }

    /// <summary>Removes a wait that needs no answer any more.</summary>
    public void Remove(DeviceWait wait)
    {
        if (!wait.IsIn)
            return;
        wait.IsIn = false;
        if (--Count == 0)
            _devices.Moves = null;
        _deadlines.Clear(wait.Deadline);
        if (wait is FilteredWait filtered)
        {
            _filtered.Remove(filtered);
        }
        else if (wait is NamedWait named)
        {
            _questions.Clear(named.Question);
            Forget(named);
        }
    }

    /// <summary>Checks the waits for a device whose event was delivered, or ended without a delivery.</summary>
    public void Ended(Device device)
    {
        if (Count > 0)
            Changed(device);
    }

    /// <summary>Checks every wait anew, in pieces, because events may have been lost.</summary>
    public void Recheck()
    {
        foreach (var wait in _named.SelectMany(kind => kind.Values).SelectMany(waits => waits))
        {
            wait.IsInDoubt = true;
            _questions.Set(wait.Question, 0);
        }
        _filtered.Recheck();
    }

    /// <summary>Answers fulfilled waits, ends waits at their deadlines, and resolves names again, in the order in which they are due.</summary>
    /// <param name="nowUsec">Now.</param>
    /// <param name="goesOn">Asked after each piece (some 25 microseconds or one name) whether to go on; the rest stays due. Null to do
    /// everything.</param>
    public void Timer(long nowUsec, Func<bool>? goesOn = null)
    {
        while (Piece(nowUsec) && goesOn?.Invoke() != false)
        {
        }
    }

    // In turns, so that no kind of work delays another.
    private bool Piece(long nowUsec)
    {
        TakeMoves();
        for (var i = 0; i < Works; i++)
        {
            _work = (_work + 1) % Works;
            if (TryWork(_work, nowUsec))
                return true;
        }
        return false;
    }

    private bool TryWork(int work, long nowUsec)
    {
        switch (work)
        {
            case 0 when _answers.TryDequeue(out var answer):
                if (answer.Wait.IsIn)
                    End(answer.Wait, answer.Found);
                return true;
            case 1 when _filtered.IsBehind:
                _filtered.Work(StepsPerPiece);
                return true;
            case 2 when _deadlines.NextUsec <= nowUsec:
                var wait = _deadlines.Peek().Owner;
                Remove(wait);
                wait.Expire(wait.Missing(_devices));
                return true;
            case 3 when _questions.NextUsec <= nowUsec:
                Ask(_questions.Peek().Owner, nowUsec);
                return true;
            default:
                return false;
        }
    }

    private void Changed(Device device)
    {
        TakeMoves();
        for (var kind = 0; kind < Kinds; kind++)
        {
            if (_named[kind].Count > 0 && DeviceKey.TextOf(device, (DeviceKeyKind)kind) is { } text)
                Check(new DeviceKey((DeviceKeyKind)kind, text), device.InTree ? device : null);
        }
        _filtered.Changed(device);
    }

    private void Check(in DeviceKey key, Device? device)
    {
        if (!_named[(int)key.Kind].TryGetValue(key.Text, out var waits))
            return;
        // A removed device may have left its name to another one.
        device ??= key.Find(_devices);
        var answered = 0;
        for (var i = 0; i < waits.Count;)
        {
            var wait = waits[i];
            if (wait.Check(device) is not { } found || (wait.UntilRemoved && !IsStateKnown))
            {
                i++;
                continue;
            }
            // Forget puts the last wait in this place.
            Forget(wait);
            if (answered++ < AnswersPerEvent)
                End(wait, found);
            else
                _answers.Enqueue((wait, found));
        }
    }

    // Devices below a moved device moved as well without an event; so did waiting devices.
    private void TakeMoves()
    {
        if (_devices.Moves is not { Count: > 0 } moves)
            return;
        _devices.Moves = [];
        if (moves.Count == DeviceTree.MaxMoves)
        {
            Recheck();
            return;
        }
        foreach (var (oldPath, newPath) in moves)
            Moved(oldPath, newPath);
    }

    private void Moved(string oldPath, string newPath)
    {
        var top = _devices.NodeAt(System.Text.Encoding.UTF8.GetBytes(newPath));
        if (top?.Device is { } device && _named[(int)DeviceKeyKind.Name].Count > 0)
        {
            Check(new DeviceKey(DeviceKeyKind.Name, $"{device.Subsystem}:{oldPath[(oldPath.LastIndexOf('/') + 1)..]}"), null);
            // If two devices have the same name, the first one counts, and the order may have changed.
            foreach (var below in DeviceTree.Descendants(device))
                Check(new DeviceKey(DeviceKeyKind.Name, $"{below.Subsystem}:{below.SysName}"), null);
        }
        var paths = _named[(int)DeviceKeyKind.Path];
        if (paths.Count > 0)
        {
            foreach (var path in paths.Keys.Where(path => IsAt(path, oldPath) || IsAt(path, newPath)).ToList())
                Check(new DeviceKey(DeviceKeyKind.Path, path), null);
        }
        if (_filtered.IsEmpty || top is null)
            return;
        if (top.Device is { } moved)
            _filtered.Changed(moved);
        foreach (var below in DeviceTree.Descendants(top))
            _filtered.Changed(below);
    }

    private static bool IsAt(string path, string top) =>
        path.StartsWith(top, StringComparison.Ordinal) && (path.Length == top.Length || path[top.Length] == '/');

    private bool TryAnswer(NamedWait wait, Device? device)
    {
        if (wait.Check(device) is not { } found || (wait.UntilRemoved && !IsStateKnown))
            return false;
        End(wait, found);
        return true;
    }

    private void AnswerFiltered(FilteredWait wait)
    {
        if (!wait.UntilRemoved || IsStateKnown)
            End(wait, wait.UntilRemoved ? [] : wait.Found(_devices));
    }

    private void End(DeviceWait wait, IReadOnlyList<Device> found)
    {
        Remove(wait);
        wait.Answer(found);
    }

    private void Ask(NamedWait wait, long nowUsec)
    {
        var before = wait.Key;
        if (!wait.IsFinal)
            wait.Resolve();
        if (wait.Key != before)
        {
            Forget(wait);
            Index(wait);
        }
        var isNews = wait.Key != before || wait.IsInDoubt;
        wait.IsInDoubt = false;
        if (!isNews || !TryAnswer(wait, wait.Key.Find(_devices)))
            AskAgain(wait, nowUsec);
    }

    // A new link raises no event, so names are resolved again at the intervals of looks.
    private void AskAgain(NamedWait wait, long nowUsec)
    {
        if (wait.IsFinal)
            _questions.Clear(wait.Question);
        else
            _questions.Set(wait.Question, LookTimes.Next(wait.SinceUsec, nowUsec + (LookTimes.ShortUsec * 10), wait.DeadlineUsec, eager: false));
    }

    private void Index(NamedWait wait)
    {
        var waits = _named[(int)wait.Key.Kind];
        if (!waits.TryGetValue(wait.Key.Text, out var fellows))
            waits.Add(wait.Key.Text, fellows = []);
        (wait.Fellows, wait.Place) = (fellows, fellows.Count);
        fellows.Add(wait);
        wait.IndexedBy = wait.Key;
    }

    private void Forget(NamedWait wait)
    {
        if (wait.Fellows is not { } fellows)
            return;
        wait.Fellows = null;
        fellows[wait.Place] = fellows[^1];
        fellows[wait.Place].Place = wait.Place;
        fellows.RemoveAt(fellows.Count - 1);
        if (fellows.Count == 0)
            _named[(int)wait.IndexedBy.Kind].Remove(wait.IndexedBy.Text);
    }
}
