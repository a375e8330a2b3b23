using UeventManager.Tests.House;

namespace UeventManager.Tests.Mutants;

/// <summary>A checker that cannot fail proves nothing: each of the mutants must be found (<c>make mutants</c>).</summary>
public sealed class MutantTests
{
    private const int Fewest = 15;

    [Fact]
    public void Every_mutant_still_applies_to_the_engine_as_it_is()
    {
        var mutants = Mutant.All();
        Assert.True(mutants.Count >= Fewest, $"{mutants.Count} mutants");
        foreach (var mutant in mutants)
            Assert.NotEqual(mutant.Old, mutant.Apply(Source(mutant)));
    }

    [Fact]
    public void Every_mutant_names_a_simulation_that_exists()
    {
        var tests = typeof(Simulation.SimulationTests).GetMethods().Concat(typeof(Engine.UdevRandomTests).GetMethods()).Select(method => method.Name).ToHashSet();
        Assert.All(Mutant.All(), mutant => Assert.Contains(mutant.Test, tests));
    }

    /// <summary>Takes minutes, so that it runs only where it is asked for.</summary>
    [Fact(Explicit = true)]
    public async Task The_simulator_finds_every_mutant()
    {
        using var bench = new MutantBench();
        var alive = new List<string>();
        Console.WriteLine(MutantBench.Row("mutant", "found by", "seed", "time"));
        foreach (var mutant in Mutant.All())
        {
            var found = await bench.TryAsync(mutant, mutant.Apply(Source(mutant)), TestContext.Current.CancellationToken);
            Console.WriteLine(MutantBench.Row(mutant.Name, found.By ?? "nobody", found.Seed, $"{found.Took.TotalSeconds:F1} s"));
            if (found.By is null)
                alive.Add(mutant.Name);
        }
        Assert.True(alive.Count == 0, $"nobody finds {string.Join(", ", alive)}");
    }

    private static string Source(Mutant mutant) => File.ReadAllText(Path.Combine(SourceTree.Root, mutant.File));
}
