using System.Diagnostics;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>
/// Hosts whose daemons are simulated behind their own protocol, the bridge's own code, a real broker, and consumers of the library. Connections are cut within
/// messages, bridges are given up and followed by others, daemons lose events or restart, the broker is killed, consumers end and go on at their sequence. When it is
/// quiet every consumer's table is what the daemons list, byte for byte; until then nobody saw half of a group, or an event twice, or missed one without being told.
/// </summary>
public sealed class FleetSoakWorldTests
{
    private const int Hosts = 3;
    private static readonly double s_seconds = Math.Min(Soak.Seconds ?? 12, 600);

    public static TheoryData<string> Suites => NatsServer.Suites;

    // `make soak` runs it.
    [Theory(Explicit = true)]
    [MemberData(nameof(Suites))]
    public async Task After_any_failure_consumers_list_the_daemons_devices(string suite)
    {
        var random = Seed.Random();
        using var broker = LocalBroker.Start(suite, "--keep", random.Next(4) == 0 ? "2" : "64");
        await using var world = new World(broker, random);
        await world.BeginAsync();
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun).TotalSeconds < s_seconds)
            await world.StepAsync();
        await world.SettleAsync();
    }

    private sealed class World(LocalBroker broker, Random random) : IAsyncDisposable
    {
        private readonly SimulatedHost[] _hosts = [.. Enumerable.Range(0, Hosts).Select(number => new SimulatedHost($"host.{number}", broker, random.Next()))];
        private readonly bool[] _has = [.. Enumerable.Range(0, 7).Select(_ => random.Next(2) == 0)];
        private readonly List<string> _steps = [];
        private readonly List<FleetWitness> _witnesses = [new FleetWitness(broker.Url, resumes: false), new FleetWitness(broker.Url, resumes: true)];

        /// <summary>Everybody has a state: what comes from now on must be seen.</summary>
        public async Task BeginAsync()
        {
            foreach (var host in _hosts)
                host.Happen();
            await SettleAsync();
            foreach (var host in _hosts)
                host.Numbers.Clear();
        }

        public async Task StepAsync()
        {
            var host = _hosts[random.Next(Hosts)];
            var what = random.Next(100);
            // Each kind of trouble in half of the runs: where many come together, gaps excuse much.
            switch (what)
            {
                case < 70:
                    host.Happen();
                    break;
                case < 80 when _has[0]:
                    _steps.Add($"cut {host.Name}");
                    host.CutAfter(random.Next(1, random.Next(2) == 0 ? 400 : 20_000));
                    host.Happen();
                    break;
                case < 84 when _has[1]:
                    _steps.Add($"another bridge for {host.Name}");
                    await host.ReplaceBridgeAsync();
                    break;
                case < 86 when _has[2]:
                    _steps.Add($"{host.Name} cuts its clients");
                    host.Daemon.Disconnect();
                    break;
                case < 87 when _has[3]:
                    _steps.Add($"{host.Name} loses events");
                    host.Lose();
                    break;
                case < 88 when _has[4]:
                    _steps.Add($"{host.Name} is another boot");
                    await host.BootAsync();
                    break;
                case < 89 when _has[5] && random.Next(3) == 0:
                    _steps.Add("the broker is killed");
                    broker.Kill();
                    host.Happen();
                    broker.StartAgain();
                    break;
                case < 94 when _has[6]:
                    _steps.Add("a consumer goes on");
                    await _witnesses[1].GoOnAsync();
                    break;
                default:
                    SpinWait.SpinUntil(() => false, random.Next(1, 30));
                    break;
            }
        }

        public async Task SettleAsync()
        {
            await using var fresh = new FleetWitness(broker.Url, resumes: false);
            foreach (var witness in _witnesses.Append(fresh))
            {
                var difference = "";
                var isSame = await Task.Run(() => SpinWait.SpinUntil(() => (difference = Difference(witness)).Length == 0, Deadline.Seconds(60).Remaining));
                Assert.True(isSame, $"{witness.Name}: {difference}\n{witness.Failure}{string.Concat(_hosts.Select(host => host.Failure))}\nA new consumer: {await DifferenceNowAsync()}");
                Assert.True(witness.Complaints.IsEmpty, string.Join('\n', witness.Complaints.Take(10)));
            }
            if (_steps.Count == 0)
                return;
            foreach (var host in _hosts.Where(host => !_witnesses[0].HasGap(host.Name)))
                Assert.Equal([], host.Numbers.Except(_witnesses[0].Numbers(host.Name)));
        }

        public async ValueTask DisposeAsync()
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{_hosts.Count(host => _witnesses[0].HasGap(host.Name))} of {Hosts} hosts had a gap; {_hosts.Sum(host => host.Numbers.Count)} events\n{string.Join('\n', _hosts.SelectMany(host => host.Said.TakeLast(10)))}\n{string.Join("; ", _steps.TakeLast(200))}");
            foreach (var witness in _witnesses)
                await witness.DisposeAsync();
            foreach (var host in _hosts)
                await host.DisposeAsync();
        }

        // Whether it is the stream that is wrong, or who reads it.
        private async Task<string> DifferenceNowAsync()
        {
            await using var fresh = new FleetWitness(broker.Url, resumes: false);
            return await Task.Run(() => SpinWait.SpinUntil(() => Difference(fresh).Length == 0, Deadline.Seconds(10).Remaining)) ? "none" : Difference(fresh);
        }

        private string Difference(FleetWitness witness)
        {
            var expected = _hosts.SelectMany(host => host.Lines()).ToHashSet(StringComparer.Ordinal);
            var found = witness.Lines().ToHashSet(StringComparer.Ordinal);
            string[] missing = [.. expected.Except(found)], surplus = [.. found.Except(expected)];
            return missing.Length + surplus.Length == 0 ? "" : $"{missing.Length} missing: {string.Join(' ', missing.Take(2))}; {surplus.Length} surplus: {string.Join(' ', surplus.Take(2))}";
        }
    }
}
