using System.Diagnostics;
using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>
/// Runs the program for the daemon's events, several at once. It reads only up to its limit: then the daemon's queue fills, and beyond that there is
/// a gap. When it is stopped, it ends with the last running program; runs that have not begun come again by the cursor.
/// </summary>
/// <param name="run">Runs the program for a request and an attempt, from 1, and returns its end.</param>
/// <param name="options">The options.</param>
internal sealed class ActionSession(Func<ActionRequest, int, Task<ProgramEnd>> run, ActionOptions options) : IDisposable
{
    /// <summary>The most waiting runs, in addition to those of one state or one reply.</summary>
    public const int MaxUnfinished = 4096;

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly ActionPlan _plan = new();
    private readonly HashSet<Task> _tasks = [];
    private readonly List<PlannedAction> _begun = [];
    private readonly SemaphoreSlim _progress = new(0, 1);
    private readonly SemaphoreSlim _ended = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private int _running;
    private Exception? _fault;
    private ActionBatch? _written;
    private bool _cannotWrite;

    /// <summary>Runs until it is stopped.</summary>
    /// <param name="client">The source of events.</param>
    /// <param name="selection">Selects events.</param>
    /// <param name="cancel">Stops the session, which then returns once the running programs have ended.</param>
    public async Task RunAsync(UeventClient client, ActionSelection selection, CancellationToken cancel)
    {
        using CancellationTokenRegistration stop = cancel.Register(() => _stopping.Cancel());
        var stream = new ActionStream(_plan, selection, options.File?.Devices, options.File?.IsOtherBoot == true, options.RunsInitial)
        {
            Uncertain = options.File?.Begun ?? new HashSet<string>(),
        };
        Task writes = WriteAsync();
        try
        {
            await FollowAsync(client, selection, stream).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped, or ended by a bug, whose exception is thrown below.
        }
        finally
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            if (_running is > 0 and var running)
                options.Say($"ending once the running programs have ended ({running}); a second signal, a second later, ends at once");
            await EndAsync().ConfigureAwait(false);
            await writes.ConfigureAwait(false);
            WriteOnce();
        }
        if (_fault is not null)
            throw new InvalidOperationException("A run failed in an unexpected way.", _fault);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _progress.Dispose();
        _ended.Dispose();
        _stopping.Dispose();
    }

    private async Task FollowAsync(UeventClient client, ActionSelection selection, ActionStream stream)
    {
        bool isLost = false;
        var subscribe = new SubscribeOptions
        {
            Cursor = options.File is { IsOtherBoot: false } file ? file.Cursor : options.File is { Devices: not null } ? "" : null,
            Reconnecting = _ =>
            {
                if (!isLost)
                    options.Say("the connection to the daemon was lost; trying until it is back");
                isLost = true;
            },
        };
        await foreach (Change change in client.SubscribeAsync(selection.Subscribed, subscribe, _stopping.Token).ConfigureAwait(false))
        {
            if (isLost)
                options.Say("connected to the daemon again");
            isLost = false;
            if (change is StateChange { Gap: { } gap })
                options.Say($"{(gap.Lost is { } count ? $"{count} events were lost" : "events may have been lost")} ({gap.Reason}); the program runs for the differences");
            lock (_gate)
            {
                stream.Take(change, Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000));
                Begin();
            }
            Signal(_progress);
            while (_plan.Unfinished >= MaxUnfinished)
                await _ended.WaitAsync(_stopping.Token).ConfigureAwait(false);
        }
    }

    // Called with the gate held.
    private void Begin()
    {
        while (_running < options.Jobs && !_stopping.IsCancellationRequested && _plan.TryTake(out PlannedAction? action))
        {
            _running++;
            Note(action);
            _tasks.Add(RunAsync(action));
        }
    }

    private void Note(PlannedAction action)
    {
        if (options.File is not { } file || action.Request.Event is not { } one)
            return;
        _begun.Add(action);
        try
        {
            file.Begin(one.Device);
        }
        catch (IOException e)
        {
            SayUnwritten(e);
        }
    }

    private async Task RunAsync(PlannedAction action)
    {
        await Task.Yield(); // Not under the gate.
        bool ended = false;
        try
        {
            ProgramEnd end = await run(action.Request, action.Failures + 1).ConfigureAwait(false);
            ended = end.IsGood || ++action.Failures > options.Retries;
            if (!end.IsGood)
                options.Say($"{options.Name} for {action.Request}: {end}{(ended ? "" : $" (try {action.Failures + 1} of {options.Retries + 1} follows)")}");
        }
        catch (Exception e)
        {
            _fault = e;
            await _stopping.CancelAsync().ConfigureAwait(false);
        }
        lock (_gate)
        {
            _running--;
            if (ended)
                _plan.End(action);
            else if (_fault is null)
                _tasks.Add(ReturnAsync(action));
            Begin();
            _tasks.RemoveWhere(static task => task.IsCompleted);
        }
        Signal(_progress);
        Signal(_ended);
    }

    // The run keeps its place before later runs of its device, but does not block others.
    private async Task ReturnAsync(PlannedAction action)
    {
        try
        {
            double delay = Math.Min(LongestRetry.TotalMilliseconds, FirstRetry.TotalMilliseconds * Math.Pow(2, Math.Min(action.Failures - 1, 20)));
            await Task.Delay(TimeSpan.FromMilliseconds(delay), _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        lock (_gate)
        {
            _plan.Return(action);
            Begin();
        }
    }

    private async Task EndAsync()
    {
        while (true)
        {
            Task[] tasks;
            lock (_gate)
            {
                tasks = [.. _tasks.Where(static task => !task.IsCompleted)];
            }
            if (tasks.Length == 0)
                return;
            await Task.WhenAll(tasks).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            while (options.File is not null)
            {
                await _progress.WaitAsync(_stopping.Token).ConfigureAwait(false);
                long start = Stopwatch.GetTimestamp();
                WriteOnce();
                // Writing a large picture takes time: at most a fifth of it is spent so.
                TimeSpan pause = 4 * Stopwatch.GetElapsedTime(start);
                await Task.Delay(pause > BetweenWrites ? pause : BetweenWrites, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The last one is written when all programs have ended.
        }
    }

    private void WriteOnce()
    {
        ActionBatch? newest;
        lock (_gate)
        {
            newest = _plan.Committed;
        }
        if (newest is null || newest == _written || options.File is null)
            return;
        try
        {
            options.File.Write(newest.Cursor, newest.Picture, BegunSince);
            _written = newest;
            _cannotWrite = false;
        }
        catch (IOException e)
        {
            SayUnwritten(e);
            Signal(_progress);
        }
    }

    private IEnumerable<UeventDevice> BegunSince()
    {
        lock (_gate)
        {
            _begun.RemoveAll(static action => action.Batch.IsCommitted);
            return [.. _begun.Select(static action => action.Request.Event!.Device)];
        }
    }

    // Reported once. Duplicate runs after a crash are better than no runs until then.
    private void SayUnwritten(IOException e)
    {
        if (!_cannotWrite)
            options.Say($"the cursor cannot be written: {e.Message}");
        _cannotWrite = true;
    }

    private static void Signal(SemaphoreSlim semaphore)
    {
        try
        {
            semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is signalled already.
        }
    }
}

/// <summary>The options of a session.</summary>
internal sealed record ActionOptions
{
    /// <summary>The program's name, for the log.</summary>
    public required string Name { get; init; }

    /// <summary>The number of programs at once.</summary>
    public required int Jobs { get; init; }

    /// <summary>The number of further attempts after a failure.</summary>
    public int Retries { get; init; }

    /// <summary>The file that records what has ended; null for none.</summary>
    public CursorFile? File { get; init; }

    /// <summary>True to begin with the existing devices.</summary>
    public bool RunsInitial { get; init; }

    /// <summary>Writes the log.</summary>
    public required Action<string> Say { get; init; }
}
