using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Whatever is lost between the kernel and a forwarder, its clients get exactly the differences.</summary>
public sealed class ForwardLossTests
{
    private const int Devices = 40;

    [Fact]
    public void After_lost_uevents_clients_get_removes_then_adds_and_changes_and_nothing_else()
    {
        using var sandbox = ForwardTests.Host();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, Devices).Select(i => Add(sysfs, $"d{i}", i, $"DISKSEQ={1000 + i}")).ToArray();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Arguments = ["--receive-buffer", "65536"] });
        var forward = ForwardTests.Forward(sandbox, daemon, "--sysfs", sysfs.Root, "--filter", "subsystem=flood,sysname=!noise");
        var client = LibudevClient.Start(sandbox, sysfs, "flood", "-", "-", "MINOR", "STEP");
        using var kernel = new UeventInjector(sandbox);
        kernel.Send("change", devices[39], "MAJOR=240", "MINOR=39", "DISKSEQ=1039");
        client.WaitForLine(line => line.StartsWith("change d39 ", StringComparison.Ordinal), Deadline.Default, "an event before the gap");
        var last = LibudevClient.All(client)[^1].Seqnum;

        daemon.Freeze();
        Fill(sysfs, kernel);
        LoseEvents(sysfs, kernel, devices);
        daemon.Thaw();
        forward.WaitForErrorLine(line => line.Contains("events may have been lost (kernelOverrun)", StringComparison.Ordinal), Deadline.Default, "the gap is said");
        client.WaitForLine(line => line.StartsWith("add new1 ", StringComparison.Ordinal), Deadline.Default, "what is new");
        kernel.Send("change", devices[38], "MAJOR=240", "MINOR=38", "DISKSEQ=1038");
        client.WaitForLine(line => line.StartsWith("change d38 ", StringComparison.Ordinal), Deadline.Default, "an event behind the gap");

        var heard = LibudevClient.All(client).Skip(1).ToArray();
        Assert.Equal(
            ["add d10 210 -", "add d11 11 -", "add new0 100 -", "add new1 101 -", "change d12 12 2", "change d38 38 -", "remove d0 0 -", "remove d1 1 -", "remove d10 10 -", "remove d11 11 -"],
            heard.Select(one => $"{one.Action} {one.Name} {one.Values[0]} {one.Values[1]}").Order(StringComparer.Ordinal));
        Assert.All(heard[..^1], one => Assert.Equal(last, one.Seqnum));
        Assert.True(heard[^1].Seqnum > last);
        // Of what is gone clients hear before they hear of what is new in its place.
        Assert.True(At(heard, "remove", "d10") < At(heard, "add", "d10") && At(heard, "remove", "d0") < At(heard, "add", "new0"));
        Assert.Contains("E:UEVENT_MANAGER=1", sandbox.Run("cat /run/udev/data/c240:210").Ok().Output, StringComparison.Ordinal);
        sandbox.Run("test ! -e /run/udev/data/c240:10 && test ! -e /run/udev/data/c240:0 && test ! -e /run/udev/tags/settled/c240:0 && test ! -e /run/udev/queue").Ok();
    }

    [Fact]
    public void A_forwarder_that_was_stopped_for_too_long_sends_the_differences()
    {
        using var sandbox = ForwardTests.Host();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, Devices).Select(i => Add(sysfs, $"d{i}", i, $"DISKSEQ={1000 + i}")).ToArray();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var forward = ForwardTests.Forward(sandbox, daemon, "--sysfs", sysfs.Root);
        var client = LibudevClient.Start(sandbox, sysfs, "flood", "-", "-", "MINOR", "STEP");
        using var kernel = new UeventInjector(sandbox);
        forward.Signal(Syscalls.SIGSTOP);
        LoseEvents(sysfs, kernel, devices);
        // More than the daemon keeps for one subscriber (16,384 events) and the socket between them holds.
        for (var i = 0; i < 20_000; i++)
            kernel.Send("change", devices[39], $"FILLED={i}");
        Eventually.Holds(() => daemon.Counters()["delivered"] > 20_000, Deadline.Seconds(60), "the daemon has tried to deliver all of it");
        forward.Signal(Syscalls.SIGCONT);
        forward.WaitForErrorLine(line => line.Contains("events may have been lost (subscriberTooSlow)", StringComparison.Ordinal), Deadline.Seconds(60), "the gap is said");
        kernel.Send("add", Add(sysfs, "end", 102));
        client.WaitForLine(line => line.StartsWith("add end ", StringComparison.Ordinal), Deadline.Seconds(60), "an event behind the gap");
        Assert.Equal(sysfs.DevPaths().Order(StringComparer.Ordinal), Picture(devices, client).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void After_the_daemon_was_killed_clients_get_only_the_differences()
    {
        using var sandbox = ForwardTests.Host();
        using var sysfs = new FakeSysfs();
        var devices = Enumerable.Range(0, Devices).Select(i => Add(sysfs, $"d{i}", i, $"DISKSEQ={1000 + i}")).ToArray();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var forward = ForwardTests.Forward(sandbox, daemon, "--sysfs", sysfs.Root);
        var client = LibudevClient.Start(sandbox, sysfs, "flood", "-", "-", "MINOR", "STEP");
        using var kernel = new UeventInjector(sandbox);
        kernel.Send("add", Add(sysfs, "told", 99), "MAJOR=240", "MINOR=99");
        client.WaitForLine(line => line.StartsWith("add told ", StringComparison.Ordinal), Deadline.Default, "an event before");
        daemon.Kill();
        LoseEvents(sysfs, kernel, devices);
        daemon.StartAgain();
        forward.WaitForErrorLine(line => line.Contains("events may have been lost (", StringComparison.Ordinal), Deadline.Seconds(60), "the gap is said");
        kernel.Send("add", Add(sysfs, "end", 102), "MAJOR=240", "MINOR=102");
        client.WaitForLine(line => line.StartsWith("add end ", StringComparison.Ordinal), Deadline.Seconds(60), "an event behind the gap");
        Assert.Equal(
            ["add d10", "add d11", "add end", "add new0", "add new1", "change d12", "remove d0", "remove d1", "remove d10", "remove d11"],
            LibudevClient.All(client).Skip(1).Select(one => $"{one.Action} {one.Name}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Killed_again_and_again_it_repeats_at_most_the_last_event_and_skips_none()
    {
        using var sandbox = ForwardTests.Host();
        using var killed = Sandbox.Create();
        using var whole = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var run = new ScratchDirectory("udev");
        using var other = new ScratchDirectory("udev");
        string[] arguments = ["--pid", ForwardTests.PidOf(killed), "--run-udev", run.Path];
        var forward = ForwardTests.Forward(sandbox, daemon, arguments);
        ForwardTests.Forward(sandbox, daemon, "--pid", ForwardTests.PidOf(whole), "--run-udev", other.Path);
        ForwardTests.BindRun(killed, run.Path);
        ForwardTests.BindRun(whole, other.Path);
        var (client, reference) = (LibudevClient.Start(killed, "-", "-", "-"), LibudevClient.Start(whole, "-", "-", "-"));
        const int LeastKills = 5;
        var (kills, inTheMiddle) = (0, 0);
        for (var round = 0; round < LeastKills || (inTheMiddle == 0 && round < 4 * LeastKills); round++)
        {
            var storm = sandbox.Start(["sh", "-c", $"for i in $(seq 12); do ip link add uem-{round}-$i type veth peer name uep-{round}-$i; ip link set uem-{round}-$i name uen-{round}-$i; ip link del uen-{round}-$i; done"]);
            client.WaitForLine(line => line.StartsWith($"add uem-{round}-{3 + (round % 5)} ", StringComparison.Ordinal), Deadline.Default, "the storm");
            forward.Signal(Syscalls.SIGKILL);
            (kills, inTheMiddle) = (kills + 1, inTheMiddle + (storm.HasExited ? 0 : 1));
            forward.WaitForExit(Deadline.Default);
            Assert.Equal(0, storm.WaitForExit(Deadline.Default));
            forward = ForwardTests.Forward(sandbox, daemon, arguments);
        }
        sandbox.Run("ip link add uem-end type bridge").Ok();
        foreach (var one in new[] { client, reference })
            one.WaitForLine(line => line.StartsWith("add uem-end ", StringComparison.Ordinal), Deadline.Default, "the end");
        var heard = UpToTheEnd(client).ToList();
        var repeated = 0;
        for (var i = heard.Count - 1; i > 0; i--)
        {
            if (heard[i] != heard[i - 1])
                continue;
            heard.RemoveAt(i);
            repeated++;
        }
        Assert.Equal(UpToTheEnd(reference), heard);
        Assert.InRange(repeated, 0, kills);
        Assert.True(inTheMiddle > 0, "each storm was over before it was killed");
        // Its queues may not have been told to both yet.
        static IEnumerable<string> UpToTheEnd(RunningProcess process) =>
            LibudevClient.All(process).TakeWhile(one => one is not { Action: "add", Name: "uem-end" }).Select(one => $"{one.Action} {one.DevPath} {one.Seqnum}");
    }

    private static FakeDevice Add(FakeSysfs sysfs, string name, int minor, params IReadOnlyList<string> more) =>
        sysfs.AddDevice($"/devices/virtual/flood/{name}", "flood", ["MAJOR=240", $"MINOR={minor}", .. more]);

    // Events that are of no interest, until the receive buffer takes no more.
    private static void Fill(FakeSysfs sysfs, UeventInjector kernel)
    {
        var noise = Add(sysfs, "noise", 199);
        for (var i = 0; i < 2000; i++)
            kernel.Send("change", noise, $"FILLED={i}");
    }

    // Two go, two have become others, one has changed, two are new.
    private static void LoseEvents(FakeSysfs sysfs, UeventInjector kernel, FakeDevice[] devices)
    {
        foreach (var gone in new[] { 0, 1, 10, 11 })
        {
            kernel.Send("remove", devices[gone], "MAJOR=240", $"MINOR={gone}");
            devices[gone].Remove();
        }
        kernel.Send("add", Add(sysfs, "d10", 210), "MAJOR=240", "MINOR=210");
        kernel.Send("add", Add(sysfs, "d11", 11, "DISKSEQ=7"), "MAJOR=240", "MINOR=11", "DISKSEQ=7");
        devices[12].Write("uevent", "MAJOR=240\nMINOR=12\nDISKSEQ=1012\nSTEP=2\n");
        kernel.Send("change", devices[12], "MAJOR=240", "MINOR=12", "DISKSEQ=1012", "STEP=2");
        for (var i = 0; i < 2; i++)
            kernel.Send("add", Add(sysfs, $"new{i}", 100 + i), "MAJOR=240", $"MINOR={100 + i}");
    }

    private static int At(LibudevClient.Heard[] heard, string action, string name) => Array.FindIndex(heard, one => one.Action == action && one.Name == name);

    private static HashSet<string> Picture(IEnumerable<FakeDevice> first, RunningProcess client)
    {
        var devices = first.Select(device => device.DevPath).ToHashSet(StringComparer.Ordinal);
        foreach (var one in LibudevClient.All(client))
            _ = one.Action == "remove" ? devices.Remove(one.DevPath) : devices.Add(one.DevPath);
        return devices;
    }
}
