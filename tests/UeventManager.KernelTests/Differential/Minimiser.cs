using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Differential;

/// <summary>Leaves out operations as long as the same promise is broken: pieces of half the round first, then ever smaller ones.</summary>
internal static class Minimiser
{
    // Timing differs from run to run: that often a round must be right before its operations are believed to be needed.
    private const int Tries = 15;

    public static Failure Shrink(Failure failure, Sandbox sandbox)
    {
        var best = failure;
        for (var size = Math.Max(1, best.Plan.Operations.Count / 2); ; size /= 2)
        {
            for (var at = 0; at < best.Plan.Operations.Count;)
            {
                var operations = best.Plan.Operations.Where((_, index) => index < at || index >= at + size).ToList();
                if (Again(best.Plan with { Operations = operations }, failure.Promise, sandbox) is { } shorter)
                    best = shorter;
                else
                    at += size;
            }
            if (size <= 1)
                return best;
        }
    }

    private static Failure? Again(Plan plan, string promise, Sandbox sandbox)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            if (Trial.Run(plan, sandbox) is { } failure && failure.Promise == promise)
                return failure;
        }
        return null;
    }
}
