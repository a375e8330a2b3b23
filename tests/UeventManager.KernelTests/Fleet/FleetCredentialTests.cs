using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>All credentials by options, by variables and by systemd's files, at a real server, and the errors for wrong ones.</summary>
public sealed class FleetCredentialTests
{
    public static TheoryData<string, string> Ways
    {
        get
        {
            var ways = new TheoryData<string, string>();
            foreach (var suite in NatsServer.Suites)
            {
                foreach (var kind in NatsIdentities.Kinds)
                    ways.Add(suite.Data, kind);
            }
            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Credentials_come_by_option_by_variable_and_by_file(string suite, string kind)
    {
        using var sandbox = Sandbox.Create();
        using var identities = NatsIdentities.Of(kind);
        using var server = NatsServer.Start(sandbox, suite, new NatsServerOptions { Configuration = identities.Configuration, Setup = null });
        var environment = new Dictionary<string, string> { ["NATS_URL"] = identities.Url };
        Run(sandbox, environment, ["setup", .. NatsIdentities.Options(identities.Own)]).Ok();
        Run(sandbox, [.. environment, .. NatsIdentities.Variables(identities.Own)], ["setup", "--check"]).Ok();
        Run(sandbox, [.. environment, new("CREDENTIALS_DIRECTORY", identities.Own)], ["setup", "--check"]).Ok();
        // What is on the command line wins over the variables, and they over the files.
        Run(sandbox, [.. environment, .. NatsIdentities.Variables(identities.Stranger)], ["setup", "--check", .. NatsIdentities.Options(identities.Own)]).Ok();
        Run(sandbox, [.. environment, .. NatsIdentities.Variables(identities.Own), new("CREDENTIALS_DIRECTORY", identities.Stranger)], ["setup", "--check"]).Ok();
        Refused(Run(sandbox, environment, ["setup", .. NatsIdentities.Options(identities.Stranger)]));
        Refused(Run(sandbox, [.. environment, new("CREDENTIALS_DIRECTORY", identities.Stranger)], ["setup"]));
        var nobody = Run(sandbox, environment, ["setup"]);
        if (kind == "tls")
            Assert.Contains("--tlsca", nobody.Error, StringComparison.Ordinal);
        else
            Refused(nobody);
        // And the bridge, as its unit starts it.
        using var daemon = DaemonProcess.Start(sandbox);
        using var bridge = sandbox.Start(
            [Repository.UeventNats, "publish", "--host", "h", "--socket", daemon.SocketPath], new Dictionary<string, string>(environment) { ["CREDENTIALS_DIRECTORY"] = identities.Own });
        bridge.WaitForErrorLine(line => line.Contains("publishing for 'h'", StringComparison.Ordinal), Deadline.Seconds(60), "the bridge speaks");
        FleetCommand.Agree(sandbox, daemon, "h", "the state", credentials: ["--server", identities.Url, .. NatsIdentities.Options(identities.Own)]);
    }

    [Theory]
    [InlineData("nkey", "no such file")]
    [InlineData("nkey", "nonsense")]
    [InlineData("creds", "no such file")]
    [InlineData("creds", "nonsense")]
    [InlineData("tls", "no such file")]
    [InlineData("tls", "nonsense")]
    public void A_file_that_cannot_be_used_is_named_with_its_option(string kind, string what)
    {
        using var sandbox = Sandbox.Create();
        using var identities = NatsIdentities.Of(kind);
        using var server = NatsServer.Start(sandbox, "trixie", new NatsServerOptions { Configuration = identities.Configuration, Setup = null });
        foreach (var file in Directory.EnumerateFiles(identities.Own))
        {
            var kept = File.ReadAllBytes(file);
            var options = NatsIdentities.Options(identities.Own);
            if (what == "nonsense")
                File.WriteAllText(file, "nonsense\n");
            else
                File.Delete(file);
            var result = Run(sandbox, new Dictionary<string, string> { ["NATS_URL"] = identities.Url }, ["setup", .. options]);
            Assert.True(result.ExitCode == 1, $"{Path.GetFileName(file)}: {result.ExitCode} {result.Error}");
            Assert.True(result.Error.Contains(file, StringComparison.Ordinal) && result.Error.Contains("--" + Path.GetFileName(file), StringComparison.Ordinal), result.Error);
            Assert.Equal(1, result.Error.Count(c => c == '\n'));
            File.WriteAllBytes(file, kept);
        }
    }

    [Fact]
    public void A_server_whose_certificate_is_not_trusted_is_named()
    {
        using var sandbox = Sandbox.Create();
        using var identities = NatsIdentities.Of("tls");
        using var server = NatsServer.Start(sandbox, "trixie", new NatsServerOptions { Configuration = identities.Configuration, Setup = null });
        var result = Run(sandbox, new Dictionary<string, string> { ["NATS_URL"] = identities.Url }, ["setup", "--tlscert", Path.Combine(identities.Own, "tlscert"), "--tlskey", Path.Combine(identities.Own, "tlskey")]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--tlsca", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.Count(c => c == '\n'));
    }

    private static void Refused(CommandResult result)
    {
        Assert.True(result.ExitCode == 1, $"{result.ExitCode} {result.Error}");
        Assert.Contains("--creds, --nkey, --user with --password, or --tlscert with --tlskey", result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.Count(c => c == '\n'));
    }

    private static CommandResult Run(Sandbox sandbox, IEnumerable<KeyValuePair<string, string>> environment, IReadOnlyList<string> arguments)
    {
        using var process = sandbox.Start([Repository.UeventNats, .. arguments], new Dictionary<string, string>(environment));
        process.CloseInput();
        return new CommandResult(string.Join(' ', arguments), process.WaitForExit(Deadline.Seconds(30)), process.Output, process.Error);
    }
}
