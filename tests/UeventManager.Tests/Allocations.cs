namespace UeventManager.Tests;

/// <summary>What a piece of work allocates on the calling thread.</summary>
internal static class Allocations
{
    private const int Rounds = 10;

    /// <summary>
    /// The bytes of the cheapest round. What the runtime does for itself on this thread, as it compiles again what is called often, is in some of the
    /// rounds and never in all.
    /// </summary>
    public static long Least(Action round) => Enumerable.Range(0, Rounds).Select(_ => Of(round)).Min();

    private static long Of(Action round)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        round();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
