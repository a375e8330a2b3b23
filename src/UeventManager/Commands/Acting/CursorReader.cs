using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>Reads a <see cref="CursorFile"/>. Whatever the file contains, the result is complete or nothing.</summary>
/// <param name="boot">The present boot id.</param>
internal sealed class CursorReader(string boot)
{
    /// <summary>The format's version; any other is refused.</summary>
    public const int Version = 1;

    /// <summary>The longest line, in characters: the daemon's frames have at most 1 MiB.</summary>
    public const int MaxLine = 4 << 20;

    private const int MaxCursor = 256;
    private readonly StringBuilder _line = new();
    private bool _isCut;

    /// <summary>See <see cref="CursorFile.Cursor"/>.</summary>
    public string? Cursor { get; private set; }

    /// <summary>See <see cref="CursorFile.Devices"/>.</summary>
    public ImmutableDictionary<string, UeventDevice> Devices { get; private set; } = ImmutableDictionary<string, UeventDevice>.Empty;

    /// <summary>See <see cref="CursorFile.Begun"/>.</summary>
    public IReadOnlySet<string> Begun { get; private set; } = new HashSet<string>();

    /// <summary>See <see cref="CursorFile.IsOtherBoot"/>.</summary>
    public bool IsOtherBoot { get; private set; }

    /// <summary>Reads the whole file.</summary>
    /// <param name="from">The file.</param>
    /// <param name="isCut">True if the last line is incomplete.</param>
    /// <exception cref="JsonException">It is not such a file.</exception>
    /// <exception cref="FormatException">It is not such a file.</exception>
    public void Read(Stream from, out bool isCut)
    {
        using var reader = new StreamReader(from, Encoding.UTF8, false);
        CursorHeader header = Parse(ReadLine(reader), CursorJson.Default.CursorHeader) ?? throw new FormatException();
        if (header.Version != Version || header.Boot is null || header.Devices < 0 || header.Cursor is { Length: > MaxCursor })
            throw new FormatException();
        var devices = ImmutableDictionary.CreateBuilder<string, UeventDevice>(StringComparer.Ordinal);
        for (int i = 0; i < header.Devices; i++)
        {
            UeventDevice? device = Parse(ReadLine(reader), CursorJson.Default.UeventDevice);
            devices[device is not null && IsWhole(device) ? device.DevPath : throw new FormatException()] = device;
        }
        var begun = new HashSet<string>(StringComparer.Ordinal);
        while (ReadLine(reader) is { } line)
        {
            if (TryParse(line) is not { } device)
                continue;
            begun.Add(device.DevPath);
            devices.TryAdd(device.DevPath, device);
        }
        isCut = _isCut;
        (Cursor, Devices, Begun, IsOtherBoot) = (header.Cursor, devices.ToImmutable(), begun, header.Boot != boot);
    }

    private static T? Parse<T>(string? line, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(line ?? "", type);
        }
        catch (InvalidOperationException e)
        {
            // Half an escaped surrogate pair.
            throw new FormatException(e.Message, e);
        }
    }

    // If a kill or a full disk cut a line off, its program had not begun.
    private static UeventDevice? TryParse(string line)
    {
        try
        {
            return line.Length > 0 && Parse(line, CursorJson.Default.UeventDevice) is { } device && IsWhole(device) ? device : null;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            return null;
        }
    }

    // A required member may still be null.
    private static bool IsWhole(UeventDevice device) =>
        device is { DevPath: ['/', ..], Subsystem: not null, SysName: not null, Properties: not null } && IsWhole(device.Properties)
        && IsWhole(device.Attributes) && IsWhole(device.Links) && device.Missing?.Contains(null!) != true;

    private static bool IsWhole(IReadOnlyDictionary<string, string>? texts) => texts is null || texts.Values.All(static value => value is not null);

    private string? ReadLine(StreamReader reader)
    {
        _line.Clear();
        int read;
        while ((read = reader.Read()) >= 0 && read != '\n')
        {
            if (_line.Length == MaxLine)
                throw new FormatException();
            _line.Append((char)read);
        }
        _isCut |= read < 0 && _line.Length > 0;
        return read < 0 && _line.Length == 0 ? null : _line.ToString();
    }
}

/// <summary>The first line of a <see cref="CursorFile"/>.</summary>
internal sealed record CursorHeader(int Version, string Boot, string? Cursor, int Devices);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CursorHeader))]
[JsonSerializable(typeof(UeventDevice))]
internal sealed partial class CursorJson : JsonSerializerContext;
