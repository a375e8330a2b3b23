using System.Text;
using UeventManager.Commands;
using UeventManager.Tests.Client;

namespace UeventManager.Tests.Commands;

/// <summary>Without these a script that calls ueventctl takes failure for success.</summary>
public sealed class CommandTests
{
    private const string Errors = "org.ueventmanager.Devices.";

    [Theory]
    [InlineData("moniter", "unknown command 'moniter' (did you mean 'monitor'?)")]
    [InlineData("xyzzy", "unknown command 'xyzzy' (see ueventctl --help)")]
    [InlineData("list --jsn", "unknown option '--jsn' (did you mean '--json'?)")]
    [InlineData("info", "required argument 'DEVICE' missing for command: 'info' (see ueventctl info --help)")]
    [InlineData("status x", "unexpected argument 'x' (see ueventctl status --help)")]
    [InlineData("monitor --property-match x", "'x' is not KEY=GLOB (see ueventctl monitor --help)")]
    [InlineData("wait", "name a device, or give --filter KEY=GLOB (see ueventctl wait --help)")]
    [InlineData("wait net:a --filter subsystem=net", "name devices or give --filter, not both (see ueventctl wait --help)")]
    [InlineData("wait net:a --count 2", "--count is for --filter until settled (see ueventctl wait --help)")]
    [InlineData("wait --filter subsystem=net --count 0", "--count: a number from 1 to 4096 (see ueventctl wait --help)")]
    [InlineData("wait net:a --timeout 5", "--timeout: '5' is no time (write for example 500ms, 5s or 2min) (see ueventctl wait --help)")]
    [InlineData("settle --filter net", "--filter: 'net' is not KEY=GLOB (see ueventctl settle --help)")]
    [InlineData("settle --filter subsys=net", "--filter: 'subsys' is no key of a filter (write subsystem, devtype, devpath, sysname, driver, or a property in capitals) (see ueventctl settle --help)")]
    [InlineData("wait net:a --until x", "argument 'x' not recognized. Must be one of: 'settled' 'removed' (see ueventctl wait --help)")]
    [InlineData("monitor -s [", "'[' is no pattern: '[' has no ']' (see ueventctl monitor --help)")]
    public async Task AWrongCommandLineIsExplained(string args, string message)
    {
        (int status, string output, string error) = await CommandRun.Async(args.Split(' '));
        Assert.Equal((ExitStatus.Usage, "", $"ueventctl: {message}\n"), (status, output, error));
    }

    // What "$DEVICE" is where the variable is not set; the arguments are split at the space.
    [Theory]
    [InlineData("wait ")]
    [InlineData("wait net:lo ")]
    [InlineData("info ")]
    [InlineData("explain ")]
    [InlineData("release ")]
    public async Task AnEmptyNameOfADeviceIsWrongUsage(string args)
    {
        (int status, string output, string error) = await CommandRun.Async(args.Split(' '));
        Assert.Equal((ExitStatus.Usage, ""), (status, output));
        Assert.StartsWith("ueventctl: an empty name of a device ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wait", "[<DEVICE>...]")]
    [InlineData("explain", "<DEVICE>")]
    public async Task HelpNamesTheArgumentAndNotWhatCouldBeCompletedThere(string command, string usage)
    {
        (int status, string output, string error) = await CommandRun.Async(command, "--help");
        Assert.Equal((ExitStatus.Done, ""), (status, error));
        Assert.Contains($"{command} {usage} ", output, StringComparison.Ordinal);
        Assert.Contains("\n  <DEVICE>  ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutArgumentsItSaysWhatCanBeDone()
    {
        (int status, string output, string error) = await CommandRun.Async([]);
        Assert.Equal((ExitStatus.Done, ""), (status, error));
        Assert.Contains("ueventctl list", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("monitor")]
    [InlineData("list")]
    [InlineData("info net:lo")]
    [InlineData("status")]
    [InlineData("wait net:lo")]
    [InlineData("settle")]
    [InlineData("explain net:lo")]
    [InlineData("release net:lo")]
    [InlineData("reload")]
    [InlineData("metrics")]
    public async Task WithoutADaemonItSaysHowToStartOne(string args)
    {
        (int status, _, string error) = await CommandRun.Async([.. args.Split(' '), "--socket", "/nowhere/socket"]);
        Assert.Equal(
            (ExitStatus.Unreachable,
            "ueventctl: /nowhere/socket: no such socket (start the daemon: systemctl start uevent-manager, or ueventctl daemon; or name its socket with --socket)\n"),
            (status, error));
    }

    [Fact]
    public async Task ListAndInfoWriteTheDevicesAsJsonOrText()
    {
        string? asked = null;
        using var daemon = new FakeDaemon(
            ("List", call =>
            {
                asked = call.Parameters.GetRawText();
                call.Reply(Encoding.UTF8.GetBytes($$"""{"devices":[{{FakeDaemon.DeviceJson}}]}"""));
            }
        ),
            ("Get", call => call.Reply(Encoding.UTF8.GetBytes($$"""{"device":{{FakeDaemon.DeviceJson}}}"""))));
        (int status, string output, _) = await CommandRun.Async("list", "--json", "-s", "net", "--unsettled", "--socket", daemon.Path);
        Assert.Equal((0, FakeDaemon.DeviceJson + "\n"), (status, output));
        Assert.Equal("""{"filter":{"subsystems":["net"]},"unsettled":true}""", asked);
        (_, output, _) = await CommandRun.Async("list", "--socket", daemon.Path);
        Assert.Equal("net  veth0  settled  /devices/virtual/net/veth0\n", output);
        (_, output, _) = await CommandRun.Async("info", "net:veth0", "--json", "--socket", daemon.Path);
        Assert.Equal(FakeDaemon.DeviceJson + "\n", output);
        (_, output, _) = await CommandRun.Async("info", "net:veth0", "--socket", daemon.Path);
        Assert.StartsWith("/devices/virtual/net/veth0\n  subsystem  net\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NoSuchDevice", """{"device":"x"}""", "x: no such device (ueventctl list --unsettled shows what there is)")]
    [InlineData("NoSuchDevice", """{"device":"x","reason":"sysfs has it"}""", "x: no such device; sysfs has it (ueventctl list --unsettled shows what there is)")]
    [InlineData("NotSettled", """{"devpath":"/d","missing":["a","b"]}""", "/d: still waits for: a, b (ueventctl wait waits for it, ueventctl explain says since when)")]
    public async Task AnErrorOfTheDaemonNamesTheFix(string name, string parameters, string message)
    {
        using var daemon = new FakeDaemon(("Get", call => call.Error(Errors + name, Encoding.UTF8.GetBytes(parameters))));
        (int status, _, string error) = await CommandRun.Async("info", "x", "--socket", daemon.Path);
        Assert.Equal((ExitStatus.Failed, $"ueventctl: {message}\n"), (status, error));
    }
}
