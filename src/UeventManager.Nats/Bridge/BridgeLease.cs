using System.Globalization;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>
/// The right to publish for a host: the newest message on its lease subject, written only if the subject's newest message is the expected one. A
/// bridge that does not renew its lease for three beats loses it to the next bridge that asks.
/// </summary>
internal sealed class BridgeLease(BridgeOptions options)
{
    /// <summary>After so many beats without a renewal, another bridge may take the lease.</summary>
    public const int MostMissed = 3;

    private static readonly TimeSpan s_doubt = TimeSpan.FromMinutes(30);

    private readonly string _subject = FleetSubjects.Lease(options.Host);
    private ulong _sequence;
    private long _renewedAt;
    private long _doubtfulUntil;

    /// <summary>The bridge's state: running or daemonAway.</summary>
    public string State { get; set; } = "running";

    /// <summary>
    /// The sequence up to which this bridge knows that every transaction in the stream is complete. Later messages, perhaps from a broken connection,
    /// are not covered.
    /// </summary>
    public ulong WholeTo { get; set; }

    /// <summary>The number of the host's devices.</summary>
    public int Devices { get; set; }

    /// <summary>The number of times the state was read again.</summary>
    public int Gaps { get; set; }

    /// <summary>The reason of the last time.</summary>
    public string? LastGap { get; set; }

    /// <summary>
    /// True while messages of the previous bridge, or of this one over a broken connection, may still arrive: a network, a stopped broker or the
    /// kernel may have kept them.
    /// </summary>
    public bool IsDoubtful => TimeProvider.System.GetTimestamp() < _doubtfulUntil;

    /// <summary>True if the last renewal is so recent that no other bridge can have the lease.</summary>
    public bool IsFresh => _sequence > 0 && TimeProvider.System.GetElapsedTime(_renewedAt) < options.Beat * (MostMissed - 1);

    /// <summary>Takes the lease; if another bridge holds it, waits whether that one misses its beats.</summary>
    /// <exception cref="FencedException">Another bridge holds and renews it.</exception>
    public async Task AcquireAsync(FleetReader reader, BrokerPublisher publisher, CancellationToken cancel)
    {
        bool waited = false;
        while (true)
        {
            (ulong sequence, FleetLease? found) = await ReadAsync(reader, cancel).ConfigureAwait(false);
            if (found is not null && !waited && !MayTake(found))
            {
                options.Say($"another bridge publishes for '{options.Host}' ({Describe(found)}); taking over if it misses {MostMissed} beats of {found.BeatMsec} ms");
                await WatchAsync(reader, sequence, found, cancel).ConfigureAwait(false);
                waited = true;
                continue;
            }
            PublishAnswer answer = await PublishAsync(publisher, sequence, State, cancel).ConfigureAwait(false);
            if (answer.Sequence > 0)
            {
                if (found is { State: not "stopped" })
                    _doubtfulUntil = TimeProvider.System.GetTimestamp() + (long)(s_doubt.TotalSeconds * TimeProvider.System.TimestampFrequency);
                return;
            }
            if (answer.ErrorCode != PublishAnswer.WrongLastSequence)
                throw BridgeErrors.Of(answer, _subject);
            waited = false;
        }
    }

    /// <summary>Renews the lease.</summary>
    /// <exception cref="FencedException">Another bridge has taken it.</exception>
    public async Task RenewAsync(FleetReader reader, BrokerPublisher publisher, CancellationToken cancel)
    {
        PublishAnswer answer = await PublishAsync(publisher, _sequence, State, cancel).ConfigureAwait(false);
        if (answer.ErrorCode == PublishAnswer.WrongLastSequence)
        {
            (_, FleetLease? found) = await ReadAsync(reader, cancel).ConfigureAwait(false);
            if (found is not null && found.Instance != options.Instance)
                throw Fenced(found);
            // The stream was lost or purged, or the answer to an earlier renewal was lost.
            throw new BrokerLostException("the lease was changed by someone else");
        }
        if (answer.Sequence == 0)
            throw BridgeErrors.Of(answer, _subject);
    }

    /// <summary>Gives the lease up, so that the next bridge need not wait.</summary>
    public async Task ReleaseAsync(FleetReader reader, BrokerPublisher publisher, CancellationToken cancel)
    {
        if (_sequence == 0)
            return;
        PublishAnswer answer = await PublishAsync(publisher, _sequence, "stopped", cancel).ConfigureAwait(false);
        // A renewal that was still in progress may have been stored first, with nobody to take its answer.
        if (answer.ErrorCode == PublishAnswer.WrongLastSequence && await ReadAsync(reader, cancel).ConfigureAwait(false) is { Lease: { } found } now && found.Instance == options.Instance)
            await PublishAsync(publisher, now.Sequence, "stopped", cancel).ConfigureAwait(false);
    }

    private bool MayTake(FleetLease found) =>
        found.Instance == options.Instance || found.State == "stopped" || ThisProcess.HasEnded(found.Boot, found.Process);

    // The server's clock may differ from ours, so only our own time without a renewal counts.
    private async Task WatchAsync(FleetReader reader, ulong sequence, FleetLease held, CancellationToken cancel)
    {
        TimeSpan beat = TimeSpan.FromMilliseconds(Math.Clamp(held.BeatMsec, 100, 600_000));
        long begun = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begun) < beat * MostMissed)
        {
            await Task.Delay(beat / 4, cancel).ConfigureAwait(false);
            (ulong now, FleetLease? found) = await ReadAsync(reader, cancel).ConfigureAwait(false);
            if (found is null || MayTake(found))
                return;
            if (now != sequence)
                throw Fenced(found);
        }
    }

    private FencedException Fenced(FleetLease found) =>
        new($"another bridge publishes for '{options.Host}' ({Describe(found)}); this one ends (a host has one bridge; give another host its own name with --host)");

    private static string Describe(FleetLease lease) => string.Create(CultureInfo.InvariantCulture, $"on {lease.Hostname ?? "an unknown host"}, process {lease.Process?.Split(' ') switch { [_, var pid, ..] => pid, _ => "unknown" }}");

    private async Task<(ulong Sequence, FleetLease? Lease)> ReadAsync(FleetReader reader, CancellationToken cancel) =>
        (await reader.ReadAsync(_subject, cancel).ConfigureAwait(false)) is [.., var newest] ? (newest.Sequence, FleetLease.TryParse(newest.Payload.Span)) : (0, null);

    private FleetLease Lease(string state) => new()
    {
        Host = options.Host,
        Instance = options.Instance,
        State = state,
        BeatMsec = (long)options.Beat.TotalMilliseconds,
        WholeTo = WholeTo,
        Devices = Devices,
        Gaps = Gaps,
        LastGap = LastGap,
        Hostname = options.Hostname,
        Boot = options.Boot,
        Process = options.Process,
        Version = typeof(BridgeLease).Assembly.GetName().Version?.ToString(3),
    };

    private async Task<PublishAnswer> PublishAsync(BrokerPublisher publisher, ulong over, string state, CancellationToken cancel)
    {
        // The time before sending counts, because the server counts from its receipt.
        long before = TimeProvider.System.GetTimestamp();
        var message = new OutMessage(_subject, Lease(state).ToJson(), Guid.NewGuid().ToString("N")) { Device = [] };
        PublishAnswer[] answers = await publisher.PublishAsync([message], one => one.Headers(null, options.Boot, over), cancel).ConfigureAwait(false);
        if (answers[0].Sequence > 0)
            (_sequence, _renewedAt) = (answers[0].Sequence, before);
        return answers[0];
    }
}
