namespace UeventManager.FleetScale;

/// <summary>Waits of a measurement: a time at rest, or until something has come.</summary>
internal static class Waits
{
    public static async Task PauseAsync(int milliseconds)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(milliseconds));
        await timer.WaitForNextTickAsync();
    }

    /// <summary>Waits until something holds.</summary>
    /// <exception cref="OperationCanceledException">It does not in time.</exception>
    public static async Task UntilAsync(Func<bool> holds, CancellationToken limit)
    {
        while (!holds())
        {
            limit.ThrowIfCancellationRequested();
            await PauseAsync(20);
        }
    }
}
