using System.Text.Json;
using System.Text.RegularExpressions;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Info shows what is needed to write a rule, and what <c>udevadm info</c> prints.</summary>
public sealed partial class InfoTests
{
    [Fact]
    public void The_export_equals_that_of_udevadm()
    {
        Requires.Tools("udevadm");
        using var sandbox = Sandbox.Create();
        sandbox.Run("ip link add uem-a type veth peer name uem-b && ip link add uem9 type bridge").Ok();
        using var daemon = DaemonProcess.Start(sandbox);
        // Events must not leave a trace in it.
        sandbox.Run("echo change > /sys/class/net/uem9/uevent").Ok();
        Run(sandbox, daemon, "settle");
        var udevadm = Requires.Tool("udevadm");
        // Without a database of udev's: it knows what sysfs says, as the daemon does.
        sandbox.Run("mount -t tmpfs t /run").Ok();
        Dictionary<string, string[]> Theirs() => Blocks(sandbox.Run($"{udevadm} info --export-db").Ok().Output);
        var before = Theirs();
        var ours = Blocks(Run(sandbox, daemon, "info --export"));
        var theirs = Theirs();
        Assert.Contains("/devices/virtual/net/uem9", ours.Keys);
        // Devices of the machine may come, go and change meanwhile: those that did not are compared, and they are nearly all.
        var both = ours.Keys.Intersect(theirs.Keys).Where(path => before.TryGetValue(path, out var same) && same.SequenceEqual(theirs[path])).Where(path => !path.StartsWith("/devices/virtual/block/", StringComparison.Ordinal)).ToList();
        Assert.InRange(both.Count, Math.Max(1, theirs.Count * 3 / 4), theirs.Count);
        foreach (var device in both)
            Assert.Equal(theirs[device], ours[device]);
        Assert.Equal(ours["/devices/virtual/net/uem9"], Blocks(Run(sandbox, daemon, "info -x net:uem9")).Single().Value);
        foreach (var query in new[] { "-q property", "--query=path", "-q all" })
            Assert.Equal(Lines(sandbox.Run($"{udevadm} info {query} /sys/class/net/uem-a").Ok().Output), Lines(Run(sandbox, daemon, $"info {query} /sys/class/net/uem-a")));
    }

