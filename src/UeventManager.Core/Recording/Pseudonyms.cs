using System.Text;
using System.Text.RegularExpressions;

namespace UeventManager.Core.Recording;

/// <summary>
/// Replaces what names one machine or one piece of hardware: MAC addresses, WWNs, UUIDs, and serial numbers by the names of their properties and
/// attributes. The same text always becomes the same pseudonym of the same form, so that what belongs together still does; without the key nobody
/// can tell, or try out, what it was.
/// </summary>
/// <param name="key">Secret, and forgotten when the recording ends: <see cref="KeyedHash.KeyBytes"/> bytes.</param>
public sealed partial class Pseudonyms(ReadOnlyMemory<byte> key)
{
    /// <summary>Most texts whose pseudonyms are remembered; further ones are made anew each time.</summary>
    private const int MaxRemembered = 65_536;

    // Shorter serial numbers would be found within any text.
    private const int ShortestSerial = 5;
    private const int MaxSerials = 1024;

    private static readonly string[] SerialWords = ["serial", "unique_id", "uniq", "wwid", "wwn", "uuid", "guid", "eui", "port_name", "node_name", "fabric_name", "asset_tag", "imei", "iccid", "vpd_pg80", "vpd_pg83"];

    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _serials = new(StringComparer.Ordinal);

    /// <summary>Replaces in any text what shows by its form what it is, and serial numbers that were met before.</summary>
    public string Text(string text)
    {
        if (_known.TryGetValue(text, out var known))
            return known;
        var result = text.Length < ShortestSerial ? text : Replace(text);
        if (_known.Count < MaxRemembered)
            _known[text] = result;
        return result;
    }

    /// <summary>The same of <c>KEY=VALUE</c>, where the key may say that the value is a serial number.</summary>
    public string Property(string entry)
    {
        var equals = entry.IndexOf('=');
        return equals <= 0 ? Text(entry) : $"{entry[..equals]}={Value(entry[..equals], entry[(equals + 1)..])}";
    }

    /// <summary>The same of a value, whose name may say that it is a serial number.</summary>
    /// <param name="name">The attribute or the property.</param>
    /// <param name="value">Its value.</param>
    public string Value(string name, string value)
    {
        if (!IsSerial(name))
            return Text(value);
        var core = value.Trim().Trim('"');
        if (core.Length == 0)
            return value;
        var replaced = Text(core);
        if (replaced == core)
        {
            if (core.Length >= ShortestSerial && core.Any(char.IsAsciiDigit) && _serials.Count < MaxSerials && _serials.Add(core))
                _known.Clear();
            replaced = Disguise(core);
        }
        return value.Replace(core, replaced, StringComparison.Ordinal);
    }

    private static bool IsSerial(string name)
    {
        var last = name[(name.LastIndexOf('/') + 1)..];
        return SerialWords.Any(word => last.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private string Replace(string text)
    {
        foreach (var serial in _serials)
        {
            if (text.Contains(serial, StringComparison.Ordinal))
                text = text.Replace(serial, Disguise(serial), StringComparison.Ordinal);
        }
        text = Uuid().Replace(text, match => Disguise(match.Value));
        text = Mac().Replace(text, match => IsNothing(match.Value) ? match.Value : DisguiseMac(match.Value));
        text = MacInName().Replace(text, match => match.Groups[1].Value + Disguise(match.Groups[2].Value));
        return Wwn().Replace(text, match => IsNothing(match.Groups[2].Value) ? match.Value : match.Groups[1].Value + Disguise(match.Groups[2].Value));
    }

    // 00:…, ff:…, 0x0000…: addresses of nobody.
    private static bool IsNothing(string digits) => digits.All(c => c is '0' or ':' or '-') || digits.All(c => c is 'f' or 'F' or ':' or '-');

    // Locally administered, so that nobody takes it for a real one; and no multicast address.
    private string DisguiseMac(string mac) => string.Concat("02", Disguise(mac).AsSpan(2));

    // Digits become digits, letters letters (hexadecimal ones such), and all else stays.
    private string Disguise(string text)
    {
        // A byte at the end says which eight characters a hash is for.
        byte[] seed = [.. Encoding.UTF8.GetBytes(text.ToLowerInvariant()), 0];
        var hash = 0UL;
        var isHex = text.All(c => char.IsAsciiHexDigit(c) || c is '-' or ':' or '.' or '_');
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i % 8 == 0)
            {
                seed[^1] = (byte)(i / 8);
                hash = KeyedHash.Of(key.Span, seed);
            }
            var (c, random) = (text[i], (byte)(hash >> (i % 8 * 8)));
            result.Append(c switch
            {
                _ when isHex && char.IsAsciiHexDigit(c) => char.IsAsciiLetterUpper(c) ? "0123456789ABCDEF"[random % 16] : "0123456789abcdef"[random % 16],
                >= '0' and <= '9' => (char)('0' + (random % 10)),
                >= 'a' and <= 'z' => (char)('a' + (random % 26)),
                >= 'A' and <= 'Z' => (char)('A' + (random % 26)),
                > '\x7f' => 'x',
                _ => c,
            });
        }
        return result.ToString();
    }

    [GeneratedRegex("(?<![0-9a-fA-F])[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![0-9a-fA-F])", RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();

    [GeneratedRegex("(?<![0-9a-fA-F:-])(?:[0-9a-fA-F]{2}[:-]){5}(?:[0-9a-fA-F]{2}[:-][0-9a-fA-F]{2}[:-])?[0-9a-fA-F]{2}(?![0-9a-fA-F:-])", RegexOptions.CultureInvariant)]
    private static partial Regex Mac();

    // As systemd names interfaces and network managers their profiles: enx001122334455.
    [GeneratedRegex("(?<![0-9a-zA-Z])((?:en|wl|ww|sl)x)([0-9a-f]{12})(?![0-9a-zA-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex MacInName();

    [GeneratedRegex(@"(?<![0-9a-zA-Z])(0x|naa\.|eui\.|nguid\.|uuid\.|wwn-0x|t10\.)([0-9a-fA-F]{16,64})(?![0-9a-zA-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex Wwn();
}
