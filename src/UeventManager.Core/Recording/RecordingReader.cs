using System.Text;
using System.Text.Json;
using UeventManager.Core.Settle;

namespace UeventManager.Core.Recording;

/// <summary>Reads the lines of a recording. Recordings come from anywhere, so a line with an error is refused with a reason.</summary>
public static class RecordingReader
{
    /// <summary>The longest line, in bytes.</summary>
    public const int MaxLineBytes = 16 * 1024 * 1024;

    // Later than any real clock, and small enough that a sum of several cannot overflow.
    private const long LatestUsec = 1L << 58;
    private const int MaxPath = 4096;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 8 };

    /// <summary>Reads the header.</summary>
    /// <param name="line">The first line.</param>
    /// <param name="header">The header.</param>
    /// <returns>The error, or null.</returns>
    public static string? TryReadHeader(ReadOnlyMemory<byte> line, out RecordingHeader header)
    {
        header = new RecordingHeader();
        RecordingHeader read = header;
        var problem = Read(line, json =>
        {
            if (Text(json, "kind") != "header")
                throw new FormatException("its first line is not a header");
            read = new RecordingHeader
            {
                Version = (int)Math.Clamp(Number(json, "version"), 0, int.MaxValue),
                Kernel = Text(json, "kernel") ?? "",
                Machine = Text(json, "machine") ?? "",
                Program = Text(json, "program") ?? "",
                IsPseudonymous = Flag(json, "pseudonyms"),
                IsOfDaemon = Flag(json, "daemon"),
                HasValues = Flag(json, "values"),
                Depth = (int)Math.Clamp(Number(json, "depth"), 1, 16),
                Filter = Text(json, "filter"),
                AtUsec = Time(json, "atUsec"),
                RealtimeUsec = Time(json, "realtimeUsec"),
            };
            return true;
        });
        header = read;
        return problem ?? (header.Version is < 1 or > RecordingHeader.CurrentVersion ? $"it has version {header.Version}; this program reads up to {RecordingHeader.CurrentVersion}" : null);
    }

    /// <summary>Reads a line after the header.</summary>
    /// <param name="line">The line, without its line feed.</param>
    /// <param name="read">The line; null if its kind is unknown, as a later version may write it.</param>
    /// <returns>The error, or null.</returns>
    public static string? TryRead(ReadOnlyMemory<byte> line, out RecordedLine? read)
    {
        RecordedLine? result = null;
        var problem = Read(line, json =>
        {
            result = Line(json);
            return true;
        });
        read = result;
        return problem;
    }

    private static string? Read(ReadOnlyMemory<byte> line, Func<JsonElement, bool> use)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return "it is not a JSON object";
            use(document.RootElement);
            return null;
        }
        catch (JsonException)
        {
            return "it is not JSON";
        }
        catch (FormatException e)
        {
            return e.Message;
        }
        catch (InvalidOperationException)
        {
            // A string is not valid UTF-8, or has a lone surrogate.
            return "a text is not valid UTF-8";
        }
    }

    private static RecordedLine? Line(JsonElement json)
    {
        var at = Time(json, "atUsec");
        return Text(json, "kind") switch
        {
            "uevent" => new UeventLine(at, Datagram(json), Flag(json, "isDevice"), Flag(json, "isBus")),
            "device" => Device(json, at),
            "appeared" => new NameLine(at, Before(json, "afterUsec", at), DevPath(json), Name(json), Appeared: true),
            "disappeared" => new NameLine(at, Before(json, "afterUsec", at), DevPath(json), Name(json), Appeared: false),
            "value" => new ValueLine(at, Before(json, "afterUsec", at), DevPath(json), NamePath(json), Text(json, "value"), (int)Math.Clamp(Number(json, "errno"), 0, 4095), Time(json, "tookUsec")),
            "blocked" => new BlockedLine(at, Before(json, "sinceUsec", at), DevPath(json), NamePath(json)),
            "gone" => new GoneLine(at, Before(json, "afterUsec", at), DevPath(json)),
            "lost" => new LostLine(at, Text(json, "what") ?? "", Number(json, "count"), Text(json, "devpath")),
            "end" => new EndLine(at),
            null => throw new FormatException("it has no kind"),
            _ => null,
        };
    }

    private static DeviceLine Device(JsonElement json, long at)
    {
        var names = new List<RecordedName>();
        AddNames(json, "files", RecordedKind.Attribute, names);
        AddNames(json, "directories", RecordedKind.Folder, names);
        if (json.TryGetProperty("links"u8, out var links) && links.ValueKind == JsonValueKind.Object)
        {
            foreach (var link in links.EnumerateObject())
                names.Add(new RecordedName(Checked(link.Name), RecordedKind.Link, link.Value.ValueKind == JsonValueKind.String ? link.Value.GetString() : null));
        }
        var instance = new DeviceInstance(json.TryGetProperty("inode"u8, out var inode) && inode.TryGetUInt64(out var number) ? number : 0, Number(json, "birthNsec"));
        return new DeviceLine(at, Before(json, "sinceUsec", at), DevPath(json), Text(json, "subsystem") ?? "", Flag(json, "isBus"), instance, Text(json, "uevent"), names, Flag(json, "atStart"));
    }

    private static void AddNames(JsonElement json, string key, RecordedKind kind, List<RecordedName> names)
    {
        if (!json.TryGetProperty(key, out var list) || list.ValueKind != JsonValueKind.Array)
            return;
        foreach (var one in list.EnumerateArray())
            names.Add(new RecordedName(Checked(one.ValueKind == JsonValueKind.String ? one.GetString()! : ""), kind));
    }

    private static byte[] Datagram(JsonElement json)
    {
        if (json.TryGetProperty("bytes"u8, out var bytes) && bytes.ValueKind == JsonValueKind.String)
            return bytes.TryGetBytesFromBase64(out var raw) ? raw : throw new FormatException("'bytes' is not base64");
        if (!json.TryGetProperty("text"u8, out var text) || text.ValueKind != JsonValueKind.Array)
            throw new FormatException("a uevent has neither 'text' nor 'bytes'");
        var all = new StringBuilder();
        foreach (var part in text.EnumerateArray())
            all.Append(part.ValueKind == JsonValueKind.String ? part.GetString() : throw new FormatException("'text' is not a list of texts")).Append('\0');
        return Encoding.UTF8.GetBytes(all.ToString());
    }

    private static RecordedName Name(JsonElement json)
    {
        var kind = Text(json, "type") switch { "directory" => RecordedKind.Folder, "link" => RecordedKind.Link, _ => RecordedKind.Attribute };
        return new RecordedName(NamePath(json), kind, Text(json, "target"));
    }

    private static string NamePath(JsonElement json) => Checked(Text(json, "name") ?? "");

    private static string Checked(string name) =>
        name.Length is > 0 and <= MaxPath && name[0] != '/' && name[^1] != '/' && !name.Contains("//", StringComparison.Ordinal) ? name : throw new FormatException("a name is not valid");

    private static string DevPath(JsonElement json) =>
        Text(json, "devpath") is { Length: > 1 and <= MaxPath } path && path[0] == '/' && path[^1] != '/' ? path : throw new FormatException("its devpath is not valid");

    private static string? Text(JsonElement json, string key) => json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool Flag(JsonElement json, string key) => json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.True;

    private static long Number(JsonElement json, string key) =>
        json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;

    private static long Time(JsonElement json, string key) => Math.Clamp(Number(json, key), 0, LatestUsec);

    private static long Before(JsonElement json, string key, long atUsec) => Math.Min(Time(json, key), atUsec);
}
