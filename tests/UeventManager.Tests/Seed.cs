namespace UeventManager.Tests;

/// <summary>The seed of a random test: a new one each run, or the one to be replayed.</summary>
internal static class Seed
{
    private const string Variable = "UEVENT_TEST_SEED";

    public static int Next() =>
        int.TryParse(Environment.GetEnvironmentVariable(Variable), out var seed) ? seed : Random.Shared.Next();

    /// <summary>How to run the same again.</summary>
    public static string Replay(int seed) => $"replay with {Variable}={seed}";
}
