using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>
/// `run` and the daemon are killed at random moments while events pass: 600 in every run, 20,000 in `make soak`. What counts is what ran: nothing is
/// skipped that can be known, and who is run twice can see it.
/// </summary>
public sealed class RunSoakTests
{
    private static readonly int s_devices = Soak.Seconds is null ? 400 : 13_334; // Each is added, every second one removed.
    private static readonly int s_kills = Soak.Seconds is null ? 8 : 80;

    [Fact]
    public void Every_event_is_run_whatever_is_killed()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var scratch = new ScratchDirectory("run");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var random = Seed.Random();
        // Whether the daemon is killed too: if not, nothing at all may be missing.
        var sparesDaemon = random.Next(2) == 0;
        var log = scratch.Combine("log");
        File.WriteAllText(log, "");
        RunningProcess Begin() => sandbox.Start(
            [Repository.Ueventctl, "run", "--socket", daemon.SocketPath, "--jobs", "4", "--cursor", scratch.Combine("cursor"), "--filter", "subsystem=re", "--",
            "sh", "-c", $"echo \"$ACTION $SYSNAME $UEVENT_MANAGER_CURSOR $UEVENT_MANAGER_GAP.\" >> {log}"]);
        var run = Begin();
        Eventually.Holds(() => File.Exists(scratch.Combine("cursor")), Deadline.Default, "a place to go on from");
        var sender = new Thread(() => Send(sandbox, sysfs));
        sender.Start();
        var (kills, crashes) = (0, 0);
        // So many lines of about 40 bytes between two kills that they are spread over all of it.
        var stride = s_devices * 60 / s_kills;
        while (kills < s_kills)
        {
            var seen = new FileInfo(log).Length + random.Next(2 * stride);
            SpinWait.SpinUntil(() => new FileInfo(log).Length >= seen, Deadline.Seconds(2).Remaining);
            var what = sparesDaemon ? 3 : random.Next(4);
            if (what < 2)
            {
                daemon.Kill();
                crashes++;
            }
            if (what > 0)
            {
                run.Signal(Syscalls.SIGKILL);
                run.WaitForExit(Deadline.Default);
                run.Dispose();
            }
            if (what < 2)
                daemon.StartAgain();
            if (what > 0)
                run = Begin();
            kills++;
        }
        sender.Join();
        string[] there = [.. Enumerable.Range(0, s_devices).Where(i => i % 2 == 1).Select(i => $"d{i}")];
        Eventually.SameSet(() => there, () => Told(log), Deadline.Seconds(Soak.Seconds is null ? 120 : 900), $"what was told is what is there, over {kills} kills, {crashes} of them of the daemon");
        // One that has only just begun is ended by the signal itself.
        daemon.WaitForSubscribers(1);
        run.Signal(Syscalls.SIGTERM);
        Assert.Equal(0, run.WaitForExit(Deadline.Default));
        var runs = Lines(log).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"{runs.Count} runs for {s_devices * 3 / 2} events over {kills} kills, {crashes} of them of the daemon");
        var adds = runs.Where(words => words[0] == "add").Select(words => words[1]).ToHashSet();
        Assert.Empty(there.Except(adds));
        // Without a crash of the daemon all of them were, those too that have gone.
        if (crashes == 0)
            Assert.Equal(s_devices, adds.Count);
        // Who is run again has the cursor that he had, or is told that it is what was found after a gap.
        Assert.All(
            runs.Where(words => words[3] == ".").GroupBy(words => $"{words[0]} {words[1]}"),
            same => Assert.True(same.Select(words => words[2]).Distinct().Count() == 1, $"{same.Key} with {string.Join(' ', same.Select(words => words[2]))}"));
        // Those of one device are in order: nobody is removed before he was added, unless his add had begun when all was killed, and he is found gone.
        foreach (var device in runs.Where(words => words[0] is "add" or "remove").GroupBy(words => words[1]))
            Assert.True(device.First() is ["add", ..] or [_, _, _, not "."], $"{device.Key}: {string.Join(' ', device.Select(words => words[0]))}");
    }

    private static void Send(Sandbox sandbox, FakeSysfs sysfs)
    {
        using var injector = new UeventInjector(sandbox);
        for (var i = 0; i < s_devices; i++)
        {
            var device = sysfs.AddDevice($"/devices/virtual/re/d{i}", "re");
            injector.Send("add", device);
            if (i % 2 == 1)
                continue;
            device.Remove();
            injector.Send("remove", device);
        }
    }

    private static HashSet<string> Told(string log)
    {
        var told = new HashSet<string>();
        foreach (var words in Lines(log))
        {
            if (words[0] == "add")
                told.Add(words[1]);
            else if (words[0] == "remove")
                told.Remove(words[1]);
        }
        return told;
    }

    // A line whose program was killed in the middle does not exist: it is written at once.
    private static IEnumerable<string[]> Lines(string log) => File.ReadAllLines(log).Select(line => line.Split(' ')).Where(words => words.Length == 4);
}
