using System.Reflection;
using UeventManager.Core.Engine;
using UeventManager.Core.Recording;
using UeventManager.Tests.Simulation.Scenario;

namespace UeventManager.Tests.Simulation;

/// <summary>An engine with the same inputs decides the same, byte for byte; with fewer inputs it does not.</summary>
public sealed class TapeSimulationTests
{
    private const int Worlds = 24;

    // What changes nothing that is decided, and what a recording begins with.
    private static readonly string[] NoInputs =
    [
        "NextDueUsec", "IsDrained", "Reserve", "Explain", "HoldOf", "WaitsFor", "MissingOf", "UdevOf", "ForEachSubsystem", "Save", "Restore", "Rebase", "RestoreBase",
    ];

    private static readonly Dictionary<string, string> Inputs = new()
    {
        ["BeginWakeup"] = nameof(IEngineTap.Wakeup),
        ["set_RealtimeUsec"] = nameof(IEngineTap.Realtime),
        ["SentSince"] = nameof(IEngineTap.SentSince),
        ["Step"] = nameof(IEngineTap.Stepped),
        ["UdevSaid"] = nameof(IEngineTap.UdevSaid),
        ["UdevLost"] = nameof(IEngineTap.UdevLost),
        ["ListenToUdev"] = nameof(IEngineTap.ListensToUdev),
        ["Answered"] = nameof(IEngineTap.Answered),
        ["ReadReturned"] = nameof(IEngineTap.ReadReturned),
        ["Drained"] = nameof(IEngineTap.Drained),
        ["Timer"] = nameof(IEngineTap.Timer),
        ["Reconcile"] = nameof(IEngineTap.Reconciles),
        ["Resume"] = nameof(IEngineTap.Resumed),
        ["Overrun"] = nameof(IEngineTap.Overrun),
        ["Scanned"] = nameof(IEngineTap.Scanned),
        ["ScanEnded"] = nameof(IEngineTap.ScanEnded),
        ["RescanSoon"] = nameof(IEngineTap.Doubted),
        ["ReplaceRules"] = nameof(IEngineTap.RulesReplaced),
        ["ReleaseByHand"] = nameof(IEngineTap.ReleasedByHand),
    };

    public static TheoryData<string> Profiles => [.. Profile.All.Select(profile => profile.Name)];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void An_engine_with_the_inputs_of_another_gives_the_same_commands(string name)
    {
        var (commands, taped) = (0L, 0);
        Parallel.For(1, Worlds + 1, seed =>
        {
            var simulator = Run(name, seed);
            // One that is never at rest in its first half is not recorded.
            if (!simulator.World.IsTaped)
                return;
            var replay = simulator.World.ReplayTape();
            Assert.True(replay.DifferenceCount == 0, $"profile {name}, seed {seed}: {replay.DifferenceCount} differences, the first: {Text(replay)}");
            Interlocked.Add(ref commands, replay.Commands);
            Interlocked.Increment(ref taped);
        });
        Assert.True(taped > Worlds / 2 && commands > 20 * taped, $"{taped} recordings with {commands} commands");
    }

    [Fact]
    public void A_missing_input_is_found()
    {
        var world = Run(Profile.Races.Name, 3).World;
        var kinds = new List<TapeKind>();
        // As they come back from the lines of a file.
        var rest = world.TapeOfLines();
        while (TapeReader.TryTake(ref rest, out var kind, out _))
            kinds.Add(kind);
        var tried = new Dictionary<TapeKind, int>();
        for (var i = 0; i + 1 < kinds.Count; i++)
        {
            // What nothing follows from may be told or not.
            if (kinds[i] == TapeKind.Gave || kinds[i + 1] != TapeKind.Gave || tried.GetValueOrDefault(kinds[i]) == 5)
                continue;
            tried[kinds[i]] = tried.GetValueOrDefault(kinds[i]) + 1;
            Assert.True(IsFoundOut(world, i), $"without {kinds[i]}, frame {i} of {kinds.Count}, all seems the same");
        }
        Assert.True(tried.ContainsKey(TapeKind.Uevent) && tried.ContainsKey(TapeKind.Answered) && tried.ContainsKey(TapeKind.Drained), string.Join(", ", tried.Keys));
    }

    [Fact]
    public void Every_input_that_can_change_a_decision_is_recorded()
    {
        var methods = typeof(UeventEngine).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Select(method => method.Name).Where(name => !name.StartsWith("get_", StringComparison.Ordinal) && name != "set_Tap" && !NoInputs.Contains(name)).Distinct().Order();
        Assert.Equal(Inputs.Keys.Order(), methods);
        Assert.Equal([.. Inputs.Values.Append(nameof(IEngineTap.HandedOn)).Append(nameof(IEngineTap.Gave)).Order()], typeof(IEngineTap).GetMethods().Select(method => method.Name).Order());
    }

    private static bool IsFoundOut(Engine.EngineWorld world, int without)
    {
        try
        {
            return world.ReplayTape(without).DifferenceCount > 0;
        }
        catch (FormatException)
        {
            return true;
        }
    }

    private static Simulator Run(string name, int seed)
    {
        var simulator = new Simulator(Profile.All.First(profile => profile.Name == name), seed, taped: seed % 3 == 0 ? Tapes.FromTheBeginning : Tapes.FromTheMiddle);
        simulator.Run();
        return simulator;
    }

    private static string Text(TapeReplay replay) =>
        replay.Differences is [var first, ..] ? $"input {first.Input} at {first.AtUsec}, {first.What}:\nthen {string.Join("\n     ", first.Then)}\nnow  {string.Join("\n     ", first.Now)}" : "";
}
