using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>Writes the lines of a recording: one JSON object each, readable for programs such as jq and for people.</summary>
/// <param name="pseudonyms">Replaces identifiers; null to replace nothing.</param>
public sealed class RecordingWriter(Pseudonyms? pseudonyms)
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private Utf8JsonWriter? _writer;

    /// <summary>CLOCK_REALTIME minus CLOCK_MONOTONIC, in microseconds, for the lines written from now on.</summary>
    public long RealtimeAheadUsec { get; set; }

    /// <summary>Writes the header.</summary>
    /// <returns>The line with its line feed; valid until the next call.</returns>
    public ReadOnlySpan<byte> Header(RecordingHeader header)
    {
        var json = Begin("header", header.AtUsec, header.RealtimeUsec);
        json.WriteNumber("version"u8, header.Version);
        json.WriteString("kernel"u8, header.Kernel);
        json.WriteString("machine"u8, header.Machine);
        json.WriteString("program"u8, header.Program);
        json.WriteBoolean("pseudonyms"u8, header.IsPseudonymous);
        if (header.IsOfDaemon)
            json.WriteBoolean("daemon"u8, true);
        json.WriteBoolean("values"u8, header.HasValues);
        json.WriteNumber("depth"u8, header.Depth);
        if (header.Filter is { } filter)
            json.WriteString("filter"u8, Text(filter));
        return End(json);
    }

    /// <summary>Writes a line after the header.</summary>
    /// <returns>The line with its line feed; valid until the next call.</returns>
    public ReadOnlySpan<byte> Line(RecordedLine line)
    {
        var json = Begin(NameOf(line), line.AtUsec, line.AtUsec + RealtimeAheadUsec);
        switch (line)
        {
            case UeventLine uevent:
                WriteUevent(json, uevent);
                break;
            case DeviceLine device:
                WriteDevice(json, device);
                break;
            case NameLine name:
                WritePlace(json, name.AfterUsec, name.DevPath, name.Name.Path);
                json.WriteString("type"u8, TypeOf(name.Name.Kind));
                if (name.Name.Target is { } target)
                    json.WriteString("target"u8, Text(target));
                break;
            case ValueLine value:
                WritePlace(json, value.AfterUsec, value.DevPath, value.Name);
                WriteValue(json, value);
                break;
            case BlockedLine blocked:
                json.WriteNumber("sinceUsec"u8, blocked.SinceUsec);
                json.WriteString("devpath"u8, Text(blocked.DevPath));
                json.WriteString("name"u8, Text(blocked.Name));
                break;
            case GoneLine gone:
                json.WriteNumber("afterUsec"u8, gone.AfterUsec);
                json.WriteString("devpath"u8, Text(gone.DevPath));
                break;
            case LostLine lost:
                json.WriteString("what"u8, lost.What);
                json.WriteNumber("count"u8, lost.Count);
                if (lost.DevPath is { } devPath)
                    json.WriteString("devpath"u8, Text(devPath));
                break;
        }
        return End(json);
    }

    internal static string NameOf(RecordedLine line) => line switch
    {
        UeventLine => "uevent",
        DeviceLine => "device",
        NameLine { Appeared: true } => "appeared",
        NameLine => "disappeared",
        ValueLine => "value",
        BlockedLine => "blocked",
        GoneLine => "gone",
        LostLine => "lost",
        _ => "end",
    };

    internal static string TypeOf(RecordedKind kind) => kind switch
    {
        RecordedKind.Folder => "directory",
        RecordedKind.Link => "link",
        _ => "file",
    };

    // Split at the NUL bytes. A datagram that is not valid UTF-8 is written in base64; identifiers are ASCII, so all other bytes stay as they are.
    private void WriteUevent(Utf8JsonWriter json, UeventLine line)
    {
        json.WriteBoolean("isDevice"u8, line.IsDevice);
        if (line.IsBus)
            json.WriteBoolean("isBus"u8, true);
        var bytes = line.Datagram.AsSpan();
        if (bytes.IsEmpty || bytes[^1] != 0 || !Utf8.IsValid(bytes))
        {
            json.WriteBase64String("bytes"u8, pseudonyms is null ? bytes : Encoding.Latin1.GetBytes(string.Join('\0', Encoding.Latin1.GetString(bytes).Split('\0').Select(pseudonyms.Property))));
            return;
        }
        json.WriteStartArray("text"u8);
        foreach (var part in Encoding.UTF8.GetString(bytes[..^1]).Split('\0'))
            json.WriteStringValue(pseudonyms is null ? part : pseudonyms.Property(part));
        json.WriteEndArray();
    }

    private void WriteDevice(Utf8JsonWriter json, DeviceLine line)
    {
        json.WriteNumber("sinceUsec"u8, line.SinceUsec);
        json.WriteString("devpath"u8, Text(line.DevPath));
        json.WriteString("subsystem"u8, line.Subsystem);
        if (line.IsBus)
            json.WriteBoolean("isBus"u8, true);
        json.WriteBoolean("atStart"u8, line.AtStart);
        json.WriteNumber("inode"u8, line.Instance.Inode);
        if (line.Instance.BirthNsec != 0)
            json.WriteNumber("birthNsec"u8, line.Instance.BirthNsec);
        if (line.Uevent is { } file)
            json.WriteString("uevent"u8, pseudonyms is null ? file : string.Join('\n', file.Split('\n').Select(pseudonyms.Property)));
        WriteNames(json, "files"u8, line.Names, RecordedKind.Attribute);
        WriteNames(json, "directories"u8, line.Names, RecordedKind.Folder);
        json.WriteStartObject("links"u8);
        foreach (var name in line.Names)
        {
            if (name.Kind == RecordedKind.Link)
                json.WriteString(Text(name.Path), Text(name.Target ?? ""));
        }
        json.WriteEndObject();
    }

    private void WriteNames(Utf8JsonWriter json, ReadOnlySpan<byte> key, IReadOnlyList<RecordedName> names, RecordedKind kind)
    {
        json.WriteStartArray(key);
        foreach (var name in names)
        {
            if (name.Kind == kind)
                json.WriteStringValue(Text(name.Path));
        }
        json.WriteEndArray();
    }

    private void WritePlace(Utf8JsonWriter json, long afterUsec, string devPath, string name)
    {
        json.WriteNumber("afterUsec"u8, afterUsec);
        json.WriteString("devpath"u8, Text(devPath));
        json.WriteString("name"u8, Text(name));
    }

    private void WriteValue(Utf8JsonWriter json, ValueLine line)
    {
        if (line.Value is not { } value)
            json.WriteNumber("errno"u8, line.Errno);
        else if (line.Name == "uevent")
            json.WriteString("value"u8, pseudonyms is null ? value : string.Join('\n', value.Split('\n').Select(pseudonyms.Property)));
        else
            json.WriteString("value"u8, pseudonyms is null ? value : pseudonyms.Value(line.Name, value));
        json.WriteNumber("tookUsec"u8, line.TookUsec);
    }

    private string Text(string text) => pseudonyms is null ? text : pseudonyms.Text(text);

    private Utf8JsonWriter Begin(string kind, long atUsec, long realtimeUsec)
    {
        _buffer.ResetWrittenCount();
        var json = _writer ??= new Utf8JsonWriter(_buffer, Options);
        json.Reset(_buffer);
        json.WriteStartObject();
        json.WriteString("kind"u8, kind);
        json.WriteNumber("atUsec"u8, atUsec);
        json.WriteNumber("realtimeUsec"u8, realtimeUsec);
        return json;
    }

    private ReadOnlySpan<byte> End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.Flush();
        // Text that is valid in JSON could still control the terminal that shows the file.
        var line = Printable.Json(_buffer.WrittenSpan);
        var whole = new byte[line.Length + 1];
        line.CopyTo(whole);
        whole[^1] = (byte)'\n';
        return whole;
    }
}
