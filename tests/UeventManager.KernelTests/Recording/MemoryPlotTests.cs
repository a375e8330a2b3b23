using System.Text.Json;
using System.Xml.Linq;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Recording;

/// <summary>The daemon's memory, and a recording of it, show what happened since its start.</summary>
public sealed class MemoryPlotTests : IDisposable
{
    private const string Rules = """
        version: 1
        subsystem: late
        rules:
          - name: patient
            match: {sysname: "held*"}
            wait: [{exists: never}]
            timeout: 10min
          - name: hasty
            match: {sysname: "hasty*"}
            wait: [{exists: never}]
            timeout: 20ms
            onTimeout: deliver
          - name: ready
            wait: [{exists: ready}, {attribute: speed, atLeast: 10}]
            timeout: 10min
        """;

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly ScratchDirectory _place = new("plot");
    private readonly UeventInjector _injector;
    private readonly DaemonProcess _daemon;

    public MemoryPlotTests()
    {
        _injector = new UeventInjector(_sandbox);
        var there = _sysfs.AddDevice("/devices/virtual/late/there", "late");
        there.Write("speed", "10\n");
        there.Write("ready", "");
        _daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = Rules });
    }

    [Fact]
    public void Each_device_has_a_row_with_what_it_waited_for()
    {
        using (var subscription = _daemon.Subscribe())
        {
            var slow = Add("slow");
            Looked(slow, "not yet");
            slow.Write("speed", "10\n");
            Looked(slow, "not yet: exists");
            slow.Write("ready", "");
            subscription.WaitForEvent(one => one.IsAt("add", slow.DevPath), Deadline.Default);
            var gone = Add("gone");
            gone.Write("speed", "10\n");
            gone.Write("ready", "");
            subscription.WaitForEvent(one => one.IsAt("add", gone.DevPath), Deadline.Default);
            _injector.Send("remove", gone);
            gone.Remove();
            subscription.WaitForEvent(one => one.IsAt("remove", gone.DevPath), Deadline.Default);
            var hasty = Add("hasty");
            subscription.WaitForEvent(one => one.IsAt("add", hasty.DevPath), Deadline.Default);
            Looked(Add("held"), "not yet");
        }
        // As long as it is, a recording shows the same, and what came while it was made.
        var recording = _place.Combine("d.ndjson");
        using (var recorder = _sandbox.Start([Repository.Ueventctl, "record", "--daemon", "--socket", _daemon.SocketPath, "-o", recording]))
        {
            Eventually.Holds(() => File.Exists(recording) && File.ReadAllText(recording).Contains("\"reconciled", StringComparison.Ordinal), Deadline.Default, "it records");
            var later = Add("later");
            Looked(later, "not yet");
            later.Write("speed", "10\n");
            later.Write("ready", "");
            Eventually.Holds(() => Run($"explain late:later --socket {_daemon.SocketPath}").Output.Contains("delivered", StringComparison.Ordinal), Deadline.Default, "it is announced");
            recorder.Signal(Syscalls.SIGTERM);
            Assert.Equal(0, recorder.WaitForExit(Deadline.Default));
        }
        foreach (var what in (string[])[recording, $"--socket {_daemon.SocketPath}"])
        {
            var table = Run($"plot {what} --table -s late");
            Assert.True(table.ExitCode == 0 && table.Error.Contains("not shown: 1 device that existed", StringComparison.Ordinal), table.ToString());
            var rows = table.Output.Split('\n')[1..^1];
            Assert.Equal(["late:gone", "late:hasty", "late:held", "late:later", "late:slow"], rows.Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]).Order(StringComparer.Ordinal));
            var slow = Assert.Single(rows, row => row.Contains("late:slow", StringComparison.Ordinal));
            Assert.Matches("attribute: speed.*exists: ready|speed .*ready ", slow);

            var traced = Run($"plot {what} --format perfetto -s late").Ok().Output;
            var names = JsonDocument.Parse(traced).RootElement.GetProperty("traceEvents").EnumerateArray().Select(one => one.GetProperty("name").GetString()).ToList();
            Assert.Superset(new HashSet<string?> { "late:slow", "late:held", "announced", "announced INCOMPLETE" }, names.ToHashSet());
            var drawn = XDocument.Parse(Run($"plot {what} -s late").Ok().Output);
            var titles = drawn.Descendants().Where(one => (string?)one.Attribute("class") == "row").Select(one => one.Elements().First().Value).ToList();
            Assert.Contains("ready: settled", Assert.Single(titles, title => title.Contains("/late/gone:", StringComparison.Ordinal)), StringComparison.Ordinal);
            Assert.Contains("patient: still waits, without exists: never", Assert.Single(titles, title => title.Contains("/late/held:", StringComparison.Ordinal)), StringComparison.Ordinal);
            Assert.Contains("hasty: announced unsettled, without exists: never", Assert.Single(titles, title => title.Contains("/late/hasty:", StringComparison.Ordinal)), StringComparison.Ordinal);
            Assert.Contains("<input id=\"find\"", Run($"plot {what} -s late --format html").Ok().Output, StringComparison.Ordinal);
        }
        var nobody = _sandbox.Run($"setpriv {string.Join(' ', Sandbox.AsNobody)} {Repository.Ueventctl} plot --table --socket {_daemon.SocketPath}");
        Assert.True(nobody.ExitCode == 1 && nobody.Error.Contains("permission denied", StringComparison.Ordinal), nobody.ToString());
    }

    public void Dispose()
    {
        _daemon.Dispose();
        _injector.Dispose();
        _sysfs.Dispose();
        _place.Dispose();
        _sandbox.Dispose();
    }

    private void Looked(FakeDevice device, string saw) =>
        Eventually.Holds(() => Run($"explain late:{device.DevPath.Split('/')[^1]} --socket {_daemon.SocketPath}").Output.Contains(saw, StringComparison.Ordinal), Deadline.Default, $"a look saw {saw}");

    private FakeDevice Add(string name)
    {
        var device = _sysfs.AddDevice("/devices/virtual/late/" + name, "late");
        _injector.Send("add", device);
        return device;
    }

    private CommandResult Run(string command) => _sandbox.Run($"{Repository.Ueventctl} {command}");
}
