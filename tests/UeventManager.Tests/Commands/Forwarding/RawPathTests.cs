using System.Diagnostics;
using System.Text;
using UeventManager.Commands.Forwarding;
using UeventManager.Core.Dispatch;
using UeventManager.Udev;

namespace UeventManager.Tests.Commands.Forwarding;

/// <summary>A name that is not valid UTF-8 must not be decoded, because no file has the decoded name.</summary>
public sealed class RawPathTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("uem-raw").FullName;

    // The library cannot name these files.
    public void Dispose() => Shell("rm -rf \"$1\"");

    [Fact]
    public void Attributes_are_read_at_the_kernels_name()
    {
        Shell("""
            cd "$1" && mkdir -p devices/pci0000:00/0000:00:14.0/usb1/1-2 && cd devices/pci0000:00/0000:00:14.0/usb1 && mv 1-2 "$(printf '1-2\377')" && cd 1-2* &&
            echo 0951 > idVendor && echo 1666 > idProduct && printf 'Caf\303\251 \377x\n' > product
            """);
        var to = new ByteBuffer();
        new DerivedProperties(_root).Read([.. "/devices/pci0000:00/0000:00:14.0/usb1/1-2"u8, 0xff], "usb"u8, "usb_device"u8, to);
        var text = Encoding.Latin1.GetString(to.Written);
        Assert.Contains("ID_VENDOR_ID=0951\0ID_MODEL_ID=1666\0", text, StringComparison.Ordinal);
        // As it is, byte for byte.
        Assert.Contains("ID_MODEL=CafÃ©_ÿx\0", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_entries_with_such_names_the_old_ones_are_deleted()
    {
        byte[] kept = [.. "+leds:"u8, 0xff], gone = [.. "+leds:"u8, 0xfe];
        using (var directory = UdevDirectory.Open(_root))
        {
            foreach (var id in new[] { kept, gone })
            {
                directory.Write(id, "V:1\n"u8);
                directory.Tag(id, ["one", "two"]);
            }
            directory.DeleteAllBut(new HashSet<string>([Encoding.Latin1.GetString(kept)], StringComparer.Ordinal), ["one"]);
            Assert.False(directory.Read(kept, new byte[8]).IsEmpty);
            Assert.True(directory.Read(gone, new byte[8]).IsEmpty);
        }
        Assert.Single(Directory.GetFiles(Path.Combine(_root, "data")));
        Assert.Single(Directory.GetFiles(Path.Combine(_root, "tags/one")));
        Assert.Empty(Directory.GetFiles(Path.Combine(_root, "tags/two")));
    }

    private void Shell(string line)
    {
        using var shell = Process.Start("sh", ["-c", line, "sh", _root]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
