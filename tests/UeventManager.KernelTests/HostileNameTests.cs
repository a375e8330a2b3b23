using System.Text;
using System.Text.Json;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A device, a file or a value may have any name, and no output lets it control the terminal or the journal.</summary>
public sealed class HostileNameTests : IDisposable
{
    private const string Hostile = "evil\e[2J\r\a\u009b31m\u007f\n<0>forged\u202etxt\u2028";

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly ScratchDirectory _scratch = new("name");

    public void Dispose()
    {
        _sandbox.Dispose();
        _sysfs.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void Device_names_in_output_and_log_cannot_control_the_terminal()
    {
        using var daemon = DaemonProcess.Start(_sandbox, new DaemonOptions
        {
            Sysfs = _sysfs.Root,
            Rules = "version: 1\nsubsystem: \"*\"\nrules:\n  - name: \"rule\\u202e\"\n    description: \"\\a\"\n    match: {sysname: \"evil*\"}\n    wait: [{attribute: \"state\\u202e\", equals: \"\\e[2J\"}]\n    timeout: 1ms\n",
        });
        using var injector = new UeventInjector(_sandbox);
        string[] monitors = ["monitor --property", "monitor --json", "monitor --kernel --settled --property", "monitor --kernel --settled --json"];
        var running = monitors.Select(command => _sandbox.Start([Repository.Ueventctl, .. command.Split(' ')], daemon.ClientEnvironment(_sysfs.Root))).ToList();
        daemon.WaitForSubscribers(monitors.Length);
        _sysfs.AddDevice("/devices/virtual/ok/seen", "sub" + Hostile, $"VALUE={Hostile.Replace('\n', ' ')}");
        injector.Send("add", "/devices/virtual/ok/seen", "sub" + Hostile, $"VALUE={Hostile}", "RAW=\u00ff");
        _sysfs.AddDevice("/devices/virtual/ok/" + Hostile, "ok");
        injector.Send("add", "/devices/virtual/ok/" + Hostile, "ok", $"VALUE={Hostile}");
        Eventually.Holds(() => daemon.Log.Contains("is held by rule", StringComparison.Ordinal), Deadline.Default, "it is held");
        Eventually.Holds(() => running.All(one => one.Output.Contains("seen", StringComparison.Ordinal)), Deadline.Default, "all monitors have seen one");
        foreach (var monitor in running)
        {
            monitor.Signal(Syscalls.SIGINT);
            Assert.Equal(0, monitor.WaitForExit(Deadline.Default));
            Check(monitor.Output);
        }
        string[][] commands =
        [
            ["list"], ["list", "--unsettled"], ["status"], ["metrics"], ["info", "/devices/virtual/ok/seen"], ["explain", "/devices/virtual/ok/" + Hostile],
            ["info", "/devices/virtual/ok/" + Hostile], ["explain", "no" + Hostile], ["wait", "/devices/virtual/ok/" + Hostile, "--timeout", "10ms"],
            ["wait", "/devices/virtual/ok/seen"], ["rules", "test", "/devices/virtual/ok/" + Hostile], ["rules", "check"], ["trigger", "--dry-run", "--filter", "subsystem=**"],
            ["--no-such" + Hostile], [Hostile],
        ];
        foreach (var command in commands)
        {
            foreach (var json in (string[][])[[], ["--json"]])
            {
                using var process = _sandbox.Start([Repository.Ueventctl, .. command, .. json], daemon.ClientEnvironment(_sysfs.Root));
                process.WaitForExit(Deadline.Default);
                Check(process.Output);
                Check(process.Error);
                foreach (var line in json.Length > 0 ? process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [])
                    using (JsonDocument.Parse(line)) { }
            }
        }
        Assert.Equal(0, daemon.Terminate());
        Check(daemon.Log);
        Assert.Contains("evil\\x1b[2J", daemon.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_about_rule_files_cannot_control_the_terminal()
    {
        var directory = Directory.CreateDirectory(_scratch.Combine("rules\e[31m")).FullName;
        File.WriteAllText(directory + $"/10-{Hostile}.yaml", $"version: 1\nsubsystem: \"a\"\nrules: [{{name: \"b\\e\\u202e\", \"c\\e[2J\\u009b\": 1, wait: [{{\"\\a\": \u009b}}]}}]\n");
        File.WriteAllBytes(directory + "/20-raw.yaml", [.. Encoding.UTF8.GetBytes("version: 1\n\u202e: \""), 0xFF, 0x9B, 0x1B, .. "\": ["u8]);
        foreach (var json in (string[][])[[], ["--json"]])
        {
            var process = _sandbox.Start([Repository.Ueventctl, "rules", "check", directory, .. json]);
            Assert.Equal(1, process.WaitForExit(Deadline.Default));
            Assert.NotEmpty(process.Output);
            Check(process.Output);
            Check(process.Error);
        }
        var daemon = _sandbox.Start([Repository.Ueventctl, "daemon", "--rules", directory, "--socket", _scratch.Combine("socket")]);
        Assert.Equal(1, daemon.WaitForExit(Deadline.Default));
        Check(daemon.Error);
    }

    private static void Check(string text)
    {
        Assert.DoesNotContain(text, c => (char.IsControl(c) && c != '\n') || c is '\u202e' or '\u2028');
        Assert.DoesNotContain(text.Split('\n'), line => line.StartsWith("<0>", StringComparison.Ordinal) || line.StartsWith("forged", StringComparison.Ordinal));
    }
}
