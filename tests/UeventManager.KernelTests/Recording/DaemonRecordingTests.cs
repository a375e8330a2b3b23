using System.Text;
using System.Text.Json;
using UeventManager.Core.Uevents;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Recording;

/// <summary>A replay of the running daemon's inputs gives the same commands, byte for byte.</summary>
public sealed class DaemonRecordingTests : IDisposable
{
    private const string Rules = """
        version: 1
        subsystem: late
        rules:
          - name: quick
            match: {sysname: "held*"}
            wait: [{exists: ready}]
            timeout: 50ms
          - name: known-to-udev
            match: {sysname: "told*"}
            wait: [{udev: true}]
            timeout: 10min
          - name: ready
            wait: [{exists: ready}, {attribute: speed, atLeast: 10}]
            attach: {attributes: [speed]}
            timeout: 10min
        """;

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly ScratchDirectory _place = new("record");
    private readonly UeventInjector _injector;
    private readonly DaemonProcess _daemon;

    public DaemonRecordingTests()
    {
        _injector = new UeventInjector(_sandbox);
        _daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root, Rules = Rules });
    }

    private string Path => _place.Combine("d.ndjson");

    [Fact]
    public void A_replay_of_the_daemons_inputs_gives_the_same_commands()
    {
        using var subscription = _daemon.Subscribe();
        // Known before, one of them waiting in the middle of its look, one held.
        Complete(Add("before"));
        subscription.WaitForEvent(one => one.IsAt("add", "/devices/virtual/late/before"), Deadline.Default);
        var waiting = Add("waiting");
        Add("held");
        using var recorder = Start();
        Complete(waiting);
        subscription.WaitForEvent(one => one.IsAt("add", waiting.DevPath), Deadline.Default);
        var told = Add("told1");
        Tell(told.DevPath, Eventually.Get(() => SeqnumOf(told.DevPath), Deadline.Default, "its uevent is recorded"));
        Eventually.Holds(() => Lines().Any(line => line.String("input") == "udevSaid"), Deadline.Default, "what udevd tells is recorded");
        subscription.WaitForEvent(one => one.IsAt("add", told.DevPath), Deadline.Default);
        _injector.Send("change", told, "X=1");
        var moved = _sysfs.Rename(waiting, "/devices/virtual/late/renamed");
        _injector.Send("move", moved, $"DEVPATH_OLD={waiting.DevPath}");
        subscription.WaitForEvent(one => one.IsAt("move", moved.DevPath), Deadline.Default);
        Run("release late:held").Ok();
        subscription.WaitForEvent(one => one.IsAt("add", "/devices/virtual/late/held"), Deadline.Default);
        File.WriteAllText(_daemon.RulesDirectory + "/10-test.yaml", Rules.Replace("atLeast: 10", "atLeast: 5", StringComparison.Ordinal));
        Run("reload").Ok();
        var slow = Add("slow");
        slow.Write("ready", "");
        slow.Write("speed", "7\n");
        subscription.WaitForEvent(one => one.IsAt("add", slow.DevPath), Deadline.Default);
        _injector.Send("remove", slow);
        slow.Remove();
        subscription.WaitForEvent(one => one.IsAt("remove", slow.DevPath), Deadline.Default);
        Assert.Empty(subscription.Gaps);
        recorder.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, recorder.WaitForExit(Deadline.Default));

        var replay = Run($"replay {Path}");
        Assert.True(replay.ExitCode == 0 && replay.Output.Contains("byte for byte", StringComparison.Ordinal), replay.ToString());
        Assert.Equal(0, JsonDocument.Parse(Run($"replay {Path} --json").Ok().Output).RootElement.GetProperty("differences").GetInt64());
        var all = Run($"replay {Path} --all").Ok().Output;
        Assert.Contains($"udevd broadcast add {told.DevPath}", all, StringComparison.Ordinal);
        Assert.Contains("released by hand: /devices/virtual/late/held", all, StringComparison.Ordinal);
        Assert.Contains($"deliver move {moved.DevPath}", all, StringComparison.Ordinal);
        Assert.Contains("other rules were put in force", all, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        // What was still in memory is there too.
        Assert.Contains(Lines(), line => line.String("kind") == "told" && line.Text.Contains("/devices/virtual/late/before", StringComparison.Ordinal));
        Assert.Equal(("header", "end"), (Lines()[0].String("kind"), Lines()[^1].String("kind")));
        DamageIsFound();
    }

    [Fact]
    public void Only_a_trusted_user_can_record_one_recording_runs_at_a_time_and_it_ends_with_the_daemon()
    {
        using (var recorder = Start("--for", "10min"))
        {
            var second = Run($"record --daemon -o {_place.Combine("second")}");
            Assert.True(second.ExitCode == 1 && second.Error.Contains("recorded already", StringComparison.Ordinal), second.ToString());
            recorder.Signal(Syscalls.SIGKILL);
            recorder.WaitForExit(Deadline.Default);
        }
        _daemon.SaidOnce(line => line.Contains("the recording has ended", StringComparison.Ordinal));
        Assert.Equal(0, Run($"record --daemon -o {Path} --for 100ms").ExitCode);
        Assert.Equal(0, Run($"replay {Path}").ExitCode);
        var nobody = Run($"setpriv {string.Join(' ', Sandbox.AsNobody)} {Repository.Ueventctl} record --daemon --socket {_daemon.SocketPath} -o /dev/null", isWhole: true);
        Assert.True(nobody.ExitCode == 1 && nobody.Error.Contains("permission denied", StringComparison.Ordinal), nobody.ToString());

        using var last = Start();
        _injector.Send("add", _sysfs.AddDevice("/devices/virtual/late/last", "late"));
        Eventually.Holds(() => Lines().Any(line => line.String("kind") == "uevent"), Deadline.Default, "it is recorded");
        _daemon.Terminate();
        Assert.Equal(1, last.WaitForExit(Deadline.Default));
        Assert.Contains("the daemon ended", last.Error, StringComparison.Ordinal);
        var replay = Run($"replay {Path}");
        Assert.True(replay.ExitCode == 0 && replay.Error.Contains("the daemon ended", StringComparison.Ordinal), replay.ToString());
    }

    public void Dispose()
    {
        _daemon.Dispose();
        _injector.Dispose();
        _sysfs.Dispose();
        _place.Dispose();
        _sandbox.Dispose();
    }

    // Without the line of one uevent, whichever it is: others than ours may stand there, which change no decision.
    private void DamageIsFound()
    {
        var lines = File.ReadAllLines(Path);
        var heard = Array.FindLastIndex(lines, line => line.StartsWith("{\"kind\":\"uevent\"", StringComparison.Ordinal));
        File.WriteAllLines(_place.Combine("less"), lines.Where((_, at) => at != heard));
        var less = Run($"replay {_place.Combine("less")}");
        Assert.True(less.ExitCode == 1 && less.Error.Contains($"line {heard + 1} does not follow", StringComparison.Ordinal), less.ToString());
        File.WriteAllLines(_place.Combine("cut"), lines[..^2]);
        var cut = Run($"replay {_place.Combine("cut")}");
        Assert.True(cut.ExitCode == 0 && cut.Error.Contains("cut off", StringComparison.Ordinal), cut.ToString());
        var refused = Run($"replay {Path} --rules {_daemon.RulesDirectory}");
        Assert.True(refused.ExitCode == 1 && refused.Error.Contains("leave out --rules", StringComparison.Ordinal), refused.ToString());
        var learned = Run($"learn {Path}");
        Assert.True(learned.ExitCode == 1 && learned.Error.Contains("record without --daemon", StringComparison.Ordinal), learned.ToString());
    }

    private IReadOnlyList<RecordedJson> Lines()
    {
        var text = File.ReadAllText(Path);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new RecordedJson(line))];
    }

    private RunningProcess Start(params string[] options)
    {
        File.Delete(Path);
        var recorder = _sandbox.Start([Repository.Ueventctl, "record", "--daemon", "--socket", _daemon.SocketPath, "-o", Path, .. options]);
        Eventually.Holds(() => recorder.HasExited || (File.Exists(Path) && File.ReadAllText(Path).Contains("\"reconciled", StringComparison.Ordinal)), Deadline.Default, "it records");
        Assert.False(recorder.HasExited, recorder.Error);
        return recorder;
    }

    private FakeDevice Add(string name)
    {
        var device = _sysfs.AddDevice("/devices/virtual/late/" + name, "late");
        _injector.Send("add", device);
        return device;
    }

    private static void Complete(FakeDevice device)
    {
        device.Write("speed", "10\n");
        device.Write("ready", "");
    }

    private CommandResult Run(string command, bool isWhole = false) =>
        _sandbox.Run(isWhole ? command : $"{Repository.Ueventctl} {command}{(command.StartsWith("replay", StringComparison.Ordinal) || command.StartsWith("learn", StringComparison.Ordinal) ? "" : $" --socket {_daemon.SocketPath}")}");

    // As udevd does.
    private void Tell(string devpath, string seqnum)
    {
        var properties = Encoding.UTF8.GetBytes($"ACTION=add\0DEVPATH={devpath}\0SUBSYSTEM=late\0SEQNUM={seqnum}\0TOLD=yes\0");
        Assert.True(new UdevMessageWriter().TryWrite(properties, tags: 0, out var message));
        using var socket = UeventSocket.Open(_sandbox, groups: 0);
        socket.TrySend(message.Span, port: 0, groups: 2);
    }

    private string? SeqnumOf(string devpath)
    {
        foreach (var line in Lines().Where(line => line.String("kind") == "uevent"))
        {
            var fields = Encoding.UTF8.GetString(line.Json.GetProperty("bytes").GetBytesFromBase64()).Split('\0');
            if (fields.Contains($"DEVPATH={devpath}"))
                return fields.First(field => field.StartsWith("SEQNUM=", StringComparison.Ordinal))["SEQNUM=".Length..];
        }
        return null;
    }
}
