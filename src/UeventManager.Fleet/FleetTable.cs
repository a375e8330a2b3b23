namespace UeventManager.Fleet;

/// <summary>
/// The devices of a fleet, updated by applying changes. One thread applies; any thread may read. A collection that a reader has taken does not
/// change; the next one may be of a later moment.
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

    /// <summary>Raised after each change, on the thread that applies it. An exception of a handler ends <see cref="RunAsync"/>.</summary>
    public event EventHandler<FleetChange>? Changed;

    /// <summary>The devices by host and devpath. A reader sees either all devices that were announced together, or none.</summary>
    public IReadOnlyDictionary<(string Host, string DevPath), FleetDevice> Devices => _picture.Devices;

    /// <summary>The hosts by name.</summary>
    public IReadOnlyDictionary<string, FleetHost> Hosts => _picture.Hosts;

    /// <summary>The place at which a subscription that is applied to this table continues.</summary>
    public FleetPosition Position => _picture.Position;

    /// <summary>Completes when the first state is applied.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Subscribes and applies all changes.</summary>
    /// <param name="client">The client.</param>
    /// <param name="options">Selects the part of the fleet; null for all of it. It must not select actions, because all are needed.</param>
    /// <param name="cancellationToken">Ends the subscription, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>A task that ends only with an exception.</returns>
    public async Task RunAsync(FleetClient client, FleetSubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (options is { Filter.Actions.Count: > 0 } or { After: not null })
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
