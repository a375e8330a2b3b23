using System.Globalization;

namespace UeventManager.KernelTests.Differential;

/// <summary>What the environment says of a run.</summary>
/// <param name="Seed">UEVENT_TEST_SEED: this round alone, again and again, because its operations are the same and its timing is not.</param>
/// <param name="Repeat">UEVENT_TEST_REPEAT: how often.</param>
/// <param name="Allowed">UEVENT_TEST_FEATURES: what rounds may draw, as <c>Moves,Groups</c>; also <c>-Kills</c> for all but that.</param>
/// <param name="Forced">UEVENT_TEST_FORCE: what every round has.</param>
/// <param name="Only">UEVENT_TEST_OPERATIONS: the numbers of the operations that are carried out, as <c>0-4,7</c>; null for all.</param>
/// <param name="Minimise">UEVENT_TEST_MINIMISE: runs with fewer operations as long as the failure stays.</param>
internal sealed record Knobs(int? Seed, int Repeat, Features Allowed, Features Forced, IReadOnlySet<int>? Only, bool Minimise)
{
    /// <summary>What is left unchecked, or what UEVENT_TEST_TOLERATE says instead.</summary>
    private const Tolerance Known = Tolerance.StaleSubsystem;

    public static Tolerance Tolerated { get; } =
        Text("UEVENT_TEST_TOLERATE") is { } tolerated ? Enum.Parse<Tolerance>(tolerated, ignoreCase: true) : Known;

    public static Knobs FromEnvironment() => new(
        Tests.Seed.Given,
        Text("UEVENT_TEST_REPEAT") is { } repeat ? int.Parse(repeat, CultureInfo.InvariantCulture) : 20,
        Text("UEVENT_TEST_FEATURES") is { } allowed ? Parse(allowed) : Features.All,
        Text("UEVENT_TEST_FORCE") is { } forced ? Parse(forced) : Features.None,
        Text("UEVENT_TEST_OPERATIONS") is { } only ? Numbers(only) : null,
        Text("UEVENT_TEST_MINIMISE") is not null);

    /// <summary>Writes numbers as <c>UEVENT_TEST_OPERATIONS</c> takes them.</summary>
    public static string Text(IEnumerable<Operation> operations)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var number in operations.Select(operation => operation.Number))
        {
            if (ranges.Count > 0 && ranges[^1].Last == number - 1)
                ranges[^1] = (ranges[^1].First, number);
            else
                ranges.Add((number, number));
        }
        return string.Join(',', ranges.Select(range => range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}"));
    }

    private static string? Text(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? text : null;

    private static Features Parse(string text)
    {
        var names = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var result = names.All(name => name[0] == '-') ? Features.All : Features.None;
        foreach (var name in names)
            result = name[0] == '-' ? result & ~Enum.Parse<Features>(name[1..], ignoreCase: true) : result | Enum.Parse<Features>(name, ignoreCase: true);
        return result;
    }

    private static HashSet<int> Numbers(string text) =>
    [
        .. text.Split(',').SelectMany(range =>
        {
            var ends = range.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture)).ToArray();
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        }),
    ];
}
