namespace UeventManager.Fleet;

/// <summary>
/// The devices of a fleet, kept by applying changes. One thread applies; any thread may read. What a reader took does not change; what it takes
/// anew may be of a later moment.
/// </summary>
/// <example>
/// <code>
/// var table = new FleetTable();
/// table.Changed += (_, change) => Show(change);
/// await table.RunAsync(fleet, new FleetSubscribeOptions { Hosts = ["rack7-*"] }, stopping);
/// </code>
/// </example>
public sealed class FleetTable
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile FleetPicture _picture = FleetPicture.Empty;

    /// <summary>Raised after each change, on the thread that applies it. A handler that throws ends <see cref="RunAsync"/>.</summary>
    public event EventHandler<FleetChange>? Changed;

    /// <summary>The devices by host and devpath. Readers see what was announced together all or not at all.</summary>
    public IReadOnlyDictionary<(string Host, string DevPath), FleetDevice> Devices => _picture.Devices;

    /// <summary>The hosts by name.</summary>
    public IReadOnlyDictionary<string, FleetHost> Hosts => _picture.Hosts;

    /// <summary>Where a subscription goes on that goes on from this table.</summary>
    public ulong Sequence => _picture.Sequence;

    /// <summary>Done once the first state is in.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Subscribes and applies everything.</summary>
    /// <param name="client">Where from.</param>
    /// <param name="options">Which part of the fleet; null for all of it. The events of all actions are needed.</param>
    /// <param name="cancellationToken">Ends it, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>Ends by an exception only.</returns>
    public async Task RunAsync(FleetClient client, FleetSubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (options is { Filter.Actions: not null } or { After: not null })
            throw new ArgumentException("A table needs the state and the events of all actions.", nameof(options));
        await foreach (FleetChange change in client.SubscribeAsync(options, cancellationToken).ConfigureAwait(false))
            Apply(change);
    }

    /// <summary>Applies one item of <see cref="FleetClient.SubscribeAsync"/>.</summary>
    /// <param name="change">The item.</param>
    public void Apply(FleetChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        _picture = _picture.After(change);
        Changed?.Invoke(this, change);
        if (change is FleetState)
            _ready.TrySetResult();
    }
}
