using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Recording;

/// <summary>Files that cannot be read or written are reported with what to do, and nothing runs for ever.</summary>
public sealed class RecordingFileTests : IDisposable
{
    private const int Terminated = 130;
    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly ScratchDirectory _place = new("files");

    private static string Sample => Path.Combine(Repository.Root, "tests/recordings/macvtap.ndjson");

    [Fact]
    public void Only_the_owner_can_read_a_raw_recording_also_in_an_existing_file()
    {
        var path = _place.Combine("raw");
        File.WriteAllText(path, "what was there before, and is longer than nothing");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Ueventctl($"record --raw -o {path} --for 100ms").Ok();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.StartsWith("{\"kind\":\"header\"", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("record --for 100ms -o {0}/none/r", "does not exist (create it")]
    [InlineData("record --for 100ms -o {0}", "it is a directory (name a file in it)")]
    [InlineData("plot {1} -o {0}/none/p.svg", "does not exist (create it")]
    [InlineData("learn {1} --output-dir {0}/none", "does not exist (create it")]
    [InlineData("plot {1} -o /dev/full", "no space left there (free some")]
    [InlineData("record --for 100ms -o /dev/full", "no space left there (free some")]
    [InlineData("record --pseudonyms {1} /dev/full", "(free some")]
    public void An_unwritable_output_is_reported_with_the_solution(string command, string said)
    {
        var result = Ueventctl(string.Format(System.Globalization.CultureInfo.InvariantCulture, command, _place.Path, Sample));
        Assert.True(result.ExitCode == 1 && result.Error.Contains(said, StringComparison.Ordinal), result.ToString());
    }

    [Theory]
    [InlineData("record --daemon --socket {0}/none -o {0}/out")]
    [InlineData("record --sysfs {0}/none -o {0}/out")]
    [InlineData("record --pseudonyms {0}/none {0}/out")]
    public void A_command_that_fails_before_writing_keeps_the_old_file(string command)
    {
        var path = _place.Combine("out");
        var line = string.Format(System.Globalization.CultureInfo.InvariantCulture, command, _place.Path);
        Assert.NotEqual(0, Ueventctl(line).ExitCode);
        Assert.False(File.Exists(path), "an empty file is left");
        File.WriteAllText(path, "of last week");
        Assert.NotEqual(0, Ueventctl(line).ExitCode);
        Assert.Equal("of last week", File.ReadAllText(path));
    }

    [Fact]
    public void Without_a_daemon_its_recording_says_so_and_nothing_of_a_written_part()
    {
        var result = Ueventctl($"record --daemon --socket {_place.Combine("none")} -o {_place.Combine("out")}");
        Assert.True(result.ExitCode == 4 && result.Error.StartsWith($"ueventctl: {_place.Combine("none")}: ", StringComparison.Ordinal) && !result.Error.Contains("written", StringComparison.Ordinal), result.ToString());
    }

    [Theory]
    [InlineData("replay", "{0}")]
    [InlineData("plot", "{0}")]
    [InlineData("learn", "{0}")]
    [InlineData("record", "-o", "{0}")]
    public void A_command_blocked_at_a_pipe_ends_at_a_signal(params string[] command)
    {
        var pipe = _place.Combine("pipe");
        _sandbox.Run($"mkfifo {pipe}").Ok();
        using var stuck = _sandbox.Start([Repository.Ueventctl, .. command.Select(word => word.Replace("{0}", pipe, StringComparison.Ordinal))]);
        // Somebody waits in open(2), or will.
        Eventually.Holds(() => Directory.GetDirectories($"/proc/{stuck.Pid}/task").Any(task => IsOpening(task)), Deadline.Default, "it waits for the other end");
        stuck.Signal(Syscalls.SIGTERM);
        Assert.Equal(Terminated, stuck.WaitForExit(Deadline.Default));
    }

    [Fact]
    public void A_recorded_time_far_ahead_causes_no_long_replay()
    {
        var path = _place.Combine("far");
        var lines = File.ReadAllLines(Sample);
        var late = lines.First(line => line.StartsWith("{\"kind\":\"uevent\"", StringComparison.Ordinal));
        var from = late.IndexOf(':', late.IndexOf("atUsec", StringComparison.Ordinal)) + 1;
        File.WriteAllLines(path, [.. lines[..^1], late[..from] + "288230376151711000" + late[late.IndexOf(',', from)..], lines[^1]]);
        var rules = Directory.CreateDirectory(_place.Combine("rules")).FullName;
        File.WriteAllText($"{rules}/net.yaml", "version: 1\nsubsystem: net\nrules:\n  - name: never\n    wait: [{exists: never}]\n    timeout: 1s\n");
        var replay = Ueventctl($"replay {path} --rules {rules} --allow-unknown");
        Assert.Contains("1 line was passed over", replay.Error, StringComparison.Ordinal);
        Assert.Contains("held", replay.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_format_of_a_picture_follows_from_its_files_name()
    {
        Ueventctl($"plot {Sample} -o {_place.Combine("p.html")}").Ok();
        Assert.StartsWith("<!DOCTYPE html", File.ReadAllText(_place.Combine("p.html")), StringComparison.OrdinalIgnoreCase);
        Ueventctl($"plot {Sample} -o {_place.Combine("p.json")}").Ok();
        Assert.StartsWith("{", File.ReadAllText(_place.Combine("p.json")), StringComparison.Ordinal);
        Assert.Equal(2, Ueventctl($"plot {Sample} --table --format svg").ExitCode);
        Assert.Equal(2, Ueventctl($"plot {Sample} --table -o {_place.Combine("t")}").ExitCode);
    }

    [Fact]
    public void A_copy_of_a_damaged_recording_names_the_line_and_the_cut()
    {
        var path = _place.Combine("damaged");
        var lines = File.ReadAllLines(Sample);
        File.WriteAllLines(path, [.. lines[..4], lines[4][..^5], .. lines[5..^1]]);
        var copied = Ueventctl($"record --pseudonyms {path} {_place.Combine("copy")}");
        Assert.True(copied.ExitCode == 0 && copied.Error.Contains("1 line left out (line 5: it is not JSON)", StringComparison.Ordinal) && copied.Error.Contains("was cut off", StringComparison.Ordinal), copied.ToString());
    }

    // Almost right: of two kinds the one is never matched, or never complete.
    [Theory]
    [InlineData("devtype: bridge", "brforwrd", "a rule announced none of its devices: first")]
    [InlineData("devtype: brigde", "bridge", "no rule, INCOMPLETE: ")]
    [InlineData("devtype: bridge", "uevent", "INCOMPLETE: ")]
    public void A_rule_that_is_almost_right_fails_and_is_named(string match, string waitsFor, string said)
    {
        var rules = Directory.CreateDirectory(_place.Combine("rules")).FullName;
        File.WriteAllText($"{rules}/net.yaml", $"version: 1\nsubsystem: net\nrules:\n  - name: first\n    match: {{{match}}}\n    wait: [{{exists: {waitsFor}}}]\n    timeout: 10ms\n  - name: others\n    match: {{devtype: \"!bri*\"}}\n    wait: [{{exists: uevent}}]\n");
        var replay = Ueventctl($"replay {Sample.Replace("macvtap", "bridge-veth", StringComparison.Ordinal)} --rules {rules}");
        Assert.True(replay.ExitCode == 1 && replay.Output.Contains(said, StringComparison.Ordinal), replay.ToString());
    }

    [Fact]
    public void A_raw_recording_can_be_copied_with_pseudonyms()
    {
        var (raw, given) = (_place.Combine("raw"), _place.Combine("given"));
        using (var recorder = _sandbox.Start([Repository.Ueventctl, "record", "--raw", "-o", raw]))
        {
            Eventually.Holds(() => File.Exists(raw) && File.ReadAllText(raw).Contains("\"device\"", StringComparison.Ordinal), Deadline.Default, "it records");
            _sandbox.Run("ip link add ue0 type bridge && ip link set ue0 address 52:54:00:12:34:56 && ip link set ue0 name enx525400123456").Ok();
            Eventually.Holds(() => File.ReadAllText(raw).Contains("enx525400123456", StringComparison.Ordinal), Deadline.Default, "the name with the address");
            recorder.Signal(Syscalls.SIGTERM);
            Assert.Equal(0, recorder.WaitForExit(Deadline.Default));
        }
        Ueventctl($"record --pseudonyms {raw} {given}").Ok();
        Assert.DoesNotContain("525400123456", File.ReadAllText(given), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllLines(raw).Length, File.ReadAllLines(given).Length);
        Assert.Contains("\"pseudonyms\":true", File.ReadAllLines(given)[0], StringComparison.Ordinal);
        Assert.Equal(1, Ueventctl($"record --pseudonyms {raw} {raw}").ExitCode);
        Assert.Equal(2, Ueventctl($"record {given}").ExitCode);
        Assert.Equal(0, Ueventctl($"plot {given} --table").ExitCode);
    }

    public void Dispose()
    {
        _place.Dispose();
        _sandbox.Dispose();
    }

    private CommandResult Ueventctl(string arguments) => _sandbox.Run($"{Repository.Ueventctl} {arguments}");

    // In wait_for_partner() of fs/pipe.c, by the number of the system call: openat(2), on x86-64 and on arm64.
    private static bool IsOpening(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/syscall").Split(' ')[0] is "257" or "56";
        }
        catch (IOException)
        {
            return false;
        }
    }
}
