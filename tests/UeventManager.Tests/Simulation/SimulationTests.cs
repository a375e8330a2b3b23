using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using UeventManager.Tests.Simulation.Scenario;

namespace UeventManager.Tests.Simulation;

/// <summary>
/// Thousands of worlds by chance, each from a seed: whatever kernel, drivers and clock do, nobody sees half a device, one
/// device twice, or a child before its parent.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    // How many worlds of each kind every run simulates.
    private const int Everyday = 1000;
    // Many devices wait for each other in each of them.
    private const int EverydayGroups = 300;
    // A dozen subscribers are watched in each of them.
    private const int EverydayFilters = 300;
    // So many worlds that break a rule end a soak; the first ends any other run.
    private const int MostFailures = 20;
    // How many create/remove races `make soak` hits at least.
    private static readonly long s_races = long.TryParse(Environment.GetEnvironmentVariable("UEVENT_TEST_RACES"), out var races) ? races : 0;
    private static readonly TimeSpan s_each = Fuzz.Duration(6);

    [Fact]
    public void Races_of_create_and_remove_announce_no_stale_device() => Run(Profile.Races, s_races);

    [Fact]
    public void Storms_in_which_the_queue_is_never_seen_empty_announce_no_stale_device() => Run(Profile.Storms);

    [Fact]
    public void Trees_and_renames_keep_parents_before_children() => Run(Profile.Trees);

    [Fact]
    public void Moves_that_overtake_and_are_overtaken_leave_no_ghost() => Run(Profile.Overtaking);

    [Fact]
    public void Blocked_reads_and_a_suspended_machine_delay_no_other_device() => Run(Profile.Blocked);

    [Fact]
    public void Overruns_end_in_the_state_that_the_tree_has() => Run(Profile.Overruns);

    [Fact]
    public void Looks_that_cannot_be_made_decide_nothing() => Run(Profile.Blinded);

    [Fact]
    public void A_device_that_waits_for_udev_gets_the_data_of_this_device_and_event() => Run(Profile.Beside);

    [Fact]
    public void Groups_are_seen_whole_or_not_at_all() => Run(Profile.Together, everyday: EverydayGroups);

    [Fact]
    public void A_filtered_subscriber_knows_the_devices_of_List_with_that_filter() => Run(Profile.Filtered, everyday: EverydayFilters);

    // What a soak has found, so that it stays found: each is here with the mend of what it showed.
    [Theory]
    [InlineData("races", 1685219513)]
    [InlineData("races", 501212567)]
    [InlineData("races", 501220333)]
    [InlineData("races", 1690611367)]
    [InlineData("groups", 301)]
    [InlineData("groups", 351)]
    [InlineData("groups", 747)]
    [InlineData("groups", 1087)]
    [InlineData("groups", 2236)]
    [InlineData("groups", 2568)]
    [InlineData("groups", 2819)]
    [InlineData("groups", 2881)]
    [InlineData("groups", 3725)]
    [InlineData("groups", 3941)]
    public void A_seed_that_once_broke_a_guarantee_keeps_it_now(string profile, int seed) =>
        RunOne(profile == "races" ? Profile.Races : Profile.Together, seed, profile == "races" ? nameof(Races_of_create_and_remove_announce_no_stale_device) : nameof(Groups_are_seen_whole_or_not_at_all));

    private void Run(Profile profile, long races = 0, int everyday = Everyday, [CallerMemberName] string test = "")
    {
        if (Seed.Given is { } only)
        {
            RunOne(profile, only, test);
            return;
        }
        // In every run the same worlds, so that a failure is the change's and not chance's; others each time in `make soak`.
        var soak = Fuzz.IsSoak;
        var tally = new Tally(profile.Name, speaks: soak);
        var seed = soak ? Seed.Next() : 1;
        var next = -1;
        bool IsWanted(int world) => soak ? tally.Elapsed < s_each || tally.Races < races : world < everyday;
        var failures = new ConcurrentQueue<(int Seed, Exception Failure)>();
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            while (failures.Count < (soak ? MostFailures : 1) && Interlocked.Increment(ref next) is var world && IsWanted(world))
            {
                var its = unchecked(seed + world) & int.MaxValue;
                try
                {
                    tally.Add(RunOne(profile, its, test));
                }
                catch (Exception e)
                {
                    tally.AddViolation();
                    failures.Enqueue((its, e));
                }
            }
        });
        output.WriteLine($"{tally}");
        if (soak)
            Console.WriteLine($"  {tally}");
        if (failures.OrderBy(f => f.Seed).FirstOrDefault().Failure is { } failure)
        {
            output.WriteLine($"seeds that break a rule: {string.Join(", ", failures.Select(f => f.Seed).Order())}");
            ExceptionDispatchInfo.Throw(failure);
        }
        output.WriteLine($"{tally.Exercise}");
        if (soak)
            Console.WriteLine($"{tally.Exercise}");
        var never = tally.Exercise.Missing([.. profile.Transitions, .. profile.Rules]).ToList();
        Assert.True(never.Count == 0, $"never exercised: {string.Join(", ", never)}");
    }

    private static Simulator RunOne(Profile profile, int seed, string test)
    {
        var simulator = new Simulator(profile, seed);
        try
        {
            simulator.Run();
        }
        catch (Exception e)
        {
            Assert.Fail($"""
                {e.Message}
                replay: {Seed.Variable}={seed} {Environment.ProcessPath} -method {typeof(SimulationTests).FullName}.{test}
                profile {profile.Name}, seed {seed}
                {Story(profile, seed)}
                {(e is SimulationException ? "" : e.ToString())}
                """);
        }
        return simulator;
    }

    // The same world once more, with somebody who writes down what happens.
    private static string Story(Profile profile, int seed)
    {
        var again = new Simulator(profile, seed, record: true);
        try
        {
            again.Run();
        }
        catch (Exception)
        {
            return again.Story;
        }
        return "(it did not fail again)";
    }
}
