using System.Text;
using UeventManager.Commands.Forwarding;
using UeventManager.Core.Forwarding;
using UeventManager.Tests.Forwarding;

namespace UeventManager.Tests.Commands.Forwarding;

/// <summary>After a kill the record of sent devices is exact: a missing one is sent twice, and a surplus one is never sent.</summary>
public sealed class ToldFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("uem-told").FullName;

    private string Path => System.IO.Path.Combine(_directory, "told");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Records_count_up_to_the_last_mark()
    {
        var devices = new ForwardedDevices();
        devices.Put(Device(devices, "a"));
        devices.Put(Device(devices, "b"));
        using (var file = ToldFile.Open(Path, "net"))
        {
            Assert.Null(file.Devices);
            file.Write("1:1"u8, 7, devices);
            file.NoteRemoved("/devices/a"u8);
            file.Note(Device(devices, "c"));
            file.NoteMoved("/devices/c"u8, "/devices/d"u8);
            file.Mark("1:2"u8, 9, devices);
            file.Note(Device(devices, "never"));
        }
        foreach (var cut in new[] { "D\x05\0", "D\0\0\0\x7f", "D\x03\0\0\0ab" })
        {
            File.AppendAllText(Path, cut);
            using var read = ToldFile.Open(Path, "net");
            Assert.Equal(("1:2", 9), (Encoding.UTF8.GetString(read.Cursor), read.Seqnum));
            Assert.Equal(["/devices/b", "/devices/d"], read.Devices!.All.Select(device => Encoding.UTF8.GetString(device.Path)).Order(StringComparer.Ordinal));
            Assert.True(read.Devices.TryGet("/devices/d"u8, out var moved));
            Assert.Equal(("n1", "/devices/d", 42L, true, true, "ID_X=1\0"), (Encoding.UTF8.GetString(moved.Id.Written), Encoding.UTF8.GetString(moved.Property("DEVPATH"u8)), moved.InitializedUsec, moved.IsSettled, moved.IsTold, Encoding.UTF8.GetString(moved.Derived.Written)));
        }
        // Of another filter the devices count, and the state tells the difference.
        using (var other = ToldFile.Open(Path, "block"))
            Assert.Equal((0, 2), (other.Cursor.Length, other.Devices!.All.Count));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("F\x03\0\0\0net")]
    public void Without_a_mark_nothing_counts_as_forwarded(string text)
    {
        File.WriteAllText(Path, text);
        using var file = ToldFile.Open(Path, "net");
        Assert.Null(file.Devices);
        Assert.Empty(file.Cursor);
    }

    // A power failure may leave a file of any content: never one that ends every later start.
    [Fact]
    public void Any_content_of_the_file_can_be_read()
    {
        foreach (var record in new[] { "", "s", "s1", "s1\0", "s1\0-3\0", "s1\09\0x", "s99999999999999999999\0", "s1\00\0DEVPATH=/x\0", "s1\0" + "2\0ab" })
            Read([.. Record('D', Encoding.UTF8.GetBytes(record)), .. Record('R', []), .. Record('M', "a"u8), .. Record('C', "1 c"u8)]);
        var devices = new ForwardedDevices();
        devices.Put(Device(devices, "a"));
        byte[] whole;
        using (var file = ToldFile.Open(Path, "net"))
        {
            file.Write("1:1"u8, 7, devices);
            file.NoteMoved("/devices/a"u8, "/devices/b"u8);
            file.Mark("1:2"u8, 9, devices);
            whole = File.ReadAllBytes(Path);
        }
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var damaged = whole.ToArray();
            for (var i = random.Next(1, 4); i > 0; i--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Read(damaged);
        }
    }

    private void Read(byte[] text)
    {
        File.WriteAllBytes(Path, text);
        using var read = ToldFile.Open(Path, "net");
        foreach (var device in read.Devices?.All ?? [])
            Assert.True(device.SaysTheSame(device));
    }

    private static byte[] Record(char kind, ReadOnlySpan<byte> text) => [(byte)kind, .. BitConverter.GetBytes(text.Length), .. text];

    private static ForwardedDevice Device(ForwardedDevices devices, string name)
    {
        var device = devices.Make(Encoding.UTF8.GetBytes("/devices/" + name));
        device.Derived.Append("ID_X=1\0"u8);
        device.Take(Replies.Of("add", "/devices/" + name, "net", ",\"IFINDEX\":\"1\""));
        DeviceText.Id(device.Id, device.Block);
        (device.InitializedUsec, device.IsTold) = (42, true);
        return device;
    }
}
