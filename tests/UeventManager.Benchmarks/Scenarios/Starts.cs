using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Scenarios;

/// <summary>From start to the first answer, and the wall time of commands.</summary>
internal sealed class Starts(Place place, Settings settings, ContenderList contenders, Results results)
{
    private const int TreeDevices = 20_000;
    private readonly Probe _probe = new(place);

    public void Run()
    {
        var own = contenders.Daemon;
        Progress.Say("start with the machine's own devices");
        Measure(own, "start");
        Progress.Say($"start with {TreeDevices:N0} devices");
        using (var tree = new FakeTree("start", TreeDevices))
            Measure(ContenderList.DaemonWith(place, own.Name, [place.Rules], tree.Root), "start20000");
        Progress.Say("commands");
        using var running = own.Start();
        results.Add(own, "pssStart", running.PssMib);
        Command("list", ["list"]);
        Command("info", ["info", "net:lo"]);
        Command("wait", ["wait", "net:lo"]);
    }

    private void Measure(Contender contender, string metric)
    {
        for (var i = 0; i < settings.Starts; i++)
        {
            var (msec, devices) = _probe.Start(contender.Socket!, contender.Command);
            results.Add(contender, metric, msec);
            results.Add(contender, $"{metric}.devices", devices);
        }
    }

    // A command that this version does not have is left out of the table.
    private void Command(string name, string[] arguments)
    {
        foreach (var msec in _probe.Exec(settings.Starts, [place.Ueventctl, .. arguments, "--socket", contenders.Daemon.Socket!]) ?? [])
            results.Add(contenders.Daemon, $"command.{name}", msec);
    }
}
