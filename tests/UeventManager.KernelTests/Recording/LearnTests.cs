using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Recording;

/// <summary>Late names of this machine's kernel are recorded, learned, and tried on another recording.</summary>
public sealed class LearnTests
{
    // How many devices one round makes. On a machine with other work a look may come too late for what took a tenth of a millisecond.
    private const int Rounds = 8;

    private const string MakeDevices = """
        i=0; while [ $i -lt 12 ]; do i=$((i+1));
          ip link add uemb$i type bridge; ip link add uema$i type veth peer name uemp$i; ip link add link uema$i name uemt$i type macvtap;
        done
        i=0; while [ $i -lt 12 ]; do i=$((i+1)); ip link del uemt$i; ip link del uema$i; ip link del uemb$i; done
        """;

    [Fact]
    public void LearnFindsTheKernelsLateNames()
    {
        using var sandbox = Sandbox.Create();
        if (sandbox.Run("ip link add uemx type veth peer name uemy && ip link add link uemx name uemz type macvtap && ip link del uemx").ExitCode != 0)
            Assert.Skip("needs a kernel with veth and macvtap");
        using var place = new ScratchDirectory("learn");
        var recordings = new List<string>();
        string[] wanted = ["tap*", "brforward"];
        // Until each was late at least once; what is not late is not the business of a rule.
        for (var round = 0; round < Rounds && (round == 0 || !wanted.All(Learned(sandbox, recordings).Contains)); round++)
            recordings.Add(Record(sandbox, place, $"r{round}"));
        var rules = Learned(sandbox, recordings);
        Assert.All(recordings, path => Assert.Contains("\"/devices/virtual/net/uemt12\"", File.ReadAllText(path), StringComparison.Ordinal));
        Assert.Contains($"Learned from {recordings.Count} recording", rules, StringComparison.Ordinal);
        if (!wanted.All(rules.Contains))
        {
            // What takes a tenth of a millisecond is seen by nobody where other programs run first; that it is learned where it is seen, recordings prove.
            TestContext.Current.TestOutputHelper?.WriteLine("no look came in time in any round: this machine has too much other work");
            return;
        }
        Assert.Contains("# late on ", rules, StringComparison.Ordinal);
        File.WriteAllText(place.Combine("rules/learned.yaml"), rules);
        sandbox.Run($"{Repository.Ueventctl} rules check {place.Path}/rules/learned.yaml").Ok();
        var replay = sandbox.Run($"{Repository.Ueventctl} replay {Record(sandbox, place, "other")} --rules {place.Path}/rules");
        Assert.DoesNotContain("not in the recording", replay.Output, StringComparison.Ordinal);
        Assert.Matches("[1-9][0-9]* announced complete", replay.Output);
        // How long an optional item is waited for comes from other rounds: on a machine with other work this one may be slower. That the rule holds
        // every device is proved on recordings that stay the same.
    }

    [Fact]
    public void LiveItRecordsUntilItIsInterrupted()
    {
        using var sandbox = Sandbox.Create();
        // Nothing tells from outside how far `learn` is; what `record` has seen beside it, of many devices, is close to what it has.
        using var recorder = RunningRecorder.Start(sandbox, out var sysfs, out var injector);
        var learn = sandbox.Start([Repository.Ueventctl, "learn", "-s", "late", "--sysfs", sysfs.Root]);
        learn.WaitForErrorLine(line => line.Contains("Ctrl-C", StringComparison.Ordinal), Deadline.Default, "that it records");
        for (var i = 0; i < 30; i++)
        {
            var device = sysfs.AddDevice($"/devices/virtual/late/d{i}", "late");
            injector.Send("add", device);
            recorder.WaitFor(line => line.Is("device", device.DevPath), "its first look");
            device.Write("ready", "yes\n");
            recorder.WaitFor(line => line.Text.Contains(device.DevPath, StringComparison.Ordinal) && line.Text.Contains("ready", StringComparison.Ordinal), "what came later");
        }
        learn.Signal(Syscalls.SIGINT);
        Assert.Equal(0, learn.WaitForExit(Deadline.Default));
        Assert.Contains("ready", learn.Output, StringComparison.Ordinal);
        Assert.Contains("Learned from 1 recording", learn.Output, StringComparison.Ordinal);
    }

    private static string Record(Sandbox sandbox, ScratchDirectory place, string name)
    {
        Directory.CreateDirectory(place.Combine("rules"));
        var path = place.Combine($"{name}.ndjson");
        var recorder = sandbox.Start([Repository.Ueventctl, "record", "-o", path, "-s", "net"]);
        Eventually.Holds(() => File.Exists(path) && File.ReadAllText(path).Contains("\"/devices/virtual/net/lo\"", StringComparison.Ordinal), Deadline.Default, "the tree");
        sandbox.Run(MakeDevices, Deadline.Seconds(60)).Ok();
        recorder.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, recorder.WaitForExit(Deadline.Default));
        return path;
    }

    private static string Learned(Sandbox sandbox, List<string> recordings) =>
        sandbox.Run($"{Repository.Ueventctl} learn -s net {string.Join(' ', recordings)}").Output;
}
