namespace UeventManager.Tests;

/// <summary>The seed of a random test: a new one each run, or the one to be replayed.</summary>
internal static class Seed
{
    /// <summary>The one variable that replays a run of any random test.</summary>
    public const string Variable = "UEVENT_TEST_SEED";

    /// <summary>The seed to be replayed, or null.</summary>
    public static int? Given => int.TryParse(Environment.GetEnvironmentVariable(Variable), out var seed) ? seed : null;

    public static int Next() => Given ?? System.Random.Shared.Next();

    /// <summary>How to run the same again.</summary>
    public static string Replay(int seed) => $"replay with {Variable}={seed}";

    /// <summary>Randomness whose seed is in the test's output.</summary>
    public static Random Random()
    {
        var seed = Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"replay: {Variable}={seed} make test TESTS='-method *{TestContext.Current.TestMethod?.MethodName}'");
        return new Random(seed);
    }
}
