using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Differential;

/// <summary>A round that broke a promise.</summary>
/// <param name="Plan">The round.</param>
/// <param name="Message">What was broken.</param>
/// <param name="Tail">The last operations.</param>
/// <param name="File">Where everything about it is written.</param>
internal sealed record Failure(Plan Plan, string Message, string Tail, string File)
{
    /// <summary>The promise alone: a shorter round fails in the same way if it breaks the same one.</summary>
    public string Promise => Message.Split(':')[0];

    public static Failure Of(Plan plan, Exception error, Round round)
    {
        var directory = Path.Combine(Repository.Root, "artifacts/differential");
        Directory.CreateDirectory(directory);
        var file = Path.Combine(directory, $"{plan.Seed}.log");
        var message = error is ViolationException ? error.Message : error.ToString();
        System.IO.File.WriteAllText(file, $"{message}\n\n{round.Report()}");
        return new Failure(plan, message, round.Tail(30), file);
    }

    public string Describe(Failure? shorter, int rounds)
    {
        var features = $"UEVENT_TEST_FEATURES={Name(Plan.Features)} UEVENT_TEST_FORCE={Name(Plan.Features)} UEVENT_TEST_TOLERATE={Name(Knobs.Tolerated)}";
        var operations = shorter is null ? "" : $" UEVENT_TEST_OPERATIONS={Knobs.Text(shorter.Plan.Operations)}";
        return $"""
            {Message}
            round {rounds}: {Plan}
            replay: {features} {Seed.Variable}={Plan.Seed}{operations} make test TESTS='-class *DifferentialFuzz*'   (UEVENT_TEST_MINIMISE=1: with fewer operations)
            all of it: {(shorter ?? this).File}
            the last operations:
            {(shorter ?? this).Tail}
            """;
    }

    private static string Name(Enum flags) => flags.ToString().Replace(" ", "", StringComparison.Ordinal);
}
