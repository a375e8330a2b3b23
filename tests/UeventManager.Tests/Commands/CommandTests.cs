using System.CommandLine;
using System.CommandLine.Help;
using System.Text;
using UeventManager.Commands;
using UeventManager.Commands.Arguments;
using UeventManager.Tests.Client;

namespace UeventManager.Tests.Commands;

/// <summary>A script that calls ueventctl must not take a failure for success.</summary>
public sealed class CommandTests
{
    [Fact]
    public void AWordOfUdevadmIsAnsweredOnlyWhereItIsNoneOfOurs()
    {
        RootCommand root = CommandLine.Build();
        foreach ((string name, string option) in UdevadmWords.Options)
        {
            Command command = root.Subcommands.Single(one => one.Name == name);
            Assert.DoesNotContain(command.Options, one => one.Name == option || one.Aliases.Contains(option));
        }
    }

    private const string Errors = "org.ueventmanager.Devices.";

    [Theory]
    [InlineData("moniter", "unknown command 'moniter' (did you mean 'monitor'?)")]
    [InlineData("xyzzy", "unknown command 'xyzzy' (see ueventctl --help)")]
    [InlineData("list --jsn", "unknown option '--jsn' (did you mean '--json'?)")]
    [InlineData("info", "'info' needs DEVICE: a devpath, /sys/…, /dev/… or subsystem:sysname (see ueventctl info --help)")]
    [InlineData("status x", "unexpected argument 'x' (see ueventctl status --help)")]
    [InlineData("monitor --property-match x", "'x' is not KEY=GLOB (see ueventctl monitor --help)")]
    [InlineData("wait", "name a device, or give --filter KEY=GLOB (see ueventctl wait --help)")]
    [InlineData("wait net:a --filter subsystem=net", "name devices or give --filter, not both (see ueventctl wait --help)")]
    [InlineData("wait net:a --count 2", "--count needs --filter, and --until settled (see ueventctl wait --help)")]
    [InlineData("wait --filter subsystem=net --count 0", "--count: '0' is not a number from 1 to 4096 (see ueventctl wait --help)")]
    [InlineData("wait net:a --timeout 5sec", "--timeout: '5sec' is not a time (did you mean '5s'?) (see ueventctl wait --help)")]
    [InlineData("wait net:a --timeout 90000", "--timeout: '90000' is longer than 24h (see ueventctl wait --help)")]
    [InlineData("settle --filter net", "--filter: 'net' is not KEY=GLOB (see ueventctl settle --help)")]
    [InlineData("settle --filter subsys=net", "--filter: 'subsys' is not a filter key (did you mean 'subsystem'?) (see ueventctl settle --help)")]
    [InlineData("wait net:a --until x", "--until: 'x' is not known (write settled or removed) (see ueventctl wait --help)")]
    [InlineData("wait --filter subsystem=net --count x", "--count: 'x' is not a number from 1 to 4096 (see ueventctl wait --help)")]
    [InlineData("wait --filter subsystem=net --count 1.5", "--count: '1.5' is not a number from 1 to 4096 (see ueventctl wait --help)")]
    [InlineData("wait net:a --timeout 25h", "--timeout: '25h' is longer than 24h (see ueventctl wait --help)")]
    [InlineData("wait net:a --timeout soon", "--timeout: 'soon' is not a time (write for example 500ms, 5s or 2min) (see ueventctl wait --help)")]
    [InlineData("wait net:a --until removd", "--until: 'removd' is not known (did you mean 'removed'?) (see ueventctl wait --help)")]
    [InlineData("wait net:a -t", "-t needs a value: TIME (see ueventctl wait --help)")]
    [InlineData("wait --subsytem net", "unknown option '--subsytem' (did you mean '--subsystem'?)")]
    [InlineData("wait --devtyp disk", "unknown option '--devtyp' (did you mean '--filter devtype=…'?)")]
    [InlineData("list --filter action=add", "--filter: 'action' selects events, and here devices are selected (write subsystem, devtype, devpath, sysname, driver, tag, parent, property:NAME, attribute:NAME, or a property in capitals) (see ueventctl list --help)")]
    [InlineData("trigger --filter action=add", "--filter: 'action' selects events, and here devices are selected; --action selects the action to send (write subsystem, devtype, devpath, sysname, driver, tag, parent, property:NAME, attribute:NAME, or a property in capitals) (see ueventctl trigger --help)")]
    [InlineData("list -d net", "--devpath: 'net' matches no devpath, because devpaths begin with a slash (write **/net, or select by devtype=, sysname= or subsystem=) (see ueventctl list --help)")]
    [InlineData("settle -s net/", "--subsystem: 'net/' is not SUBSYSTEM[/DEVTYPE] (see ueventctl settle --help)")]
    [InlineData("monitor --kernel --filter tag=a", "--filter: the kernel's uevents have no 'tag'; settled events do (write subsystem, devtype, devpath, sysname, driver, action, property:NAME, variable:NAME, or a property in capitals) (see ueventctl monitor --help)")]
    [InlineData("monitor -k -t a", "--tag-match: the kernel's uevents have no 'tag'; settled events do (see ueventctl monitor --help)")]
    [InlineData("monitor -k --standalone", "--standalone needs settled events (give --settled too) (see ueventctl monitor --help)")]
    [InlineData("monitor --since yesterday", "--since: 'yesterday' is neither a cursor (--json shows them) nor a time (write for example 30s, 5m or 1h) (see ueventctl monitor --help)")]
    [InlineData("monitor --count 0", "--count: '0' is not a number from 1 on (see ueventctl monitor --help)")]
    [InlineData("monitor --until parent=usb", "--until: 'parent' tests ancestors, which an event does not contain; use it in --filter (write subsystem, devtype, devpath, sysname, driver, action, tag, property:NAME, attribute:NAME, variable:NAME, or a property in capitals) (see ueventctl monitor --help)")]
    [InlineData("monitor --format {x}x", "--format: '{x}' is not a placeholder (known: {time}, {date}, {timestamp}, {waited}, {source}, {action}, {devpath}, {syspath}, {sysname}, {subsystem}, {devtype}, {devnode}, {driver}, {parent}, {rule}, {settled}, {missing}, {tags}, {olddevpath}, {seqnum}, {cursor}, {group}, {synthetic}, {NAME} for a property, {property:NAME}, {attribute:PATH}, {link:PATH}) (see ueventctl monitor --help)")]
    [InlineData("monitor --json --format {time}", "--format lays out text (leave --json out)")]
    [InlineData("list --json --format {sysname}", "--format lays out text (leave --json out)")]
    [InlineData("monitor -p --format {ID_SERIAL}", "--property has no effect on --format (write {KEY} there, such as {ID_SERIAL}) (see ueventctl monitor --help)")]
    [InlineData("trigger net:lo --timeout 5s", "--timeout needs --settle (see ueventctl trigger --help)")]
    [InlineData("run --timeout 0 -- echo", "--timeout must not be 0 (give 1ms to 24h) (see ueventctl run --help)")]
    [InlineData("monitor --timeout 25h", "--timeout: '25h' is longer than 24h (see ueventctl monitor --help)")]
    [InlineData("monitor --standalone --since 5m", "--since needs a daemon, which keeps earlier events (leave --standalone out) (see ueventctl monitor --help)")]
    [InlineData("monitor -k --since 5m", "--since needs settled events (give --settled too) (see ueventctl monitor --help)")]
    [InlineData("info -p /sys/class/net/lo", "'info' needs DEVICE: a devpath, /sys/…, /dev/… or subsystem:sysname; --property is the name of a property (see ueventctl info --help)")]
    [InlineData("info net:lo -q nam", "--query: 'nam' is not known (did you mean 'name'?) (see ueventctl info --help)")]
    [InlineData("info net:lo --tree -a", "only one of --attributes, --property, --query, --tree and --export can be given (see ueventctl info --help)")]
    [InlineData("info --name=/dev/sda", "unknown option '--name=/dev/sda' (name the device itself: a devpath, /sys/…, /dev/… or subsystem:sysname)")]
    [InlineData("info -a -n sda", "unknown option '-n' (name the device itself: a devpath, /sys/…, /dev/… or subsystem:sysname)")]
    [InlineData("wait --removed /dev/sda", "unknown option '--removed' (--until removed)")]
    [InlineData("settle -E /dev/sda", "unknown option '-E' (ueventctl wait /dev/… waits for one device)")]
    [InlineData("trigger --attr-match=idVendor=1", "unknown option '--attr-match=idVendor=1' (--filter attribute:NAME=GLOB)")]
    [InlineData("monitor --udev", "unknown option '--udev' (--settled shows complete devices; udevadm shows udevd's own messages)")]
    [InlineData("test /sys/class/net/lo", "unknown command 'test' ('rules test DEVICE' shows which rule is in force)")]
    [InlineData("run --filter acton=add -- true", "--filter: 'acton' is not a filter key (did you mean 'action'?) (see ueventctl run --help)")]
    [InlineData("wait net:a --jsn", "unknown option '--jsn' (did you mean '--json'?)")]
    [InlineData("monitor --subsytem net", "unknown option '--subsytem' (did you mean '--subsystem'?)")]
    [InlineData("monitor -a ad", "--action: 'ad' is not an action (did you mean 'add'?) (see ueventctl monitor --help)")]
    [InlineData("monitor -a zzz*", "--action: 'zzz*' is not an action (write add, remove, change, move, online, offline, bind or unbind) (see ueventctl monitor --help)")]
    [InlineData("list -s [", "'[' is not a pattern: '[' has no ']' (see ueventctl list --help)")]
    [InlineData("list --json=maybe", "--json takes no value (see ueventctl list --help)")]
    [InlineData("list --socket", "--socket needs a value: PATH (see ueventctl list --help)")]
    [InlineData("trigger net:a --uuid x", "--uuid: 'x' is not a UUID (uuidgen makes one: 8-4-4-4-12 hexadecimal digits) (see ueventctl trigger --help)")]
    [InlineData("trigger net:a --action chnge", "--action: 'chnge' is not known (did you mean 'change'?) (see ueventctl trigger --help)")]
    [InlineData("metrics --format xml", "--format: 'xml' is not known (write prometheus or openmetrics) (see ueventctl metrics --help)")]
    [InlineData("completion tcsh", "'tcsh' is not known (write bash, zsh or fish) (see ueventctl completion --help)")]
    [InlineData("rules", "'rules' needs a command: check, test, udev or schema (see ueventctl rules --help)")]
    [InlineData("rules chek", "unknown command 'chek' (did you mean 'check'?)")]
    [InlineData("rules test", "'rules test' needs DEVICE: a devpath, /sys/…, /dev/… or subsystem:sysname (see ueventctl rules test --help)")]
    [InlineData("rules check -x", "unknown option '-x' (see ueventctl rules check --help)")]
    [InlineData("help moniter", "unknown command 'moniter' (did you mean 'monitor'?)")]
    [InlineData("control -R", "unknown command 'control' ('reload' reads the rules again; udevadm controls udevd)")]
    [InlineData("hwdb --update", "unknown command 'hwdb' (it is udev's: udevadm hwdb)")]
    [InlineData("moniter --help", "unknown command 'moniter' (did you mean 'monitor'?)")]
    [InlineData("/?", "unknown command '/?' (see ueventctl --help)")]
    [InlineData("wait net:lo --attribute operstate", "--attribute: 'operstate' is not NAME=VALUE (for any other test: --for '{attribute: NAME, matches: GLOB}' or --for 'not: …') (see ueventctl wait --help)")]
    [InlineData("wait net:lo --attribute operstate!=up", "--attribute: 'operstate!=up' is not NAME=VALUE (for any other test: --for '{attribute: NAME, matches: GLOB}' or --for 'not: …') (see ueventctl wait --help)")]
    [InlineData("wait net:lo --attribute =x", "--attribute: '=x' is not NAME=VALUE (for any other test: --for '{attribute: NAME, matches: GLOB}' or --for 'not: …') (see ueventctl wait --help)")]
    [InlineData("monitor -s [", "'[' is not a pattern: '[' has no ']' (see ueventctl monitor --help)")]
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
        Assert.StartsWith("ueventctl: an empty device name ", error, StringComparison.Ordinal);
    }

    // The same of paths and patterns: it is neither "the usual one" nor "all".
    [Theory]
    [InlineData("daemon --check --socket ", "--socket: an empty path (leave the option out for the default)")]
    [InlineData("daemon --check --sysfs ", "--sysfs: an empty path (leave the option out for the default)")]
    [InlineData("daemon --check --dev ", "--dev: an empty path (leave the option out for the default)")]
    [InlineData("daemon --check --udev-db ", "--udev-db: an empty path (leave the option out for the default)")]
    [InlineData("rules check --rules ", "--rules: an empty path (leave the option out for the default)")]
    [InlineData("rules check ", "an empty path (name a file or a directory)")]
    [InlineData("list -s ", "--subsystem: an empty pattern (leave the option out for all)")]
    [InlineData("monitor --devpath ", "--devpath: an empty pattern (leave the option out for all)")]
    public async Task AnEmptyPathOrPatternIsWrongUsage(string args, string message)
    {
        (int status, string output, string error) = await CommandRun.Async(args.Split(' '));
        Assert.Equal((ExitStatus.Usage, ""), (status, output));
        Assert.StartsWith($"ueventctl: {message} (see ", error, StringComparison.Ordinal);
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

    // The parser's own conversions fail with the names of types, or not at all until the value is asked for.
    [Fact]
    public void EveryOptionIsATextOrASwitch()
    {
        foreach (Command command in All(CommandLine.Build()))
        {
            Assert.All(command.Options.Where(one => one is not (HelpOption or VersionOption)), one => Assert.Contains(one.ValueType, new[] { typeof(string), typeof(string[]), typeof(bool) }));
            Assert.All(command.Arguments, one => Assert.Contains(one.ValueType, new[] { typeof(string), typeof(string[]) }));
        }
    }

    [Fact]
    public async Task HelpNamesADefaultOnceAndIsTheSameForTheWord()
    {
        foreach (Command command in All(CommandLine.Build()).Skip(1))
        {
            string[] words = OptionUse.NameOf(command).Split(' ');
            string help = (await CommandRun.Async([.. words, "--help"])).Output;
            Assert.All(help.Split('\n'), line => Assert.True(line.Split("default").Length <= 2 && !line.Contains("(default", StringComparison.Ordinal), line));
            Assert.Equal((ExitStatus.Done, help, ""), await CommandRun.Async(["help", .. words]));
        }
        Assert.Equal(await CommandRun.Async("--version"), await CommandRun.Async("version"));
        Assert.Equal(await CommandRun.Async("--help"), await CommandRun.Async("help"));
    }

    [Fact]
    public async Task AfterTwoDashesAWordIsNoOption()
    {
        (int status, _, string error) = await CommandRun.Async("wait", "--socket", "/nowhere/socket", "--", "--json");
        Assert.Equal(ExitStatus.Usage, status);
        Assert.StartsWith("ueventctl: '--json' is not the name of a device", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASubsystemThatNoDeviceIsOfIsNamedWithTheNearest()
    {
        using var daemon = new FakeDaemon(("List", call => call.Reply("""{"devices":[]}"""u8)), ("Settle", call => call.Reply("{}"u8)));
        foreach (string line in (string[])["list -s nett", "settle --filter subsystem=nett"])
        {
            (int status, string output, string error) = await CommandRun.Async([.. line.Split(' '), "--socket", daemon.Path]);
            Assert.Equal((ExitStatus.Done, "", "ueventctl: no device in /sys has the subsystem 'nett' (did you mean 'net'?)\n"), (status, output, error));
        }
        Assert.Equal((ExitStatus.Done, "", "ueventctl: no device matches (--unsettled also lists waiting devices)\n"), await CommandRun.Async("list", "-s", "net", "--socket", daemon.Path));
    }

    [Theory]
    [InlineData("""{"released":false}""", "ueventctl: net:a is announced already; nothing was released\n")]
    [InlineData("""{"released":true}""", "")]
    public async Task ReleasingAnAnnouncedDeviceReportsThat(string reply, string expected)
    {
        using var daemon = new FakeDaemon(dispatcher =>
        {
            dispatcher.Add(UeventManager.Varlink.EmbeddedInterfaces.Read("org.ueventmanager.Control"));
            dispatcher.Handle("org.ueventmanager.Control.Release", call => call.Reply(Encoding.UTF8.GetBytes(reply)));
        });
        Assert.Equal((ExitStatus.Done, "", expected), await CommandRun.Async("release", "net:a", "--socket", daemon.Path));
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    [Fact]
    public async Task WithoutArgumentsTheCommandsAreListed()
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
    [InlineData("wait net:lo --timeout 0")]
    [InlineData("settle --timeout 0s")]
    [InlineData("explain net:lo")]
    [InlineData("release net:lo")]
    [InlineData("reload")]
    [InlineData("metrics")]
    public async Task WithoutADaemonTheErrorTellsHowToStartOne(string args)
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
    [InlineData("NoSuchDevice", """{"device":"net:x"}""", "net:x: no such device (ueventctl list --unsettled shows all devices)")]
    [InlineData("NoSuchDevice", """{"device":"net:x","reason":"sysfs has it"}""", "net:x: no such device; sysfs has it (ueventctl list --unsettled shows all devices)")]
    [InlineData("NoSuchDevice", """{"device":"no-name","reason":"neither has it"}""", "'no-name' is not the name of a device (write a devpath, /sys/…, /dev/… or subsystem:sysname; for a disk /dev/no-name or block:no-name, for an interface net:no-name)")]
    [InlineData("NotSettled", """{"devpath":"/d","missing":[]}""", "/d: it is complete, and waits for another device or event (ueventctl explain names it)")]
    [InlineData("NotSettled", """{"devpath":"/d","missing":["a","b"]}""", "/d: still waits for: a, b (ueventctl wait waits for it, ueventctl explain says since when)")]
    public async Task AnErrorOfTheDaemonNamesTheFix(string name, string parameters, string message)
    {
        using var daemon = new FakeDaemon(("Get", call => call.Error(Errors + name, Encoding.UTF8.GetBytes(parameters))));
        (int status, _, string error) = await CommandRun.Async("info", "x", "--socket", daemon.Path);
        Assert.Equal((ExitStatus.Failed, $"ueventctl: {message}\n"), (status, error));
    }
}
