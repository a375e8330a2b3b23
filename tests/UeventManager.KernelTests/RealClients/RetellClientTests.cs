using System.Globalization;
using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests.RealClients;

/// <summary>
/// libvirtd and NetworkManager, unmodified, beside the distribution's udevd and <c>ueventctl retell</c>: an interface whose address comes late, of which
/// the kernel tells nobody.
/// </summary>
public sealed class RetellClientTests : IDisposable
{
    private const string Address = "02:00:00:00:00:99";
    private static readonly string[] Virsh = ["virsh", "-q", "-c", "nodedev:///system"];

    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly UdevdProcess _udevd;
    private DaemonProcess? _daemon;

    public RetellClientTests() => _udevd = UdevdProcess.Start(_sandbox);

    public void Dispose()
    {
        _daemon?.Dispose();
        _udevd.Dispose();
        _sandbox.Dispose();
    }

    [Fact(Explicit = true)]
    public void Libvirt_sees_a_device_again_once_it_is_complete()
    {
        var events = Libvirt("");
        using var consumer = _daemon!.Subscribe(new { filter = new { sysnames = new[] { "late*" } } });
        AddPair("late0", "other0");
        events.WaitForLine(line => IsCreated(line, "net_late0"), Deadline.Default, "libvirt hears of it at once");
        Assert.DoesNotContain(events.Lines, line => IsCreated(line, Named("late0")));
        Complete("late0");
        events.WaitForLine(line => IsCreated(line, Named("late0")), Deadline.Default, "libvirt hears of it as it is");
        var heard = MonotonicClock.Usec;
        var behind = TimeSpan.FromMicroseconds(heard - consumer.WaitForEvent(one => one.IsAt("add", "/devices/virtual/net/late0")).SettledUsec);
        TestContext.Current.TestOutputHelper?.WriteLine($"virsh told of it {behind.TotalMilliseconds:0.0} ms after the daemon saw that it is complete");
        Assert.True(behind < TestTime.Seconds(0.05), $"libvirt heard of it late: {behind}");
    }

    [Fact(Explicit = true)]
    public void Behind_a_blocking_gate_libvirt_never_sees_an_incomplete_device()
    {
        var events = Libvirt("gate: block");
        // A worker waits two seconds: where that is too short to look, another is tried.
        for (var i = 0; i < 8; i++)
        {
            var (name, began) = ($"late{i}", MonotonicClock.Usec);
            AddPair(name, $"other{i}");
            events.WaitForLine(line => IsCreated(line, $"net_other{i}"), Deadline.Default, "libvirt hears of what comes behind it");
            Complete(name);
            var isInTime = MonotonicClock.Usec - began < 1_500_000;
            events.WaitForLine(line => IsCreated(line, Named(name)), Deadline.Default, "libvirt hears of it as it is");
            if (!isInTime)
                continue;
            Assert.DoesNotContain(events.Lines, line => IsCreated(line, $"net_{name}") && !IsCreated(line, Named(name)));
            return;
        }
        Assert.Skip("the machine is too slow: no worker was looked at while it waited");
    }

    [Fact(Explicit = true)]
    public void NetworkManager_keeps_a_retold_device_under_the_name_that_an_administrator_gave_it()
    {
        Retell("gate: ready");
        using var consumer = _daemon!.Subscribe(new { filter = new { sysnames = new[] { "late*", "mine*" } } });
        var manager = ClientTree.Start(_sandbox, null, $"{_udevd.Run}/udev", "NetworkManager", "sh", "-c", "dbus-daemon --system --fork --nopidfile && exec NetworkManager --no-daemon");
        string State(string name) => ClientTree.Ask(_sandbox, manager, "nmcli", "-t", "-f", "DEVICE,STATE", "device").Split('\n').FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal)) ?? "";
        bool IsTaken(string name) => State(name) == $"{name}:unavailable" || State(name) == $"{name}:disconnected";
        Eventually.Holds(() => manager.HasExited || State("lo") != "", Deadline.Seconds(30), $"NetworkManager answers: {manager.Error}");
        AddPair("late0", "other0");
        Eventually.Holds(() => IsTaken("late0"), Deadline.Seconds(30), $"it takes the device: {State("late0")}");
        // A synthetic add would have udevd undo this.
        _sandbox.Run("ip link set late0 down && ip link set late0 name mine0").Ok();
        Complete("mine0");
        consumer.WaitForEvent(one => one.Device.DevPath == "/devices/virtual/net/mine0");
        var index = _sandbox.Run("cat /sys/class/net/mine0/ifindex").Ok().Output.Trim();
        Eventually.Holds(() => File.ReadAllText($"{_udevd.Database}/n{index}").Contains("UEVENT_SETTLED=1", StringComparison.Ordinal), Deadline.Default, "its gate is open");
        Eventually.Holds(() => IsTaken("mine0"), Deadline.Seconds(30), $"it has the device: {State("mine0")}");
        Assert.Equal("", State("late0"));
    }

    private RunningProcess Libvirt(string gate)
    {
        Retell(gate);
        var libvirtd = ClientTree.Start(_sandbox, null, $"{_udevd.Run}/udev", "libvirtd", "libvirtd");
        Eventually.Holds(() => libvirtd.HasExited || ClientTree.Ask(_sandbox, libvirtd, [.. Virsh, "nodedev-list"]).Contains("computer", StringComparison.Ordinal), Deadline.Seconds(30), $"libvirtd answers: {libvirtd.Error}");
        var events = ClientTree.Beside(_sandbox, libvirtd, ["stdbuf", "-oL", .. Virsh, "nodedev-event", "--event", "lifecycle", "--loop"]);
        // It says nothing when it begins to listen.
        var probe = 0;
        for (var deadline = Deadline.Seconds(30); !deadline.Passed; probe++)
        {
            AddPair($"probe{probe}", $"xprobe{probe}");
            var name = $"net_probe{probe}";
            if (SpinWait.SpinUntil(() => events.Lines.Any(line => IsCreated(line, name)), 1000))
                return events;
        }
        Assert.Fail($"virsh tells of nothing: {events.Output} {events.Error}; {libvirtd.Error}");
        return events;
    }

    private void Retell(string gate)
    {
        _daemon = DaemonProcess.Start(_sandbox, new DaemonOptions
        {
            Rules = $$"""
                version: 1
                subsystem: net
                rules:
                  - name: address
                    on: [add]
                    match: {sysname: "late*"}
                    wait: [{attribute: address, equals: "{{Address}}"}]
                    timeout: 10min
                    {{gate}}
                """,
        });
        _udevd.Retell(_sandbox, _daemon);
    }

    private void AddPair(string one, string other) => _sandbox.Run($"ip link add {one} type veth peer name {other}").Ok();

    private void Complete(string name) => _sandbox.Run($"ip link set {name} address {Address}").Ok();

    private static string Named(string name) => string.Create(CultureInfo.InvariantCulture, $"net_{name}_{Address.Replace(':', '_')}");

    private static bool IsCreated(string line, string name) => line.Contains(name, StringComparison.Ordinal) && line.Contains("Created", StringComparison.Ordinal);
}
