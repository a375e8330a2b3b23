namespace UeventManager.Client;

/// <summary>When to try again to reach a daemon that is gone.</summary>
internal static class Backoff
{
    /// <summary>How long to wait: twice as long after each attempt, and spread out, since a daemon that comes back must not be met by everybody in the same moment.</summary>
    /// <param name="first">The longest of the first attempt.</param>
    /// <param name="most">The longest of all.</param>
    /// <param name="attempts">Attempts before.</param>
    public static TimeSpan Next(TimeSpan first, TimeSpan most, int attempts)
    {
        double longest = Math.Min(most.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(attempts, 30)));
        return TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
