using System.Text;
using System.Text.RegularExpressions;

namespace UeventManager.Core.Recording;

/// <summary>
/// Replaces texts that identify a machine or a piece of hardware: MAC addresses, WWNs and UUIDs by their form, serial numbers by the names of their
/// properties and attributes. The same text always becomes the same pseudonym, of the same form, so related lines stay related. Without the key
/// nobody can find the original, not even by trying candidates.
/// </summary>
/// <param name="key">A secret of <see cref="KeyedHash.KeyBytes"/> bytes, forgotten when the recording ends.</param>
public sealed partial class Pseudonyms(ReadOnlyMemory<byte> key)
{
    /// <summary>The most texts whose pseudonyms are cached; others are computed again each time.</summary>
    private const int MaxRemembered = 65_536;

    // Shorter serial numbers would match inside unrelated texts.
    private const int ShortestSerial = 5;
    private const int MaxSerials = 1024;

    private static readonly string[] SerialWords = ["serial", "unique_id", "uniq", "wwid", "wwn", "uuid", "guid", "eui", "port_name", "node_name", "fabric_name", "asset_tag", "imei", "iccid", "vpd_pg80", "vpd_pg83"];

    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _serials = new(StringComparer.Ordinal);

    /// <summary>Replaces identifiers that are recognised by their form, and serial numbers that were met before, in any text.</summary>
    public string Text(string text)
    {
        if (_known.TryGetValue(text, out var known))
            return known;
        var result = text.Length < ShortestSerial ? text : Replace(text);
        if (_known.Count < MaxRemembered)
            _known[text] = result;
        return result;
    }

    /// <summary>Replaces identifiers in <c>KEY=VALUE</c>; the key may say that the value is a serial number.</summary>
    public string Property(string entry)
    {
        var equals = entry.IndexOf('=');
        return equals <= 0 ? Text(entry) : $"{entry[..equals]}={Value(entry[..equals], entry[(equals + 1)..])}";
    }

    /// <summary>Replaces identifiers in a value whose name may say that it is a serial number.</summary>
    /// <param name="name">The name of the attribute or property.</param>
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

    // All zeros or all ones identify nothing.
    private static bool IsNothing(string digits) => digits.All(c => c is '0' or ':' or '-') || digits.All(c => c is 'f' or 'F' or ':' or '-');

    // Locally administered and not multicast, so it cannot be taken for a real address.
    private string DisguiseMac(string mac) => string.Concat("02", Disguise(mac).AsSpan(2));

    // Digits become digits, letters become letters (hexadecimal digits if the whole text is hexadecimal), other characters stay.
    private string Disguise(string text)
    {
        // Each hash gives eight characters; the last byte of the seed counts the hashes.
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

    // systemd and network managers put MAC addresses in names: enx001122334455.
    [GeneratedRegex("(?<![0-9a-zA-Z])((?:en|wl|ww|sl)x)([0-9a-f]{12})(?![0-9a-zA-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex MacInName();

    [GeneratedRegex(@"(?<![0-9a-zA-Z])(0x|naa\.|eui\.|nguid\.|uuid\.|wwn-0x|t10\.)([0-9a-fA-F]{16,64})(?![0-9a-zA-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex Wwn();
}
