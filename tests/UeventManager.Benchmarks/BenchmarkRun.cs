using UeventManager.Benchmarks.Contenders;
using UeventManager.Benchmarks.Measure;
using UeventManager.Benchmarks.Report;
using UeventManager.Benchmarks.Scenarios;

namespace UeventManager.Benchmarks;

/// <summary>One run of everything, and its report.</summary>
internal sealed class BenchmarkRun(Place place, Settings settings)
{
    private readonly ContenderList _contenders = new(place);
    private readonly Results _results = new();

    /// <summary>Measures and writes the report.</summary>
    /// <returns>The exit status: 0, whether targets are met or not.</returns>
    public int Run()
    {
        var (noise, load) = (new Noise(), Noise.LoadAverage);
        ContenderList.WriteRules();
        // Before the benchmark's own devices are there.
        if (settings.Comparison)
            new Starts(place, settings, _contenders, _results).Run();
        Place.MakeDevices();
        if (settings.Record)
        {
            new RecordCost(place, settings, _contenders).Run();
            return 0;
        }
        if (settings.Comparison)
        {
            new Comparison(place, settings, _contenders, _results).Run();
            new LongStorm(place, settings, _contenders, _results).Run();
            new Lag(place, settings, _results).Run();
            new Floods(place, settings, _contenders, _results).Run();
            new Quiet(place, settings, _contenders, _results).Run();
        }
        if (settings.Namespaces)
            new Namespaces(place, settings, _contenders, _results).Run();
        var growth = settings.Growth ? new GrowthScenario(place, _contenders).Run() : null;
        Report(Machine.Now(load, noise, _contenders, _results), growth);
        return 0;
    }

    private void Report(Machine machine, Growth? growth)
    {
        var targets = new TargetList(settings, _contenders, _results).All();
        growth?.AddTo(_results);
        var text = new MarkdownReport(machine, settings, _contenders, _results).Write(targets, growth);
        Directory.CreateDirectory(place.Output);
        Console.Write(text);
        var name = settings.Comparison ? "report" : settings.Growth ? "growth" : "forward";
        Write($"{name}.md", text);
        Write($"{name}.json", JsonReport.Write(machine, _results, targets));
        if (settings.Comparison)
            Write("latency.svg", LatencyPicture.Draw(machine, _contenders, _results));
        if (growth is not null)
        {
            Write("growth-latency.svg", growth.Draw(machine, "Latency p50 as the number grows", "µs", p => p.P50));
            Write("growth-cpu.svg", growth.Draw(machine, "CPU per event in a storm as the number grows", "µs", p => p.CpuUsec));
            Write("growth-memory.svg", growth.Draw(machine, "Memory (PSS) as the number grows", "MiB", p => p.PssMib));
        }
        Progress.Say($"written to {place.Output}");
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(place.Output, name), text);
}
