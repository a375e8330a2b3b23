using System.Buffers;
using System.Text;
using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;
using UeventManager.Recorder;

namespace UeventManager.Tests.Recording;

/// <summary>A daemon's recording that was changed is recognised.</summary>
public sealed class DamagedTapeTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"tape-{Guid.NewGuid():N}");
    private readonly byte[] _whole = Whole();

    [Fact]
    public void Complete_and_cut_recordings_are_read()
    {
        Assert.Null(Wrong(_whole, out var all));
        for (var end = Lines(_whole)[0].Length; end < _whole.Length; end++)
        {
            Assert.Null(Wrong(_whole[..end], out var lines));
            Assert.True(lines == _whole.AsSpan(0, end).Count((byte)'\n') - 1 && lines < all, $"cut after byte {end}");
        }
    }

    [Fact]
    public void A_line_that_is_missing_or_elsewhere_or_twice_is_found()
    {
        var lines = Lines(_whole);
        for (var at = 1; at < lines.Count; at++)
        {
            if (at < lines.Count - 1)
                Assert.NotNull(Wrong([.. lines.Where((_, other) => other != at).SelectMany(line => line)], out _));
            Assert.NotNull(Wrong([.. lines.Take(at + 1).Append(lines[at]).Concat(lines.Skip(at + 1)).SelectMany(line => line)], out _));
            Assert.NotNull(Wrong([.. lines.Take(at - 1).Append(lines[at]).Append(lines[at - 1]).Concat(lines.Skip(at + 1)).SelectMany(line => line)], out _));
        }
    }

    [Fact]
    public void A_changed_byte_is_found()
    {
        // But for the last line's end, without which it was cut off.
        for (var at = 0; at < _whole.Length - 1; at++)
        {
            var changed = _whole.ToArray();
            changed[at] ^= (byte)(1 << (at % 8));
            Assert.True(Wrong(changed, out _) is not null, $"byte {at}");
        }
    }

    public void Dispose() => File.Delete(_path);

    private static List<byte[]> Lines(byte[] text) => [.. Encoding.Latin1.GetString(text).Split('\n')[..^1].Select(line => Encoding.Latin1.GetBytes(line + "\n"))];

    private string? Wrong(byte[] text, out int lines)
    {
        var count = 0;
        File.WriteAllBytes(_path, text);
        try
        {
            RecordingFile.Read(_path, _ => (_, _) => count++);
            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
        finally
        {
            lines = count;
        }
    }

    private static byte[] Whole()
    {
        var header = new RecordingWriter(null).Header(new RecordingHeader { IsOfDaemon = true, HasValues = true, Depth = 1, AtUsec = 5, RealtimeUsec = 7 }).ToArray();
        var frames = new TapeWriter();
        var tape = new EngineTape(frames);
        tape.Start(new RuleSet([]), "state"u8, 5);
        tape.Told("{\"action\":\"add\"}"u8);
        for (var at = 0; at < 4; at++)
        {
            Assert.Equal(UeventRejection.None, UeventParser.TryParse(Encoding.UTF8.GetBytes($"add@/devices/a{at}\0ACTION=add\0DEVPATH=/devices/a{at}\0SUBSYSTEM=late\0SEQNUM={at}\0"), out var uevent));
            tape.Wakeup();
            tape.Stepped(uevent, isDevice: true, 10 + at, isBus: false, isContested: false);
            tape.Timer(11 + at);
        }
        tape.Finish(20, "it is full");
        var lines = new ArrayBufferWriter<byte>();
        new TapeLines(lines, header.AsSpan().TrimEnd((byte)'\n')).Write(frames.Written);
        return [.. header, .. lines.WrittenSpan];
    }
}
