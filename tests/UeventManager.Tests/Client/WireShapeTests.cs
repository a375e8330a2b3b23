using System.Text;
using System.Text.Json;
using UeventManager.Client;
using UeventManager.Client.Testing;

namespace UeventManager.Tests.Client;

/// <summary>The types are convenient for programs, and the wire stays as the daemon wrote it.</summary>
public sealed class WireShapeTests
{
    private const string Bare =
        """{"devpath":"/devices/a","subsystem":"net","sysname":"a","settled":true,"properties":{"X":"1"}}""";

    private const string Full = """
        {"devpath":"/devices/a","subsystem":"net","devtype":"vlan","sysname":"a","devnode":"/dev/a","driver":"d","parent":"/devices","settled":false,
        "missing":["exists: b"],"rule":"r","kobject":true,"properties":{"X":"1"},"attributes":{"mtu":"1500"},"links":{"master":"/devices/m"}}
        """;

    private static readonly string[] s_lists = ["missing", "attributes", "links"];

    [Fact]
    public void OmittedMembersAreEmptyAndStayOmitted()
    {
        UeventDevice device = Read(Bare);
        Assert.Empty(device.Missing);
        Assert.Empty(device.Attributes);
        Assert.Empty(device.Links);
        Assert.False(device.IsKobject);
        Assert.Equal(Bare, Encoding.UTF8.GetString(UeventJson.Write(device)));
        Assert.Equal(Bare, Encoding.UTF8.GetString(UeventJson.Write(device with { Missing = [], IsKobject = false })));
    }

    [Fact]
    public void EachMemberIsReadAndWrittenInTheOrderOfTheInterface()
    {
        string text = Full.ReplaceLineEndings("");
        UeventDevice device = Read(text);
        Assert.Equal(["exists: b"], device.Missing);
        Assert.Equal("1500", device.Attributes["mtu"]);
        Assert.Equal("/devices/m", device.Links["master"]);
        Assert.True(device.IsKobject);
        Assert.Equal(text, Encoding.UTF8.GetString(UeventJson.Write(device)));
    }

    [Fact]
    public void AnEmptyListOfTheDaemonsStaysOne()
    {
        foreach (string name in s_lists)
        {
            string text = Bare[..^1] + (name == "missing" ? ",\"missing\":[]}" : $",\"{name}\":{{}}}}");
            Assert.Contains($"\"{name}\":", Encoding.UTF8.GetString(UeventJson.Write(Read(text))), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AnEmptyFilterSelectsEverythingAndWritesNothing()
    {
        var empty = new DeviceFilter { Subsystems = [], Actions = [], Properties = new Dictionary<string, string>(), Alternatives = [] };
        Assert.True(empty.IsEmpty);
        Assert.Equal(new DeviceFilter(), empty);
        Assert.Equal(new DeviceFilter(), DeviceFilter.AnyOf([]));
        Assert.Empty(empty.Subsystems);
        Assert.Empty(empty.Attributes);
        Assert.Equal("""{"filter":{}}""", Write(empty));
    }

    [Fact]
    public void AFilterWritesItsMembersInTheOrderOfTheInterface()
    {
        var pairs = new Dictionary<string, string> { ["K"] = "v" };
        var filter = new DeviceFilter
        {
            Subsystems = ["s"],
            DevTypes = ["t"],
            DevPaths = ["p"],
            SysNames = ["n"],
            Actions = ["add"],
            Properties = pairs,
            Variables = pairs,
            Attributes = pairs,
            Parents = ["pci"],
            Tags = ["g"],
            Alternatives = [new DeviceFilter { Subsystems = ["x"] }],
        };
        Assert.False(filter.IsEmpty);
        Assert.Equal(
            """{"filter":{"subsystems":["s"],"devtypes":["t"],"devpaths":["p"],"sysnames":["n"],"actions":["add"],"properties":{"K":"v"},"variables":{"K":"v"},"""
            + """ "attributes":{"K":"v"},"parents":["pci"],"tags":["g"],"alternatives":[{"subsystems":["x"]}]}}""".TrimStart(),
            Write(filter));
    }

    [Fact]
    public void TimesOfDayAreThoseOfTheEvent()
    {
        var one = new UeventEvent { Action = KnownActions.Add, Device = InMemoryDaemon.Device("/devices/a", "net"), Cursor = "1", Synthetic = false, ArrivedUsec = 1, SettledUsec = 2 };
        Assert.Null(one.DeliveredAt);
        Assert.Equal(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero).AddTicks(10), (one with { RealtimeUsec = 1_796_040_000_000_001 }).DeliveredAt);
    }

    [Fact]
    public async Task ADeviceThatIsNotThereIsSaidByType()
    {
        CancellationToken deadline = TestDeadline.Start();
        var daemon = new InMemoryDaemon();
        daemon.Add(InMemoryDaemon.Device("/devices/late", "net") with { Settled = false, Missing = ["exists: b"] }, InMemoryDaemon.Device("/devices/a", "net"));
        await using UeventClient client = daemon.CreateClient();
        DeviceNotFoundException error = await Assert.ThrowsAsync<DeviceNotFoundException>(() => client.GetAsync("net:b", deadline));
        Assert.Equal("net:b", error.Device);
        await Assert.ThrowsAsync<DeviceNotFoundException>(() => client.ExplainAsync("net:b", deadline));
        Assert.Null(await client.TryGetAsync("net:b", deadline));
        Assert.Null(await client.TryGetAsync("net:late", deadline));
        Assert.Equal("a", (await client.TryGetAsync("net:a", deadline))!.SysName);
        daemon.Stop();
        await Assert.ThrowsAsync<DaemonUnreachableException>(() => client.TryGetAsync("net:a", deadline));
    }

    private static string Write(DeviceFilter filter) => JsonSerializer.Serialize(new ListParameters(filter, null), WireJson.Default.ListParameters);

    private static UeventDevice Read(string text) => JsonSerializer.Deserialize(text, WireJson.Default.UeventDevice)!;
}
