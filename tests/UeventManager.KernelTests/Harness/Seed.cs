namespace UeventManager.KernelTests.Harness;

/// <summary>Randomness that can be replayed: the seed is in the test's output, and SEED=N gives it again.</summary>
public static class Seed
{
    public static Random Random()
    {
        var seed = Environment.GetEnvironmentVariable("SEED") is { } given ? int.Parse(given) : System.Random.Shared.Next();
        var method = TestContext.Current.TestMethod?.MethodName;
        TestContext.Current.TestOutputHelper?.WriteLine($"replay: SEED={seed} make test TESTS='-method *{method}'");
        return new Random(seed);
    }
}
