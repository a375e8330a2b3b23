namespace UeventManager.Client;

/// <summary>Options of <see cref="UeventClient.SubscribeAsync"/>.</summary>
public sealed record SubscribeOptions
{
    /// <summary>The cursor to resume at; null to begin with the state.</summary>
    public string? Cursor { get; init; }

    /// <summary>
    /// Begins with the events of this last time span, as far as the daemon keeps them; only with <see cref="Stateless"/> and without
    /// <see cref="Cursor"/>. If not all of them are kept, a <see cref="GapChange"/> comes first.
    /// </summary>
    public TimeSpan? Since { get; init; }

    /// <summary>True for no state, not even after a gap.</summary>
    public bool Stateless { get; init; }

    /// <summary>True to include waiting devices in the state.</summary>
    public bool Unsettled { get; init; }

    /// <summary>True to wait for a daemon that does not run yet. Otherwise a failed first attempt is an error.</summary>
    public bool WaitForDaemon { get; init; }

    /// <summary>The approximate delay before the first attempt to reconnect. Each further delay is twice as long.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest delay between two attempts.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Called before each delay, for a log. An exception of the callback ends the subscription.</summary>
    public Action<Reconnecting>? Reconnecting { get; init; }

    /// <summary>The clock for the delays.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A connection was lost, or an attempt to reconnect failed.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Attempt">The number of the next attempt, from 1.</param>
/// <param name="Delay">The delay before that attempt.</param>
public sealed record Reconnecting(Exception Reason, int Attempt, TimeSpan Delay);
