using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>What cannot work is refused in one line that names what to do.</summary>
public sealed class FleetRefusalTests
{
    public static TheoryData<string> Suites => NatsServer.Suites;

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_server_without_JetStream_is_named(string suite)
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, suite, new NatsServerOptions { JetStream = false, Setup = null });
        var result = FleetCommand.Run(sandbox, ["setup"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("start nats-server with -js", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreachable_server_is_named()
    {
        using var sandbox = Sandbox.Create();
        var result = FleetCommand.Run(sandbox, ["list", "--timeout", "2s"]);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains(NatsServer.Url, result.Error, StringComparison.Ordinal);
        Assert.Equal(1, result.Error.Count(c => c == '\n'));
    }

    [Fact]
    public void A_server_that_is_too_old_is_refused_by_name()
    {
        using var sandbox = Sandbox.Create();
        // Nothing but what a server says first.
        using var old = sandbox.Start(["python3", "-c", """
            import socket
            server = socket.create_server(("127.0.0.1", 4222))
            print("listens", flush=True)
            while True:
                client, _ = server.accept()
                client.sendall(b'INFO {"server_id":"X","version":"2.8.4","proto":1,"headers":true,"max_payload":1048576,"jetstream":true}\r\n')
                while data := client.recv(4096):
                    if b"PING" in data: client.sendall(b"PONG\r\n")
            """]);
        old.WaitForLine(line => line == "listens", Deadline.Default, "it listens");
        var result = FleetCommand.Run(sandbox, ["setup"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("nats-server 2.8.4, older than 2.9, the oldest that works", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"max_age\":60000000000", "max_age must be 0")]
    [InlineData("\"max_bytes\":1000000,\"discard\":\"old\"", "discard must be new")]
    [InlineData("\"max_msgs\":1000,\"discard\":\"new\"", "max_msgs must be -1")]
    [InlineData("\"max_msg_size\":1000", "max_msg_size must be")]
    public void A_stream_whose_settings_would_lose_something_is_refused(string limits, string fault)
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, "bookworm", new NatsServerOptions { Setup = null });
        using var raw = new RawNats(sandbox);
        Assert.DoesNotContain("\"error\"", raw.Ask("$JS.API.STREAM.CREATE.UEVENTS", $"{{\"name\":\"UEVENTS\",\"subjects\":[\"uevent.>\"],\"retention\":\"limits\",\"storage\":\"file\",\"num_replicas\":1,{limits}}}"), StringComparison.Ordinal);
        var result = FleetCommand.Run(sandbox, ["setup"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(fault, result.Error, StringComparison.Ordinal);
        using var daemon = DaemonProcess.Start(sandbox);
        var publish = FleetCommand.Run(sandbox, ["publish", "--host", "h", "--socket", daemon.SocketPath]);
        Assert.Equal(1, publish.ExitCode);
        Assert.Contains(fault, publish.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_with_a_smaller_message_limit_gets_smaller_messages_or_is_refused()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        var device = sysfs.AddDevice("/devices/virtual/large/d0", "large");
        using var server = NatsServer.Start(sandbox, "trixie", new NatsServerOptions { Configuration = "max_payload: 5800" });
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var bridge = FleetCommand.Publish(sandbox, daemon, "h");
        using var injector = new UeventInjector(sandbox);
        // Many events of one device, which are one message where there is room.
        for (var i = 0; i < 300; i++)
            injector.Send("change", device, $"NUMBER={i}");
        FleetCommand.Agree(sandbox, daemon, "h", "what is small enough comes");
        Assert.False(bridge.HasExited, bridge.Error);
        injector.Send("change", device, $"LARGE={new string('x', 1600)}");
        Assert.Equal(1, bridge.WaitForExit(Deadline.Seconds(30)));
        Assert.Contains("raise max_payload", bridge.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://broker", "nats://HOST:PORT")]
    [InlineData("nats://broker:99999", "write for example nats://broker:4222")]
    [InlineData("nats://a,,nats://b", "empty part")]
    [InlineData(":::", "write for example nats://broker:4222")]
    [InlineData("nats://broker:4222/path", "nothing may follow the port")]
    public void A_malformed_server_address_is_named(string server, string fix)
    {
        using var sandbox = Sandbox.Create();
        foreach (var arguments in (string[][])[["list"], ["setup"], ["publish", "--host", "h"], ["prune"]])
        {
            var result = FleetCommand.Run(sandbox, [.. arguments, "--server", server]);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains(fix, result.Error, StringComparison.Ordinal);
            Assert.Equal(1, result.Error.Count(c => c == '\n'));
        }
    }

    [Fact]
    public void A_password_in_the_address_is_in_no_message()
    {
        using var sandbox = Sandbox.Create();
        var result = FleetCommand.Run(sandbox, ["list", "--server", "nats://me:secret@127.0.0.1:4222", "--timeout", "2s"]);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("nats://127.0.0.1:4222", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Completion_knows_commands_options_and_values()
    {
        using var sandbox = Sandbox.Create();
        Requires.Tools("bash");
        string[] Complete(string line) => [.. sandbox.Run($"{Repository.UeventNats} '[suggest:{line.Length}]' '{line}'").Ok().Lines];
        Assert.Contains("publish", Complete("uevent-nats pu"));
        Assert.Contains("--heartbeat", Complete("uevent-nats publish --h"));
        Assert.Contains("settled", Complete("uevent-nats wait --until s"));
        Assert.Equal([":files"], Complete("uevent-nats list --creds "));
        const string Ask = "source <(uevent-nats completion bash); COMP_LINE='uevent-nats mon'; COMP_POINT=15; COMP_WORDS=(uevent-nats mon); COMP_CWORD=1; _uevent_nats; echo \"${COMPREPLY[*]}\"";
        Assert.Equal("monitor", sandbox.Run($"PATH={Path.GetDirectoryName(Repository.UeventNats)}:$PATH bash -c '{Ask.Replace("'", "'\\''", StringComparison.Ordinal)}'").Ok().Output.Trim());
        foreach (var shell in new[] { "zsh", "fish" })
            Assert.DoesNotContain("ueventctl", sandbox.Run($"{Repository.UeventNats} completion {shell}").Ok().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_that_is_missing_is_named_and_waited_for()
    {
        using var sandbox = Sandbox.Create();
        using var server = NatsServer.Start(sandbox, "trixie", new NatsServerOptions { Setup = null });
        using var daemon = DaemonProcess.Start(sandbox);
        Assert.Contains("`uevent-nats setup` creates it", FleetCommand.Run(sandbox, ["list"]).Error, StringComparison.Ordinal);
        using var bridge = FleetCommand.Start(sandbox, ["publish", "--host", "h", "--socket", daemon.SocketPath]);
        bridge.WaitForErrorLine(line => line.Contains("`uevent-nats setup` creates it", StringComparison.Ordinal), Deadline.Seconds(30), "it says so");
        FleetCommand.Run(sandbox, ["setup"]).Ok();
        FleetCommand.Agree(sandbox, daemon, "h", "it goes on once the stream is there", 60);
    }

    [Fact]
    public void A_full_stream_keeps_its_messages_and_is_reported()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        for (var i = 0; i < 1500; i++)
            sysfs.AddDevice($"/devices/virtual/full/d{i}", "full", $"PADDING={new string('x', 300)}");
        using var server = NatsServer.Start(sandbox, "trixie", new NatsServerOptions { Setup = ["--max-bytes", "1048576"] });
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var bridge = FleetCommand.Start(sandbox, ["publish", "--host", "h", "--socket", daemon.SocketPath, "--heartbeat", "500ms"]);
        bridge.WaitForErrorLine(line => line.Contains("the stream is full", StringComparison.Ordinal) && line.Contains("setup --max-bytes", StringComparison.Ordinal), Deadline.Seconds(60), "it says so");
        FleetCommand.Run(sandbox, ["setup", "--max-bytes", "100000000"]).Ok();
        FleetCommand.Agree(sandbox, daemon, "h", "once there is room everything comes", 120);
    }
}
