using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>The example of permissions in docs/: a host cannot publish or read for another, and a consumer cannot write.</summary>
public sealed class FleetPermissionTests
{
    private static readonly string s_example = File.ReadAllText(Path.Combine(Repository.Root, "docs/fleet-permissions.conf"));

    public static TheoryData<string> Suites => NatsServer.Suites;

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_host_can_publish_only_for_itself(string suite)
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, suite, new NatsServerOptions { Configuration = s_example, Setup = ["--user", "admin", "--password", "admin-secret"] });
        using var daemon = DaemonProcess.Start(sandbox);
        using var a = FleetCommand.Publish(sandbox, daemon, "host-a", "--user", "host-a", "--password", "a-secret", "--inbox-prefix", "_INBOX_host-a");
        string[] consumer = ["--user", "consumer", "--password", "c-secret", "--inbox-prefix", "_INBOX_consumer"];
        FleetCommand.Agree(sandbox, daemon, "host-a", "a consumer sees it", credentials: consumer);

        using (var raw = new RawNats(sandbox, "host-a", "a-secret", "_INBOX_host-a"))
        {
            Assert.Contains("\"seq\":", raw.Ask("uevent.host-a.test.x", "{}"), StringComparison.Ordinal);
            Refused(raw, "uevent.host-b.net.x", "{}");
            Refused(raw, "uevent.host-b.lease", "{}");
            Refused(raw, "uevent.host-a.pruned", "{}");
            var config = "{\"stream_name\":\"UEVENTS\",\"config\":{\"name\":\"c1\",\"ack_policy\":\"none\",\"deliver_policy\":\"last_per_subject\",\"filter_subject\":\"uevent.host-b.>\"}}";
            Refused(raw, "$JS.API.CONSUMER.CREATE.UEVENTS.c1.uevent.host-b.>", config);
            Refused(raw, "$JS.API.CONSUMER.CREATE.UEVENTS", config);
            // The filter in the subject and the one in the request must be the same.
            Assert.Contains("\"error\":", raw.Ask("$JS.API.CONSUMER.CREATE.UEVENTS.c1.uevent.host-a.>", config), StringComparison.Ordinal);
            Refused(raw, "$JS.API.STREAM.MSG.GET.UEVENTS", "{\"last_by_subj\":\"uevent.host-b.lease\"}");
            Refused(raw, "$JS.API.DIRECT.GET.UEVENTS.uevent.host-b.lease", "");
            Refused(raw, "$JS.API.STREAM.PURGE.UEVENTS", "{}");
            Refused(raw, "$JS.API.STREAM.DELETE.UEVENTS", "");
        }
        using (var raw = new RawNats(sandbox, "consumer", "c-secret", "_INBOX_consumer"))
        {
            Refused(raw, "uevent.host-a.net.x", "{}");
            Refused(raw, "$JS.API.STREAM.PURGE.UEVENTS", "{}");
        }
        // Who asks for what it may not have is told so at once, with what to do.
        var others = FleetCommand.Run(sandbox, ["list", "--host", "host-b", "--user", "host-a", "--password", "a-secret", "--inbox-prefix", "_INBOX_host-a"]);
        Assert.Equal(1, others.ExitCode);
        Assert.Contains("does not allow these credentials to read uevent.host-b.>", others.Error, StringComparison.Ordinal);
        var all = FleetCommand.Run(sandbox, ["monitor", "--user", "host-a", "--password", "a-secret", "--inbox-prefix", "_INBOX_host-a"]);
        Assert.Equal(1, all.ExitCode);
        Assert.Contains("--host NAME reads one host only", all.Error, StringComparison.Ordinal);
        var inbox = FleetCommand.Run(sandbox, ["wait", "--filter", "subsystem=net", "--user", "consumer", "--password", "c-secret"]);
        Assert.Equal(1, inbox.ExitCode);
        Assert.Contains("--inbox-prefix", inbox.Error, StringComparison.Ordinal);
        // Another host's bridge is refused, and says what to do.
        using var wrong = FleetCommand.Start(sandbox, ["publish", "--host", "host-b", "--socket", daemon.SocketPath, "--user", "host-a", "--password", "a-secret", "--inbox-prefix", "_INBOX_host-a", "--timeout", "1s"]);
        wrong.WaitForErrorLine(line => line.Contains("does not allow these credentials", StringComparison.Ordinal) && line.Contains("docs/fleet.md", StringComparison.Ordinal), Deadline.Seconds(30), "it says that it may not");
    }

    [Fact]
    public void Wrong_credentials_are_named()
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, "bookworm", new NatsServerOptions { Configuration = s_example, Setup = null });
        var result = FleetCommand.Run(sandbox, ["list", "--user", "admin", "--password", "wrong"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("does not accept these credentials", result.Error, StringComparison.Ordinal);
    }

    private static void Refused(RawNats raw, string subject, string payload) =>
        Assert.Contains("-ERR 'Permissions Violation for Publish", raw.Ask(subject, payload), StringComparison.Ordinal);
}
