using NATS.Client.Core;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>
/// Publishes for one host. After any error of the broker it starts again: with a new connection, the lease, the content of the stream, and the
/// daemon's events from the end of the stream.
/// </summary>
internal sealed class HostBridge(BridgeOptions options)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);
    private string? _said;
    private bool _hasForeign;

    /// <summary>Runs until cancelled, or until another bridge publishes for the host.</summary>
    /// <param name="cancel">Ends the bridge in order: the method returns.</param>
    /// <exception cref="FencedException">Another bridge publishes for the host.</exception>
    /// <exception cref="RefusedException">The bridge cannot work with this configuration.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        var lease = new BridgeLease(options);
        TimeSpan delay = TimeSpan.FromMilliseconds(100);
        while (!cancel.IsCancellationRequested)
        {
            long begun = TimeProvider.System.GetTimestamp();
            try
            {
                await RunOnceAsync(lease, cancel).ConfigureAwait(false);
            }
            catch (Exception) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not (FencedException or RefusedException))
            {
                // An unexpected exception only ends this attempt, so that the host does not fall silent.
                string text = BridgeErrors.Explain(e, options.Broker) ?? $"{e.GetType().Name}: {e.Message}";
                if (text != _said)
                    options.Say($"{text}; trying again until it succeeds");
                _said = text;
                _hasForeign |= e is ForeignMessageException;
            }
            if (TimeProvider.System.GetElapsedTime(begun) > s_longest)
                delay = TimeSpan.FromMilliseconds(100);
            try
            {
                await Task.Delay(delay, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            delay = delay < s_longest ? delay * 2 : delay;
        }
    }

    private async Task RunOnceAsync(BridgeLease lease, CancellationToken cancel)
    {
        await using NatsConnection nats = options.Broker.NewConnection(reconnects: false);
        using var refusals = new ServerRefusals(nats, cancel);
        await refusals.GuardAsync(allowed => SpeakAsync(nats, lease, allowed, cancel)).ConfigureAwait(false);
    }

    // Ends with an exception. The first token cancels it at once, after a refusal or at the end; the second one ends it in order.
    private async Task SpeakAsync(NatsConnection nats, BridgeLease lease, CancellationToken cancel, CancellationToken asked)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await nats.ConnectAsync().AsTask().WaitAsync(cancel).ConfigureAwait(false);
        await StreamCheck.RequireAsync(nats, options.Broker, cancel).ConfigureAwait(false);
        var reader = new FleetReader(nats, options.Broker.Stream);
        await using var beats = new BrokerPublisher(nats, options.Broker.Timeout);
        await using var publisher = new BrokerPublisher(nats, options.Broker.Timeout);
        await lease.AcquireAsync(reader, beats, cancel).ConfigureAwait(false);
        IReadOnlyList<FleetMessage> held = await reader.ReadAsync(FleetSubjects.OfHost(options.Host), cancel).ConfigureAwait(false);
        HostLedger ledger = HostLedger.Of(held);
        ulong judged = held is [.., var last] ? last.Sequence : 0;
        options.Say(_said is null
            ? $"publishing for '{options.Host}' on {options.Broker.ShownServer}: {ledger.Count} devices are known there"
            : "the broker accepts messages again");
        _said = null;

        using var renewing = new SemaphoreSlim(1, 1);
        async Task RenewAsync(CancellationToken token)
        {
            await renewing.WaitAsync(token).ConfigureAwait(false);
            try
            {
                await lease.RenewAsync(reader, beats, token).ConfigureAwait(false);
            }
            finally
            {
                renewing.Release();
            }
        }
        var session = new BridgeSession(options, lease, publisher, RenewAsync, nats.ServerInfo?.MaxPayload ?? int.MaxValue);
        async Task BeatAsync()
        {
            using var timer = new PeriodicTimer(options.Beat);
            while (await timer.WaitForNextTickAsync(ending.Token).ConfigureAwait(false))
            {
                await RenewAsync(ending.Token).ConfigureAwait(false);
                if (!lease.IsDoubtful)
                    continue;
                IReadOnlyList<FleetMessage> since = await reader.ReadAfterAsync(FleetSubjects.OfHost(options.Host), judged, ending.Token).ConfigureAwait(false);
                await session.RequireOwnAsync(since, ending.Token).ConfigureAwait(false);
                judged = since is [.., var newest] ? newest.Sequence : judged;
            }
        }
        // After a message of another client there is no place to resume from.
        lease.WholeTo = ledger.Half is null ? ledger.LastSequence : 0;
        ResumePoint resume = _hasForeign ? ResumePoint.None : ledger.Resume(options.Boot);
        _hasForeign = false;
        Task run = session.RunAsync(ledger, resume, ending.Token), beat = BeatAsync();
        try
        {
            await (await Task.WhenAny(run, beat).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(run, beat).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
            if (asked.IsCancellationRequested)
                await ReleaseAsync(lease, reader, beats).ConfigureAwait(false);
        }
    }

    private async Task ReleaseAsync(BridgeLease lease, FleetReader reader, BrokerPublisher beats)
    {
        try
        {
            await lease.ReleaseAsync(reader, beats, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (BridgeErrors.Explain(e, options.Broker) is not null)
        {
            // The lease expires then.
        }
    }
}
