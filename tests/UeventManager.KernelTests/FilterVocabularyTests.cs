using System.Text.Json;
using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>A filter means the same to every command.</summary>
public sealed class FilterVocabularyTests
{
    // Disks of blk, one of them behind USB, with what a rule attaches; an adapter, and the last that everybody hears.
    private static readonly string[] s_all = ["usb1", "d1", "d2", "p1", "n1"];

    [Fact]
    public void A_filter_selects_the_same_for_every_command()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var scratch = new ScratchDirectory("database");
        sysfs.AddBus("usb");
        FakeDevice[] devices =
        [
            sysfs.AddDevice("/devices/pci/usb1", "usb", "DEVTYPE=usb_device", "DRIVER=usb"),
            sysfs.AddDevice("/devices/pci/usb1/1-2/d1", "blk", "DEVTYPE=disk", "ID_X=a,b"),
            sysfs.AddDevice("/devices/virtual/d2", "blk", "DEVTYPE=disk", "ID_X=c"),
            sysfs.AddDevice("/devices/virtual/d2/p1", "blk", "DEVTYPE=partition"),
            sysfs.AddDevice("/devices/virtual/n1", "nt"),
        ];
        var last = sysfs.AddDevice("/devices/virtual/last", "end");
        devices[1].Write("mode", "fast");
        devices[2].Write("mode", "slow");
        Directory.CreateDirectory(scratch.Combine("data"));
        File.WriteAllText(scratch.Combine("data/+blk:d2"), "I:1\nG:systemd\nQ:systemd\nG:seat\n");
        File.WriteAllText(scratch.Combine("data/+blk:d1"), "I:1\nG:uaccess\nQ:uaccess\n");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Arguments = ["--udev-db", scratch.Combine("data")],
            Rules = "version: 1\nsubsystem: blk\nrules: [{name: r, wait: [{exists: uevent}], attach: {attributes: [mode], udev: [TAGS]}}]\n",
        });
        (string[] Options, string[] Wanted)[] cases =
        [
            (["-f", "subsystem=blk"], ["d1", "d2", "p1"]),
            (["-s", "blk/disk", "-s", "nt"], ["d1", "d2", "n1"]),
            (["-s", "blk", "-d", "/devices/virtual/**"], ["d2", "p1"]),
            (["-f", "subsystem=blk,devtype!=disk"], ["p1"]),
            (["-f", "subsystem!=blk,subsystem!=nt,sysname!=last"], ["usb1"]),
            (["-f", "sysname=d*,sysname!=d1"], ["d2"]),
            (["-f", "subsystem=nt", "-f", "attribute:mode=fa*"], ["d1", "n1"]),
            (["-f", "attribute:mode=fast,attribute:mode=slow"], ["d1", "d2"]),
            (["-f", "attribute:mode=*,attribute:mode!=slow"], ["d1"]),
            (["-f", "tag=systemd"], ["d2"]),
            (["-f", "tag=u*,subsystem=blk", "-f", "tag=seat"], ["d1", "d2"]),
            (["-f", "parent=usb/usb_device"], ["d1"]),
            (["-f", "parent=usb:usb1", "-f", "parent=blk:d*"], ["d1", "p1"]),
            (["-f", "parent!=usb,parent!=blk,subsystem=blk"], ["d2"]),
            (["-f", "driver=usb", "-f", "ID_X='a,b'"], ["usb1", "d1"]),
            (["-s", "blk", "-f", "property:ID_X=c", "-f", "devtype=partition"], ["d2", "p1"]),
            (["-f", "devpath=/devices/*/*,subsystem!=end", "-f", "devpath='**/p1'"], ["usb1", "d2", "p1", "n1"]),
        ];
        string[] socket = ["--socket", daemon.SocketPath];
        var monitors = new List<(RunningProcess Monitor, RunningProcess Run)>();
        foreach (var (options, wanted) in cases)
        {
            var what = string.Join(' ', options);
            // What all of them hear, so that it is known when they have heard all the rest.
            string[] heard = Heard(options);
            monitors.Add((sandbox.Start([Repository.Ueventctl, "monitor", "--json", .. socket, .. heard]), sandbox.Start([Repository.Ueventctl, "run", .. socket, .. heard, "--jobs", "1", "--", "echo", "{sysname}"])));
            var listed = Call(sandbox, "list", "--json", [.. socket, .. options]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(NameOf).Except(["last"]);
            Assert.Equal(wanted.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
            var waited = Call(sandbox, "wait", "--json", [.. socket, .. options, "--count", $"{wanted.Length}", "--timeout", "1min"]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(NameOf).Except(["last"]);
            Assert.True(wanted.ToHashSet().SetEquals(waited), $"wait {what}");
            var triggered = Call(sandbox, "trigger", "--dry-run", ["--sysfs", sysfs.Root, "--udev-db", scratch.Combine("data"), .. options])
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(path => Path.GetFileName(path)!).Except(["last"]);
            Assert.True(wanted.ToHashSet().SetEquals(triggered), $"trigger {what}: {string.Join(' ', triggered)}");
            Call(sandbox, "settle", "--timeout", ["1min", .. socket, .. options]);
        }
        daemon.WaitForSubscribers(2 * cases.Length);
        using var injector = new UeventInjector(sandbox);
        foreach (var device in devices.Append(last))
            injector.Send("change", device, [.. File.ReadAllLines(device.Path + "/uevent").Where(line => line.Contains('=', StringComparison.Ordinal))]);
        for (var i = 0; i < cases.Length; i++)
        {
            var (options, wanted) = cases[i];
            var (monitor, run) = monitors[i];
            var what = string.Join(' ', options);
            string[] heard = Heard(options).Length == options.Length ? wanted : [.. wanted, "last"];
            // Those of one device wait for nobody else, so the order is nobody's promise.
            Eventually.SameSet(() => heard, () => monitor.Lines.Select(NameOf), Deadline.Default, $"monitor {what}");
            Eventually.SameSet(() => heard, () => run.Lines, Deadline.Default, $"run {what}");
        }
        Assert.All(s_all, name => Assert.Contains(cases, one => one.Wanted.Contains(name)));
    }

    [Fact]
    public void Each_alternative_has_actions_of_its_own()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        string[] filters = ["-f", "subsystem=one,action=add", "-f", "subsystem=two,action!=add,variable:LOUD!=0", "-f", "sysname=last"];
        var monitor = sandbox.Start([Repository.Ueventctl, "monitor", "--json", "--socket", daemon.SocketPath, .. filters]);
        var run = sandbox.Start([Repository.Ueventctl, "run", "--jobs", "1", "--socket", daemon.SocketPath, .. filters, "--", "echo", "{action} {sysname}"]);
        daemon.WaitForSubscribers(2);
        using var injector = new UeventInjector(sandbox);
        FakeDevice[] devices = [sysfs.AddDevice("/devices/a", "one"), sysfs.AddDevice("/devices/b", "two")];
        foreach (var device in devices)
        {
            injector.Send("add", device);
            injector.Send("change", device, "LOUD=1");
            injector.Send("change", device, "LOUD=0");
            injector.Send("change", device);
        }
        injector.Send("add", sysfs.AddDevice("/devices/last", "three"));
        string[] wanted = ["add a", "change b", "change b", "add last"];
        monitor.WaitForLine(line => NameOf(line) == "last", Deadline.Default, "the last");
        Eventually.Holds(() => run.Lines.Count >= wanted.Length, Deadline.Default, "all runs");
        Assert.Equal(wanted, monitor.Lines.Select(line => new EventView(JsonDocument.Parse(line).RootElement)).Select(one => $"{one.Action} {one.Device.SysName}"));
        Assert.Equal(wanted.Order(StringComparer.Ordinal), run.Lines.Order(StringComparer.Ordinal)); // Those of one device wait for nobody else.
    }

    [Fact]
    public void The_kernels_uevents_are_shown_alone_or_beside_settled_ones_and_selected_alike()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        string[] filters = ["-f", "subsystem=one,action!=change", "-f", "sysname=last,LOUD=1"];
        // Alone it needs no daemon.
        var kernel = sandbox.Start([Repository.Ueventctl, "monitor", "-k", "--json", .. filters]);
        var both = sandbox.Start([Repository.Ueventctl, "monitor", "--kernel", "--settled", "--json", "--socket", daemon.SocketPath, .. filters]);
        FakeDevice one = sysfs.AddDevice("/devices/a", "one"), last = sysfs.AddDevice("/devices/last", "two");
        daemon.WaitForSubscribers(1);
        // The kernel has no list of who listens: it is told again until both have heard.
        Eventually.Holds(
            () =>
            {
                injector.Send("change", last, "LOUD=1");
                return kernel.Lines.Count > 0 && both.Lines.Any(line => line.StartsWith("{\"kernel\"", StringComparison.Ordinal));
            },
            Deadline.Default, "both listen");
        var (before, beforeBoth) = (kernel.Lines.Count, both.Lines.Count);
        injector.Send("add", one);
        injector.Send("change", one);
        injector.Send("remove", one);
        injector.Send("remove", last, "LOUD=1");
        kernel.WaitForLine(line => line.Contains("\"remove\"", StringComparison.Ordinal) && line.Contains("/devices/last", StringComparison.Ordinal), Deadline.Default, "the last");
        both.WaitForLine(line => line.StartsWith("{\"kernel\"", StringComparison.Ordinal) && line.Contains("\"remove\"", StringComparison.Ordinal) && line.Contains("/devices/last", StringComparison.Ordinal), Deadline.Default, "the last");
        both.WaitForLine(line => line.StartsWith("{\"cursor\"", StringComparison.Ordinal) && line.Contains("/devices/a", StringComparison.Ordinal), Deadline.Default, "a settled one");
        Assert.All(kernel.Lines, line => Assert.StartsWith("{\"kernel\"", line, StringComparison.Ordinal));
        Assert.Equal(["add", "remove"], kernel.Lines.Skip(before).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("kernel"))
            .Where(value => value.GetProperty("subsystem").GetString() == "one").Select(value => value.GetProperty("action").GetString()!));
        Assert.True(beforeBoth > 0);
    }

    [Fact]
    public void Settle_waits_for_what_the_filter_selects_and_for_nothing_else()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions
        {
            Sysfs = sysfs.Root,
            Rules = "version: 1\nsubsystem: blk\nrules: [{name: r, wait: [{exists: never}], timeout: 10min}]\n",
        });
        using var injector = new UeventInjector(sandbox);
        injector.Send("add", sysfs.AddDevice("/devices/virtual/d1", "blk", "DEVTYPE=disk"), "DEVTYPE=disk");
        Eventually.Holds(() => daemon.List(new { unsettled = true }).Any(one => one.SysName == "d1"), Deadline.Default, "it waits");
        foreach (var (options, isWaitedFor) in new[]
        {
            ("", true), ("-s blk", true), ("-s nt", false), ("-f devtype=disk", true), ("-f devtype!=disk", false), ("-f sysname=d* -f subsystem=nt", true),
            ("-s blk/partition", false), ("-d /devices/pci/**", false), ("-d /devices/virtual/**", true),
        })
        {
            var settled = sandbox.Run($"{Repository.Ueventctl} settle --socket {daemon.SocketPath} {options} --timeout {(isWaitedFor ? "300ms" : $"{20 * TestTime.Factor}s")}");
            Assert.True(settled.ExitCode == (isWaitedFor ? 3 : 0), $"settle {options}: {settled.ExitCode} {settled.Error}");
        }
    }

    // With -f beside it, -s is of each alternative: then nothing can be added that is heard last.
    private static string[] Heard(string[] options) => !options.Contains("-s") ? [.. options, "-f", "subsystem=end"] : options.Contains("-f") ? options : [.. options, "-s", "end"];

    private static string NameOf(string line) => line.Contains("\"device\":", StringComparison.Ordinal)
        ? new EventView(JsonDocument.Parse(line).RootElement).Device.SysName
        : JsonDocument.Parse(line).RootElement.GetProperty("sysname").GetString()!;

    private static string Call(Sandbox sandbox, string verb, string option, string[] more)
    {
        var process = sandbox.Start([Repository.Ueventctl, verb, option, .. more]);
        process.CloseInput();
        Assert.True(process.WaitForExit(Deadline.Default) == 0, $"{verb} {string.Join(' ', more)}: {process.Error}");
        return process.Output;
    }
}
