using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace UeventManager.Client;

/// <summary>One subscription that reconnects as often as needed.</summary>
internal sealed class ResumingSubscription(UeventClient client, DeviceFilter? filter, SubscribeOptions options)
{
    private readonly long? _sinceUsec = options.Since is { } since ? NowUsec - (long)since.TotalMicroseconds : null;

    private string? _cursor = options.Cursor;
    private List<UeventDevice>? _state;
    private UeventGap? _gap;
    private bool _triesCursor;
    private bool _wasConnected = options.WaitForDaemon;
    private int _attempts;

    /// <summary>Yields whole states, resumptions and events, and reconnects in between.</summary>
    public async IAsyncEnumerable<Change> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            Exception lost;
            _triesCursor = _cursor is not null;
            IAsyncEnumerator<Change> changes = FollowAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (changes.ConfigureAwait(false))
            {
                while (true)
                {
                    try
                    {
                        await changes.MoveNextAsync().ConfigureAwait(false);
                    }
                    catch (Exception e) when (IsLoss(e))
                    {
                        lost = e;
                        break;
                    }
                    _wasConnected = true;
                    if (Take(changes.Current) is not { } whole)
                        continue;
                    _attempts = 0;
                    yield return whole;
                }
            }
            _state = null; // A part of a state is none: the cursor was given up when it began.
            await WaitAsync(lost, cancellationToken).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<Change> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long? sinceUsec = _cursor is null ? await DaemonTimeAsync(_sinceUsec, cancellationToken).ConfigureAwait(false) : null;
        SubscribeParameters parameters = new(filter, _cursor, options.Stateless ? true : null, options.Unsettled ? true : null, sinceUsec);
        await foreach (Change change in client.FollowOnceAsync(parameters, cancellationToken).ConfigureAwait(false))
            yield return change;
    }

    // The daemon's CLOCK_MONOTONIC differs from this process's if they run in different time namespaces.
    private async Task<long?> DaemonTimeAsync(long? usec, CancellationToken cancellationToken)
    {
        if (usec is null)
            return null;
        DaemonStatus status = await client.StatusAsync(cancellationToken).ConfigureAwait(false);
        return usec + (status.NowUsec - NowUsec ?? 0);
    }

    // On Linux Stopwatch uses CLOCK_MONOTONIC.
    private static long NowUsec => (long)(Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency * 1e6);

    // After a restart all subscribers may reconnect at once, and the daemon may refuse some at its limit for a moment.
    private bool IsLoss(Exception e) => _wasConnected && client.CanReconnect
        && (e is DaemonUnreachableException
            || (e is VarlinkErrorException { Error: var error } && error.EndsWith(".TooManySubscribers", StringComparison.Ordinal)));

    private Change? Take(Change change)
    {
        switch (change)
        {
            case GapChange gap:
                if (options.Stateless)
                    return gap; // An old cursor gets another gap, and without one what comes until the next event would be lost in silence.
                (_cursor, _gap) = (null, gap.Gap);
                return null;
            case StateChange part:
                _cursor = null;
                (_state ??= []).AddRange(part.Devices);
                return null;
            case ReadyChange ready:
                return Ready(ready);
            default:
                _cursor = change.Cursor;
                return change;
        }
    }

    private Change Ready(ReadyChange ready)
    {
        // After a resumed cursor the replay still follows: the daemon's newest cursor would skip it.
        _cursor ??= ready.Cursor;
        bool hasState = !options.Stateless && (_state is not null || _gap is not null || !_triesCursor);
        Change whole = hasState ? new StateChange(_state ?? []) { Cursor = _cursor, Gap = _gap } : ready with { Cursor = _cursor };
        (_state, _gap) = (null, null);
        return whole;
    }

    private async Task WaitAsync(Exception lost, CancellationToken cancellationToken)
    {
        TimeSpan delay = Backoff.Next(options.FirstDelay, options.MaxDelay, _attempts++);
        options.Reconnecting?.Invoke(new Reconnecting(lost, _attempts, delay));
        await Task.Delay(delay, options.Time, cancellationToken).ConfigureAwait(false);
    }
}
