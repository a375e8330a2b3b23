using System.Diagnostics;

namespace UeventManager.Tests;

/// <summary>How long a random test goes on: seconds in every run, minutes in <c>make soak</c>.</summary>
internal static class Fuzz
{
    private const string Variable = "UEVENT_TEST_FUZZ_SECONDS";
    private const double DefaultSeconds = 1.5;

    /// <summary>True in <c>make soak</c>.</summary>
    public static bool IsSoak => Environment.GetEnvironmentVariable(Variable) is not null;

    /// <summary>How long a test goes on that takes so many seconds in every run.</summary>
    public static TimeSpan Duration(double seconds) =>
        TimeSpan.FromSeconds(double.TryParse(Environment.GetEnvironmentVariable(Variable), out double given) ? given : seconds);

    /// <summary>Runs rounds with a seed of their own each until the time is over; a failure names the one that replays it.</summary>
    public static void Run(Action<Random> round)
    {
        double seconds = Duration(DefaultSeconds).TotalSeconds;
        long start = Stopwatch.GetTimestamp();
        int seed = Seed.Next();
        int rounds = 0;
        do
        {
            try
            {
                round(new Random(seed));
            }
            catch (Exception e)
            {
                Assert.Fail($"{Seed.Replay(seed)}, round {rounds}: {e}");
            }
            seed = Random.Shared.Next();
            rounds++;
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        TestContext.Current.TestOutputHelper?.WriteLine($"{rounds} rounds");
    }

    /// <summary>Changes some bytes: cut, repeated, flipped, or replaced by pieces that have a meaning somewhere.</summary>
    public static byte[] Mutate(byte[] bytes, ReadOnlySpan<byte[]> pieces, Random random)
    {
        var result = new List<byte>(bytes);
        for (int edits = random.Next(1, 5); edits > 0; edits--)
        {
            int at = random.Next(result.Count + 1);
            int length = Math.Min(random.Next(1, 12), result.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    result.RemoveRange(at, length);
                    break;
                case 1:
                    result.InsertRange(at, result.GetRange(at, length));
                    break;
                case 2 when length > 0:
                    result[at] = (byte)random.Next(256);
                    break;
                case 3 when length > 0:
                    result[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 4:
                    result.RemoveRange(at, length);
                    result.InsertRange(at, pieces[random.Next(pieces.Length)]);
                    break;
                default:
                    result.InsertRange(at, pieces[random.Next(pieces.Length)]);
                    break;
            }
        }
        return [.. result];
    }
}
