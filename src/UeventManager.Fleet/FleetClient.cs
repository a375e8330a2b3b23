using System.Runtime.CompilerServices;
using NATS.Client.Core;
using UeventManager.Client;

namespace UeventManager.Fleet;

/// <summary>
/// Reads the devices of many hosts, as their bridges publish them: the state first, then every change. It reconnects as often as needed.
/// </summary>
/// <example>
/// <code>
/// await using var fleet = new FleetClient(new FleetOptions { Server = "nats://broker:4222" });
/// await foreach (FleetChange change in fleet.SubscribeAsync(new FleetSubscribeOptions { Filter = new DeviceFilter { Subsystems = ["net"] } }))
/// {
///     if (change is FleetState state)
///         devices = state.Devices.ToDictionary(device => (device.Host, device.DevPath));
///     else if (change is FleetEvents { Events: var events })
///         foreach (FleetEvent one in events)
///             Console.WriteLine($"{one.Host} {one.Event.Action} {one.Event.Device.DevPath}");
/// }
/// </code>
/// </example>
public sealed class FleetClient : IAsyncDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(250);
    private readonly FleetOptions _options;
    private readonly NatsConnection _nats;

    /// <summary>Creates a client that connects at the first use.</summary>
    /// <param name="options">The broker and the credentials.</param>
    public FleetClient(FleetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _nats = options.NewConnection(reconnects: true);
    }

    /// <summary>The connection.</summary>
    internal NatsConnection Connection => _nats;

    /// <summary>
    /// Follows a part of the fleet. A consumer is always right if it replaces its devices by each <see cref="FleetState"/> and applies every
    /// <see cref="FleetEvents"/>; <see cref="FleetTable"/> does that.
    /// </summary>
    /// <param name="options">Selects the part; null for the whole fleet.</param>
    /// <param name="cancellationToken">Ends the subscription, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The stream; it ends only with an exception.</returns>
    /// <exception cref="NatsException">The first attempt to reach the broker failed, or the broker refused.</exception>
    /// <exception cref="FleetForbiddenException">The broker does not allow these credentials to read that part of the fleet.</exception>
    public async IAsyncEnumerable<FleetChange> SubscribeAsync(FleetSubscribeOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= new FleetSubscribeOptions();
        TimeProvider time = options.Time;
        // If everything is open, no place is left to continue from.
        FleetPosition? after = options.After is { OpenFrom: > 0 } place ? place : null;
        var fleet = new FleetAssembly(name => WantsHost(options.Hosts, name), after);
        var selection = new FleetSelection(options.Filter, fleet);
        long Now() => (long)time.GetElapsedTime(0).TotalMilliseconds;
        await _nats.ConnectAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        using var refusals = new ServerRefusals(_nats, cancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(refusals.Token);
        IAsyncEnumerator<ReaderItem> items = new FleetReader(_nats, _options.Stream)
            .FollowAsync(SubjectsOf(options.Hosts), after ?? default, options.Reconnecting, ending.Token).GetAsyncEnumerator(ending.Token);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next ??= items.MoveNextAsync().AsTask();
                if (!next.IsCompleted)
                {
                    await Task.WhenAny(next, Task.Delay(s_tick, time, refusals.Token)).ConfigureAwait(false);
                    cancellationToken.ThrowIfCancellationRequested();
                }
                if (refusals.First is { } refused)
                    throw refused;
                if (next.IsCompleted)
                {
                    if (!await next.ConfigureAwait(false))
                        yield break;
                    next = null;
                    ReaderItem item = items.Current;
                    if (item.Anew is { } reason)
                        fleet.Reset(reason);
                    if (item.Message is { } message)
                        fleet.Take(message, Now());
                    if (item.Pending == 0)
                        fleet.StateRead(Now());
                }
                else
                    fleet.Tick(Now());
                if (!fleet.HasChanges)
                    continue;
                foreach (FleetChange change in fleet.TakeChanges())
                {
                    if (selection.Of(change) is { } wanted)
                        yield return wanted;
                }
            }
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            if (next is not null)
                await next.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
            await items.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Gets the present state.</summary>
    /// <param name="options">Selects the part of the fleet; null for all of it.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The devices and the hosts.</returns>
    public async Task<FleetState> ListAsync(FleetSubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        await foreach (FleetChange change in SubscribeAsync((options ?? new FleetSubscribeOptions()) with { After = null }, cancellationToken).ConfigureAwait(false))
        {
            if (change is FleetState state)
                return state;
        }
        throw new InvalidOperationException("The stream ended.");
    }

    /// <summary>Waits until a number of devices exist on all hosts together, or until none is left. Devices of stale hosts do not count.</summary>
    /// <param name="options">Selects devices and hosts.</param>
    /// <param name="count">The number of devices; unused with <see cref="WaitUntil.Removed"/>.</param>
    /// <param name="until">The state to wait for.</param>
    /// <param name="timeout">The longest wait; null for no limit.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>All devices that match then; none if they are removed.</returns>
    /// <exception cref="WaitTimeoutException">The timeout passed.</exception>
    public async Task<IReadOnlyList<FleetDevice>> WaitAsync(
        FleetSubscribeOptions options, int count = 1, WaitUntil until = WaitUntil.Settled, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (timeout is { } longest)
            limited.CancelAfter(longest);
        var table = new FleetTable();
        try
        {
            await foreach (FleetChange change in SubscribeAsync(options with { After = null }, limited.Token).ConfigureAwait(false))
            {
                table.Apply(change);
                FleetDevice[] found = [.. table.Devices.Values.Where(one => table.Hosts.GetValueOrDefault(one.Host)?.State != FleetHostState.Stale)];
                if (until == WaitUntil.Removed ? found.Length == 0 : found.Length >= count)
                    return found;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && limited.IsCancellationRequested)
        {
            throw new WaitTimeoutException([$"{table.Devices.Count} of {count} devices"], null);
        }
        throw new InvalidOperationException("The stream ended.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _nats.DisposeAsync();

    // A negated glob excludes hosts that the other globs include; if all globs are negated, all must hold.
    private static bool WantsHost(IReadOnlyList<string> globs, string name) => globs.Count == 0
        || (globs.Where(static one => one.StartsWith('!')).All(one => NameGlob.Matches(one, name))
            && (globs.All(static one => one.StartsWith('!')) || globs.Any(one => !one.StartsWith('!') && NameGlob.Matches(one, name))));

    private static string SubjectsOf(IReadOnlyList<string> globs) =>
        globs is [{ Length: > 0 } only] && only.AsSpan().IndexOfAny("*?[!") < 0 ? FleetSubjects.OfHost(only) : FleetSubjects.All;
}
