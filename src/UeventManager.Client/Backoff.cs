namespace UeventManager.Client;

/// <summary>The delays between attempts to reach the daemon again.</summary>
internal static class Backoff
{
    /// <summary>
    /// The next delay: it doubles after each attempt, and is random, so that not all clients reconnect to a restarted daemon in the same moment.
    /// </summary>
    /// <param name="first">The longest first delay.</param>
    /// <param name="most">The longest delay of all.</param>
    /// <param name="attempts">The number of previous attempts.</param>
    public static TimeSpan Next(TimeSpan first, TimeSpan most, int attempts)
    {
        double longest = Math.Min(most.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(attempts, 30)));
        return TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
