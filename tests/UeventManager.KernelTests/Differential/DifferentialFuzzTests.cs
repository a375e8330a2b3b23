using System.Diagnostics;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Differential;

/// <summary>
/// Random operations on a tree and random uevents, legal and not, with a daemon that is stopped, killed and reloaded, and subscribers of every
/// kind: in the end each one knows exactly what is there, and nobody was told on the way what the guarantees forbid.
/// </summary>
public sealed class DifferentialFuzzTests
{
    private const double DefaultSeconds = 10;

    /// <summary>A short run uses the same seeds each time, so that a new failure comes from the change under test. A soak uses new seeds.</summary>
    private const int FirstSeed = 20_261_100;

    [Fact]
    public void Every_subscriber_ends_with_the_true_state_and_gets_no_wrong_event()
    {
        var knobs = Knobs.FromEnvironment();
        using var sandbox = Sandbox.Create();
        var clock = Stopwatch.StartNew();
        var rounds = 0;
        while (knobs.Seed is null ? clock.Elapsed.TotalSeconds < (Soak.Seconds ?? DefaultSeconds) : rounds < knobs.Repeat)
        {
            var seed = knobs.Seed ?? (Soak.Seconds is null ? FirstSeed + rounds : Random.Shared.Next());
            var plan = Plan.Of(seed, knobs);
            if (knobs.Only is { } only)
                plan = plan with { Operations = [.. plan.Operations.Where(operation => only.Contains(operation.Number))] };
            if (Trial.Run(plan, sandbox) is { } failure)
                Assert.Fail(failure.Describe(knobs.Minimise ? Minimiser.Shrink(failure, sandbox) : null, rounds));
            rounds++;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{rounds} rounds in {clock.Elapsed.TotalSeconds:0} s");
    }
}
