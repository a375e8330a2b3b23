using System.Text.Json;
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
            Assert.Contains("\"error\":", raw.Ask("$JS.API.CONSUMER.CREATE.UEVENTS.c1.uevent.host-a.>", config.Replace("\"filter_subject\":\"uevent.host-b.>\"", "\"filter_subjects\":[\"uevent.host-a.>\",\"uevent.host-b.>\"]", StringComparison.Ordinal)), StringComparison.Ordinal);
            Assert.Contains("\"error\":", raw.Ask("$JS.API.CONSUMER.CREATE.UEVENTS.c1.uevent.host-a.>", config.Replace(",\"filter_subject\":\"uevent.host-b.>\"", "", StringComparison.Ordinal)), StringComparison.Ordinal);
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
        // Each attempt is refused again, which is no news.
        Eventually.Holds(() => server.Log.Split("Violation - User \"host-a\", Subject \"fleet.CONSUMER.CREATE.UEVENTS.").Length > 5, Deadline.Seconds(60), "it has tried again");
        Assert.Single(wrong.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using var deaf = FleetCommand.Start(sandbox, ["publish", "--host", "host-a", "--socket", daemon.SocketPath, "--user", "consumer", "--password", "c-secret", "--timeout", "1s"]);
        Eventually.Holds(() => server.Log.Split("Subscription Violation - User \"consumer\"").Length > 5, Deadline.Seconds(60), "it has tried again");
        Assert.Single(deaf.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    // The server does not check the subject to which it answers.
    [Theory]
    [MemberData(nameof(Suites))]
    public void No_answer_to_a_host_or_consumer_reaches_another_host_or_purges(string suite)
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, suite, new NatsServerOptions { Configuration = s_example, Setup = ["--user", "admin", "--password", "admin-secret"] });
        using var daemon = DaemonProcess.Start(sandbox);
        using var b = FleetCommand.Publish(sandbox, daemon, "host-b", "--user", "host-b", "--password", "b-secret", "--inbox-prefix", "_INBOX_host-b");
        string[] consumer = ["--user", "consumer", "--password", "c-secret", "--inbox-prefix", "_INBOX_consumer"];
        FleetCommand.Agree(sandbox, daemon, "host-b", "the state", credentials: consumer);
        using var admin = new RawNats(sandbox, "admin", "admin-secret");
        const string Subjects = "{\"subjects_filter\":\"uevent.>\"}";
        var before = JsonDocument.Parse(Payload(admin.Ask("$JS.API.STREAM.INFO.UEVENTS", Subjects))).RootElement.GetProperty("state");

        string[] targets = ["uevent.host-b.net.x", "uevent.host-b.lease", "$JS.API.STREAM.PURGE.UEVENTS", "fleet.STREAM.PURGE.UEVENTS", "$JS.API.STREAM.MSG.DELETE.UEVENTS"];
        using (var raw = new RawNats(sandbox, "host-a", "a-secret", "_INBOX_host-a"))
        {
            foreach (var target in targets)
            {
                raw.Tell("uevent.host-a.test.x", "{}", target);
                raw.Tell("$JS.API.STREAM.INFO.UEVENTS", "", target);
            }
            // Neither what a push consumer delivers, nor what a pull consumer does.
            foreach (var (name, deliver) in (IEnumerable<(string, string)>)[("c1", "$JS.API.STREAM.PURGE.UEVENTS"), ("c2", "uevent.host-b.net.x"), ("c3", "")])
                raw.Ask($"$JS.API.CONSUMER.CREATE.UEVENTS.{name}.uevent.host-a.>", $"{{\"stream_name\":\"UEVENTS\",\"config\":{{\"name\":\"{name}\",\"ack_policy\":\"none\",\"deliver_policy\":\"last_per_subject\",\"filter_subject\":\"uevent.host-a.>\"{(deliver.Length > 0 ? $",\"deliver_subject\":\"{deliver}\"" : "")}}}}}");
            foreach (var target in targets)
                raw.Tell("$JS.API.CONSUMER.MSG.NEXT.UEVENTS.c3", "{\"batch\":1}", target);
            raw.Ask("uevent.host-a.test.x", "{}");
        }
        using (var raw = new RawNats(sandbox, "consumer", "c-secret", "_INBOX_consumer"))
        {
            foreach (var target in targets)
                raw.Tell("$JS.API.STREAM.INFO.UEVENTS", "", target);
            raw.Ask("$JS.API.STREAM.INFO.UEVENTS", "");
        }
        FleetCommand.Agree(sandbox, daemon, "host-b", "nothing changed", credentials: consumer);
        var after = JsonDocument.Parse(Payload(admin.Ask("$JS.API.STREAM.INFO.UEVENTS", Subjects))).RootElement.GetProperty("state");
        string[] OfB(JsonElement state) => [.. state.GetProperty("subjects").EnumerateObject().Where(one => one.Name.StartsWith("uevent.host-b.", StringComparison.Ordinal) && !one.Name.EndsWith(".lease", StringComparison.Ordinal)).Select(one => $"{one.Name} {one.Value}")];
        Assert.Equal(OfB(before), OfB(after));
        Assert.Equal(targets.Length + 1, after.GetProperty("subjects").GetProperty("uevent.host-a.test.x").GetInt32());
        Assert.DoesNotContain("changed by someone else", b.Error, StringComparison.Ordinal);
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

    private static string Payload(string answer) => answer[answer.IndexOf('{', StringComparison.Ordinal)..];

    private static void Refused(RawNats raw, string subject, string payload) =>
        Assert.Contains("-ERR 'Permissions Violation for Publish", raw.Ask(subject, payload), StringComparison.Ordinal);
}
