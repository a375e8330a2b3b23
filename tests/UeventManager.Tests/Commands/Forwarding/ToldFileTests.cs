using UeventManager.Client;
using UeventManager.Commands.Forwarding;

namespace UeventManager.Tests.Commands.Forwarding;

/// <summary>What a killed forwarder had told must be known exactly: a device too few is told twice, one too many is never told.</summary>
public sealed class ToldFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("uem-told").FullName;

    private string Path => System.IO.Path.Combine(_directory, "told");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_was_appended_counts_up_to_the_last_whole_reply()
    {
        var table = new DeviceTable();
        table.Apply(new StateChange([Device("a"), Device("b")]));
        using (var file = ToldFile.Open(Path, "net"))
        {
            Assert.Null(file.Devices);
            file.Write("1:1", 7, table.Devices);
            file.Append([Event("remove", "a"), Event("add", "c")], "1:2", 9, table.Devices);
        }
        File.AppendAllText(Path, "E{\"cursor\":\"1:3\",\"act");
        using (var file = ToldFile.Open(Path, "net"))
        {
            Assert.Equal(("1:2", 9), (file.Cursor, file.Seqnum));
            Assert.Equal(["/devices/b", "/devices/c"], file.Devices!.Devices.Keys.Order(StringComparer.Ordinal));
        }
        // Of another filter the devices count, and the state tells the difference.
        using (var other = ToldFile.Open(Path, "block"))
            Assert.Equal((null, 2), (other.Cursor, other.Devices!.Devices.Count));
    }

    private static UeventDevice Device(string name) => new()
    {
        Devpath = "/devices/" + name,
        Subsystem = "net",
        Sysname = name,
        Settled = true,
        Properties = new Dictionary<string, string> { ["IFINDEX"] = "1" },
    };

    private static UeventEvent Event(string action, string name) => new()
    {
        Cursor = "1:2",
        Action = action,
        Device = Device(name),
        Synthetic = false,
        ArrivedUsec = 1,
        SettledUsec = 2,
    };
}