    [Fact]
    public void A_walk_shows_the_attributes_that_udevadm_shows_in_the_form_of_a_rule()
    {
        Requires.Tools("udevadm");
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("walk");
        sandbox.Run("ip link add uem-a type bridge").Ok();
        using var daemon = DaemonProcess.Start(sandbox);
        var walk = Run(sandbox, daemon, "info --attributes net:uem-a --json").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        var theirs = Attribute().Matches(sandbox.Run($"{Requires.Tool("udevadm")} info -a /sys/class/net/uem-a").Ok().Output)
            .Where(match => match.Groups["value"].Value != "(not readable)" && !match.Groups["name"].Value.StartsWith("statistics/", StringComparison.Ordinal))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["value"].Value);
        var ours = walk[0].GetProperty("attributes").EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetString()!);
        Assert.Contains("operstate", ours.Keys);
        Assert.Contains("queues/rx-0/rps_cpus", ours.Keys);
        Assert.Contains("bridge/stp_state", ours.Keys);
        Assert.Empty(theirs.Keys.Except(ours.Keys));
        // What changes by itself (timers of the bridge) may have.
        Assert.All(theirs.Where(one => !one.Key.EndsWith("timer", StringComparison.Ordinal)), one => Assert.Equal(one.Value.TrimEnd(), ours[one.Key]));
        var rule = RuleOf(Run(sandbox, daemon, "info -a net:uem-a"));
        File.WriteAllText(scratch.Combine("50-x.yaml"), rule);
        Assert.Matches("^1 rule in 1 file, no mistake", sandbox.Run($"{Repository.Ueventctl} rules check {scratch.Path}").Ok().Output);
        Assert.Matches(@"(?m)^\s*""?stp_state|""bridge/stp_state"": ""0""", rule);
    }

    [Fact]
    public void A_rule_copied_from_an_attribute_walk_matches_the_device()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var scratch = new ScratchDirectory("walk");
        sysfs.AddBus("usb");
        var parent = sysfs.AddDevice("/devices/usb1", "usb", "DEVTYPE=usb_device");
        parent.Write("idVendor", "0403\n");
        var device = sysfs.AddDevice("/devices/usb1/1-1/x", "odd");
        device.Write("scheduler", "[none] mq-deadline *?\n");
        device.Write("bang", "!x\n");
        device.Write("quote", "a\"b\\c: #\n");
        device.Write("padded", "model   \n");
        device.Write("empty", "\n");
        device.MakeDirectory("queue");
        device.Write("queue/depth", "8\n");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        var walk = Run(sandbox, daemon, $"info -a /devices/usb1/1-1/x --sysfs {sysfs.Root}");
        File.WriteAllText(scratch.Combine("50-x.yaml"), RuleOf(walk));
        sandbox.Run($"{Repository.Ueventctl} rules check {scratch.Path}").Ok();
        string Rule() => sandbox.Run($"{Repository.Ueventctl} rules test /devices/usb1/1-1/x --sysfs {sysfs.Root} --rules {scratch.Path}").Output;
        Assert.Contains("copied", Rule(), StringComparison.Ordinal);
        // Each of them counts: with another value it is another device's.
        foreach (var (name, other) in new[] { ("scheduler", "n"), ("bang", "x"), ("quote", "abc"), ("padded", "mode"), ("queue/depth", "9") })
        {
            var before = File.ReadAllText($"{device.Path}/{name}");
            device.Write(name, other);
            Assert.DoesNotContain("copied", Rule(), StringComparison.Ordinal);
            device.Write(name, before);
        }
        parent.Write("idVendor", "0404\n");
        Assert.DoesNotContain("copied", Rule(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_value_is_printed_alone_and_a_missing_property_is_a_failure()
    {
        using var sandbox = Sandbox.Create();
        sandbox.Run("ip link add uem-a type bridge").Ok();
        using var daemon = DaemonProcess.Start(sandbox);
        var index = sandbox.Run("cat /sys/class/net/uem-a/ifindex").Ok().Output;
        Assert.Equal(index, Run(sandbox, daemon, "info net:uem-a --property IFINDEX --value"));
        Assert.Equal($"IFINDEX={index}INTERFACE=uem-a\n", Run(sandbox, daemon, "info net:uem-a -p IFINDEX -p INTERFACE"));
        Assert.Equal($"{{\"IFINDEX\":\"{index.Trim()}\"}}\n", Run(sandbox, daemon, "info net:uem-a -p IFINDEX --json"));
        var missing = sandbox.Run($"{Repository.Ueventctl} info net:uem-a -p NONE --value --socket {daemon.SocketPath}");
        Assert.Equal((1, "", "ueventctl: /devices/virtual/net/uem-a has no property NONE (ueventctl info shows its properties)\n"), (missing.ExitCode, missing.Output, missing.Error));
    }

    [Fact]
    public void A_tree_has_each_device_once_below_the_nearest_above_it()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        foreach (var path in new[] { "/devices/a", "/devices/a/x/b", "/devices/a/x/b/c", "/devices/a/z", "/devices/ab" })
            sysfs.AddDevice(path, "one");
        sysfs.AddDevice("/devices/a/x/late", "two", "DEVTYPE=t");
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root, Rules = "version: 1\nsubsystem: two\nrules: [{name: r, wait: [{exists: ready}]}]\n" });
        const string Below = "/devices/a  one\n├─x/b  one\n│ └─c  one\n├─x/late  two/t  waits for exists: ready\n└─z  one\n";
        Assert.Equal(Below + "/devices/ab  one\n", Run(sandbox, daemon, "info --tree"));
        Assert.Equal(Below, Run(sandbox, daemon, "info --tree /devices/a"));
        Assert.Equal("/devices/a/x/b  one\n└─c  one\n", Run(sandbox, daemon, "info -t /devices/a/x/b"));
        Assert.Equal(["/devices/a/x/b", "/devices/a/x/b/c"], Run(sandbox, daemon, "info --json --tree /devices/a/x/b").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("devpath").GetString()));
    }

    // The device's own part is a rule as it is; of what is above it the nearest parent's match is put beside it.
    private static string RuleOf(string walk)
    {
        string[] parts = walk.TrimEnd().Split("\n\n");
        string[] own = [.. parts[0].Split('\n').Where(line => !line.StartsWith('#'))];
        IEnumerable<string> parent = parts.Length > 1 ? parts[1].Split('\n').Where(line => !line.StartsWith('#') && line != "match:") : [];
        return string.Join('\n', ["version: 1", own[0], "rules:", "  - name: copied", .. own[1..].Concat(parent).Select(line => "    " + line), ""]);
    }

    private static Dictionary<string, string[]> Blocks(string text) => text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
        .Select(block => Lines(block)).ToDictionary(lines => lines.Single(line => line.StartsWith("P: ", StringComparison.Ordinal))[3..]);

    // J: and B: came with later versions of udevadm.
    private static string[] Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("J: ", StringComparison.Ordinal) && !line.StartsWith("B: ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static string Run(Sandbox sandbox, DaemonProcess daemon, string arguments) =>
        sandbox.Run($"{Repository.Ueventctl} {arguments} --socket {daemon.SocketPath}").Ok().Output;

    [GeneratedRegex("""^ +ATTR\{(?<name>[^}]+)\}=="(?<value>[^\n]*)"$""", RegexOptions.Multiline)]
    private static partial Regex Attribute();
}
