using System.Collections.Immutable;

namespace UeventManager.Client;

/// <summary>
/// The devices that exist, kept by applying changes. One thread applies; any thread may read. Readers see the events of one group (
/// <see cref="UeventGroup"/>) all or not at all.
/// </summary>
/// <example>
/// <code>
/// var table = new DeviceTable();
/// table.Changed += (_, changed) => Show(changed.Differences);
/// await table.RunAsync(client, new DeviceFilter { Subsystems = ["net", "pci"] }, cancellationToken: stopping);
/// </code>
/// </example>
public sealed class DeviceTable
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ImmutableDictionary<string, UeventDevice> _devices = ImmutableDictionary.Create<string, UeventDevice>(StringComparer.Ordinal);

    /// <summary>Raised after each change that made a difference, on the thread that applies it. A handler that throws ends <see cref="RunAsync"/>.</summary>
    public event EventHandler<DeviceTableEventArgs>? Changed;

    /// <summary>The devices by devpath as they are now; what was returned before does not change.</summary>
    public IReadOnlyDictionary<string, UeventDevice> Devices => _devices;

    /// <summary>Where a subscription resumes that goes on from this table. Opaque; null as long as the daemon said none.</summary>
    public string? Cursor { get; private set; }

    /// <summary>Done once the first state is in.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Finds the nearest device above another one.</summary>
    /// <param name="device">The other one.</param>
    /// <returns>The device; null if the table has none above it.</returns>
    public UeventDevice? ParentOf(UeventDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        ImmutableDictionary<string, UeventDevice> devices = _devices;
        return DevicePlace.Above(device.DevPath).Select(devices.GetValueOrDefault).FirstOrDefault(static above => above is not null);
    }

    /// <summary>Finds the devices whose nearest device above is this one.</summary>
    /// <param name="device">The device above.</param>
    /// <returns>The devices, in the order of their devpaths.</returns>
    public IReadOnlyList<UeventDevice> ChildrenOf(UeventDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        ImmutableDictionary<string, UeventDevice> devices = _devices;
        return
        [
            .. devices.Values.Where(one => DevicePlace.IsBelow(one.DevPath, device.DevPath)
                    && !DevicePlace.Above(one.DevPath).TakeWhile(above => above != device.DevPath).Any(devices.ContainsKey))
                .OrderBy(static one => one.DevPath, StringComparer.Ordinal),
        ];
    }

    /// <summary>Waits until there is a device as it is wanted.</summary>
    /// <param name="predicate">Asked of each device as it is now, and then of each that comes or changes, by the thread that applies changes.</param>
    /// <param name="cancellationToken">Gives the wait up, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The device. It may have changed since.</returns>
    public async Task<UeventDevice> WaitForAsync(Func<UeventDevice, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        var found = new TaskCompletionSource<UeventDevice>(TaskCreationOptions.RunContinuationsAsynchronously);
        Changed += Look;
        try
        {
            // After the handler is there, so that nothing comes between.
            if (_devices.Values.FirstOrDefault(predicate) is { } now)
                return now;
            return await found.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Changed -= Look;
        }

        void Look(object? sender, DeviceTableEventArgs changed)
        {
            try
            {
                if (changed.Differences.FirstOrDefault(one => one.Kind != DifferenceKind.Removed && predicate(one.Device)) is { } one)
                    found.TrySetResult(one.Device);
            }
            catch (Exception e)
            {
                // A mistake of the predicate is the waiter's; changes are still applied.
                found.TrySetException(e);
            }
        }
    }

    /// <summary>Subscribes and applies everything, over as many connections as it takes.</summary>
    /// <param name="client">Where from.</param>
    /// <param name="filter">Which devices; null for all.</param>
    /// <param name="options">How to reconnect. It may not be stateless, and a cursor belongs to this table.</param>
    /// <param name="cancellationToken">Ends it, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>Ends by an exception only, those of <see cref="UeventClient.SubscribeAsync"/>.</returns>
    public async Task RunAsync(
        UeventClient client, DeviceFilter? filter = null, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (options is { Stateless: true } || filter is { Actions: not null })
            throw new ArgumentException("A table needs the state and the events of all actions.", options is { Stateless: true } ? nameof(options) : nameof(filter));
        await foreach (Change change in client.SubscribeAsync(filter, options, cancellationToken).ConfigureAwait(false))
            Apply(change);
    }

    /// <summary>Applies one item of <see cref="UeventClient.SubscribeAsync"/>.</summary>
    /// <param name="change">The item; those without devices change nothing.</param>
    public void Apply(Change change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var draft = new TableDraft(_devices);
        if (change is StateChange state)
            draft.Replace(state.Devices);
        else if (change is EventsChange { Events: var events })
            draft.Apply(events);
        _devices = draft.Devices;
        Cursor = change.Cursor ?? Cursor;
        if (draft.Differences.Count > 0)
            Changed?.Invoke(this, new DeviceTableEventArgs(draft.Differences, (change as StateChange)?.Gap));
        if (change is StateChange or ReadyChange)
            _ready.TrySetResult();
    }
}
