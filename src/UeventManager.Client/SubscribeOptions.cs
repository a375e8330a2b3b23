namespace UeventManager.Client;

/// <summary>How <see cref="UeventClient.SubscribeAsync"/> begins and goes on.</summary>
public sealed record SubscribeOptions
{
    /// <summary>Where to resume; null for the state.</summary>
    public string? Cursor { get; init; }

    /// <summary>
    /// Begins with the events of so long ago, as far as the daemon keeps them; only with <see cref="Stateless"/> and without <see cref="Cursor"/>. Where
    /// they are not all kept, a <see cref="GapChange"/> comes first.
    /// </summary>
    public TimeSpan? Since { get; init; }

    /// <summary>True to see no state, also after a gap.</summary>
    public bool Stateless { get; init; }

    /// <summary>True to see devices too that still wait.</summary>
    public bool Unsettled { get; init; }

    /// <summary>True to wait for a daemon that does not run yet. Otherwise a first attempt that fails is an error.</summary>
    public bool WaitForDaemon { get; init; }

    /// <summary>About how long to wait before the first attempt to reconnect. Each further one waits twice as long.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait between two attempts.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Told before each wait, for a log. It may end the subscription by throwing.</summary>
    public Action<Reconnecting>? Reconnecting { get; init; }

    /// <summary>The clock of the waits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A connection was lost, or an attempt to reconnect failed.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Attempt">The attempt that comes next, from 1.</param>
/// <param name="Delay">How long until then.</param>
public sealed record Reconnecting(Exception Reason, int Attempt, TimeSpan Delay);
