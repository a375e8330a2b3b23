using System.Text;
using System.Text.Json;
using UeventManager.Commands;
using UeventManager.Tests.Client;
using UeventManager.Tests.RuleFiles;
using UeventManager.Varlink;

namespace UeventManager.Tests.Commands;

/// <summary>With --json no text for people is printed.</summary>
public sealed class JsonTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("uem-json-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("list", FakeDaemon.DeviceJson)]
    [InlineData("info net:veth0", FakeDaemon.DeviceJson)]
    [InlineData("wait net:veth0", FakeDaemon.DeviceJson)]
    [InlineData("wait net:veth0 --until removed", "")]
    [InlineData("settle", """{"missing":[]}""")]
    [InlineData("explain net:veth0", """{"state":"announced","conditions":[],"history":[]}""")]
    [InlineData("status", """{"version":"1","startedUsec":0,"devices":0,"waiting":0,"held":0,"rules":1,"counters":{},"subscribers":[]}""")]
    [InlineData("metrics", """{"text":"# EOF\n"}""")]
    [InlineData("reload", """{"rules":1}""")]
    [InlineData("release net:veth0", "")]
    public async Task ResultsAreWrittenAsJson(string args, string expected)
    {
        using FakeDaemon daemon = Daemon(dispatcher =>
        {
            Register(dispatcher, "Devices", "List", $$"""{"devices":[{{FakeDaemon.DeviceJson}}]}""");
            Register(dispatcher, "Devices", "Get", $$"""{"device":{{FakeDaemon.DeviceJson}}}""");
            Register(dispatcher, "Devices", "Wait", args.EndsWith("removed", StringComparison.Ordinal) ? """{"devices":[]}""" : $$"""{"devices":[{{FakeDaemon.DeviceJson}}]}""");
            Register(dispatcher, "Devices", "Settle", "{}");
            Register(dispatcher, "Devices", "Explain", """{"state":"announced","conditions":[],"history":[]}""");
            Register(dispatcher, "Devices", "Status", """{"version":"1","startedUsec":0,"devices":0,"waiting":0,"held":0,"rules":1,"counters":{},"subscribers":[]}""");
            Register(dispatcher, "Devices", "Metrics", """{"text":"# EOF\n"}""");
            Register(dispatcher, "Control", "Reload", """{"rules":1}""");
            Register(dispatcher, "Control", "Release", "{}");
        });
        (int status, string output, string error) = await CommandRun.Async([.. args.Split(' '), "--json", "--socket", daemon.Path]);
        Assert.Equal((ExitStatus.Done, expected.Length == 0 ? "" : expected + "\n", ""), (status, output, error));
    }

    [Theory]
    [InlineData("wait net:a", "Devices.Timeout", """{"missing":["a: x","b"]}""", ExitStatus.TimedOut, """{"missing":["a: x","b"]}""")]
    [InlineData("settle", "Devices.Timeout", """{"missing":["a"]}""", ExitStatus.TimedOut, """{"missing":["a"]}""")]
    [InlineData("reload", "Control.RulesInvalid", """{"errors":["f:1:2: 'x'"]}""", ExitStatus.Failed, """{"errors":["f:1:2: 'x'"]}""")]
    [InlineData("info net:a", "Devices.NoSuchDevice", """{"device":"net:a"}""", ExitStatus.Failed, "")]
    [InlineData("explain net:a", "Devices.NoSuchDevice", """{"device":"net:a"}""", ExitStatus.Failed, "")]
    [InlineData("release net:a", "Control.NoSuchDevice", """{"device":"net:a"}""", ExitStatus.Failed, "")]
    public async Task MissingConditionsAreJsonAndErrorsStayOnStandardError(string args, string name, string parameters, int expected, string json)
    {
        using FakeDaemon daemon = Daemon(dispatcher =>
        {
            foreach (string part in new[] { "Devices.Wait", "Devices.Settle", "Devices.Get", "Devices.Explain", "Control.Reload", "Control.Release" })
                Handle(dispatcher, part, call => call.Error("org.ueventmanager." + name, Encoding.UTF8.GetBytes(parameters)));
        });
        (int status, string output, string error) = await CommandRun.Async([.. args.Split(' '), "--json", "--socket", daemon.Path]);
        Assert.Equal((expected, json.Length == 0 ? "" : json + "\n"), (status, output));
        Assert.StartsWith("ueventctl: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheCheckOfAStartIsOneObject()
    {
        (int status, string output, string error) = await CommandRun.Async(
            "daemon", "--check", "--json", "--sysfs", _directory, "--socket", _directory + "/socket", "--rules", ShippedRules.Folder);
        JsonElement found = One(output);
        Assert.Equal((ExitStatus.Done, "", true), (status, error, found.GetProperty("good").GetBoolean()));
        Assert.Equal(["rules", "uevents", "sysfs", "socket", "limits"], found.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString()));
        Assert.All(found.GetProperty("checks").EnumerateArray(), check => Assert.NotEmpty(check.GetProperty("lines")[0].GetString()!));
        (status, output, _) = await CommandRun.Async("daemon", "--check", "--json", "--sysfs", "/nowhere", "--socket", _directory + "/socket", "--rules", _directory);
        found = One(output);
        Assert.Equal((ExitStatus.Failed, false), (status, found.GetProperty("good").GetBoolean()));
        Assert.Equal(["sysfs"], found.GetProperty("checks").EnumerateArray().Where(check => !check.GetProperty("good").GetBoolean()).Select(check => check.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task RulesAndTriggerWriteAnObjectEach()
    {
        File.WriteAllText(_directory + "/1.yaml", "version: 1\nsubsystem: net\nrules: 5\n");
        (int status, string output, _) = await CommandRun.Async("rules", "check", "--json", _directory);
        Assert.Equal((ExitStatus.Failed, 3), (status, One(output).GetProperty("line").GetInt32()));
        (status, output, _) = await CommandRun.Async("rules", "test", "--json", "net:lo", "--rules", ShippedRules.Folder);
        Assert.Equal((ExitStatus.Done, "/devices/virtual/net/lo"), (status, One(output).GetProperty("devpath").GetString()));
        (status, output, _) = await CommandRun.Async("trigger", "--json", "--dry-run", "net:lo");
        Assert.Equal((ExitStatus.Done, "{\"devpath\":\"/devices/virtual/net/lo\"}\n"), (status, output));
    }

    private static void Register(VarlinkDispatcher dispatcher, string part, string method, string reply) =>
        Handle(dispatcher, $"{part}.{method}", call => call.Reply(Encoding.UTF8.GetBytes(reply)));

    private static void Handle(VarlinkDispatcher dispatcher, string method, VarlinkHandler handler) =>
        dispatcher.Handle("org.ueventmanager." + method, handler);

    private static FakeDaemon Daemon(Action<VarlinkDispatcher> register) => new(dispatcher =>
    {
        dispatcher.Add(EmbeddedInterfaces.Read("org.ueventmanager.Devices"));
        dispatcher.Add(EmbeddedInterfaces.Read("org.ueventmanager.Control"));
        register(dispatcher);
    });

    private static JsonElement One(string output)
    {
        Assert.EndsWith("\n", output, StringComparison.Ordinal);
        return JsonDocument.Parse(Assert.Single(output.TrimEnd('\n').Split('\n'))).RootElement;
    }
}
