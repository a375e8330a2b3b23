using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A collector accepts the metrics.</summary>
public sealed class MetricsTests
{
    [Fact]
    public void OpenMetrics_text_is_what_its_grammar_says()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = WithEvents(sandbox);
        var samples = OpenMetrics.Read(Run(sandbox, daemon, "metrics --format openmetrics").Ok().Output);
        Assert.True(samples["uevent_manager_received_total"] >= 2);
        Assert.True(samples["uevent_manager_lag_seconds_count{subsystem=\"net\"}"] >= 2);
        Assert.Equal(samples["uevent_manager_lag_seconds_count{subsystem=\"net\"}"], samples["uevent_manager_lag_seconds_bucket{subsystem=\"net\",le=\"+Inf\"}"]);
        foreach (var name in new[] { "settled", "held", "timed_out", "vanished", "overruns", "gaps" })
            Assert.Contains($"uevent_manager_{name}_total", samples.Keys);
        Assert.Contains("uevent_manager_stuck_reads", samples.Keys);
        Assert.InRange(samples["uevent_manager_up_seconds"], double.Epsilon, 3600);
    }

    [Fact]
    public void Promtool_has_no_complaint_of_the_text_and_reads_all_of_it()
    {
        var promtool = Requires.Tool("promtool");
        using var sandbox = Sandbox.Create();
        using var daemon = WithEvents(sandbox);
        var text = Run(sandbox, daemon, "metrics").Ok().Output;
        // A complaint is a line of its output; what it cannot read at all, a sample that is there twice among it, is an error.
        using var scratch = new ScratchDirectory("metrics");
        File.WriteAllText(scratch.Combine("text"), text);
        var checkedBy = sandbox.Run($"{promtool} check metrics < {scratch.Combine("text")} 2>&1");
        Assert.Equal((0, ""), (checkedBy.ExitCode, checkedBy.Output));
        var samples = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')).ToArray();
        // The textfile collector refuses samples with a time: a name, perhaps labels, and a value are all.
        Assert.All(samples, sample => Assert.Matches("""^[a-z_]+(\{.*\})? [0-9.]+$""", sample));
        Assert.Equal(samples.Length, samples.Select(sample => sample[..sample.LastIndexOf(' ')]).Distinct().Count());
        Assert.All(samples, sample => Assert.Contains(Families(text), family => sample.StartsWith(family, StringComparison.Ordinal)));
        File.WriteAllText(scratch.Combine("text"), text.Replace("paused_seconds_total", "paused_microseconds", StringComparison.Ordinal));
        Assert.NotEmpty(sandbox.Run($"{promtool} check metrics < {scratch.Combine("text")} 2>&1").Output);
    }

    [Fact]
    public void An_unknown_format_is_refused()
    {
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var probe = daemon.Connect();
        Assert.Equal("org.varlink.service.InvalidParameter", probe.CallForError("org.ueventmanager.Devices.Metrics", new { format = "xml" }).Error);
        Assert.Equal(2, Run(sandbox, daemon, "metrics --format xml").ExitCode);
    }

    private static string[] Families(string text) =>
        [.. text.Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line.Split(' ')[2])];

    private static DaemonProcess WithEvents(Sandbox sandbox)
    {
        var daemon = DaemonProcess.Start(sandbox);
        // Answered once the state is known: what comes then is an event.
        Run(sandbox, daemon, "settle").Ok();
        sandbox.Run("ip link add uem-a type veth peer name uem-b").Ok();
        using (var injector = new UeventInjector(sandbox))
        {
            // Names that have all that must be escaped in a label, and two that look alike when they are.
            injector.Send("add", "/devices/virtual/odd/o", "o\"d\\d");
            injector.Send("add", "/devices/virtual/odd/p", "o\x01d");
            injector.Send("add", "/devices/virtual/odd/q", "o\\x01d");
        }
        Run(sandbox, daemon, "settle").Ok();
        return daemon;
    }

    private static CommandResult Run(Sandbox sandbox, DaemonProcess daemon, string verb) =>
        sandbox.Run($"{Repository.Ueventctl} {verb} --socket {daemon.SocketPath}");
}
