using System.Collections.Immutable;

namespace UeventManager.Client;

/// <summary>
/// The devices that exist, updated by applying changes. One thread applies; any thread may read. A reader sees either all events of a group
/// (<see cref="UeventGroup"/>) or none.
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

    /// <summary>
    /// Raised after each change that made a difference, on the thread that applies it. An exception of a handler ends <see cref="RunAsync"/>.
    /// </summary>
    public event EventHandler<DeviceTableEventArgs>? Changed;

    /// <summary>The present devices by devpath; a returned dictionary does not change later.</summary>
    public IReadOnlyDictionary<string, UeventDevice> Devices => _devices;

    /// <summary>The cursor from which a subscription continues this table. Opaque; null until the daemon has sent one.</summary>
    public string? Cursor { get; private set; }

    /// <summary>Completes when the first state is applied.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Finds the nearest ancestor of a device in the table.</summary>
    /// <param name="device">The device.</param>
    /// <returns>The ancestor; null if the table has none.</returns>
    public UeventDevice? ParentOf(UeventDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        ImmutableDictionary<string, UeventDevice> devices = _devices;
        return DevicePlace.Above(device.DevPath).Select(devices.GetValueOrDefault).FirstOrDefault(static above => above is not null);
    }

    /// <summary>Finds the devices whose nearest ancestor in the table is this device.</summary>
    /// <param name="device">The ancestor.</param>
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

    /// <summary>Waits until a device satisfies a predicate.</summary>
    /// <param name="predicate">Called for each present device, then for each new or changed device on the thread that applies changes.</param>
    /// <param name="cancellationToken">Cancels the wait, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The device. It may have changed meanwhile.</returns>
    public async Task<UeventDevice> WaitForAsync(Func<UeventDevice, bool> predicate, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        var found = new TaskCompletionSource<UeventDevice>(TaskCreationOptions.RunContinuationsAsynchronously);
        Changed += Look;
        try
        {
            // Check after the handler is registered, so that no change is missed.
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
                // An exception of the predicate belongs to the waiter; changes are still applied.
                found.TrySetException(e);
            }
        }
    }

    /// <summary>Subscribes and applies all changes; reconnects as often as needed.</summary>
    /// <param name="client">The client.</param>
    /// <param name="filter">Selects devices; null for all.</param>
    /// <param name="options">How to reconnect. Stateless is not allowed, and a cursor must come from this table.</param>
    /// <param name="cancellationToken">Ends the subscription, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>A task that ends only with an exception, as in <see cref="UeventClient.SubscribeAsync"/>.</returns>
    public async Task RunAsync(
        UeventClient client, DeviceFilter? filter = null, SubscribeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        if (options is { Stateless: true } || filter is { Actions.Count: > 0 })
            throw new ArgumentException("A table needs the state and the events of all actions.", options is { Stateless: true } ? nameof(options) : nameof(filter));
        await foreach (Change change in client.SubscribeAsync(filter, options, cancellationToken).ConfigureAwait(false))
            Apply(change);
    }

    /// <summary>Applies one item of <see cref="UeventClient.SubscribeAsync"/>.</summary>
    /// <param name="change">The item; an item without devices changes only the cursor and <see cref="Ready"/>.</param>
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
