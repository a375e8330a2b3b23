using System.Text;

namespace UeventManager.Core.Recording;

/// <summary>
/// Reads a umockdev device description: a paragraph for each device, each line with a letter and a value. Malformed lines and devices are left out
/// and reported. Lines that only <c>udevadm info</c> writes are skipped.
/// </summary>
public sealed class UmockdevReader
{
    /// <summary>The longest description, in bytes.</summary>
    public const int MaxBytes = 256 << 20;

    /// <summary>The most devices.</summary>
    public const int MaxDevices = 65_536;

    private const int MostProblems = 20;

    private readonly List<DescribedDevice> _devices = [];
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private DescribedDevice? _device;
    private bool _isAtStart = true;
    private int _line;

    /// <summary>The devices, in the order of the description.</summary>
    public IReadOnlyList<DescribedDevice> Devices => _devices;

    /// <summary>What was left out, with the reasons; only the first ones.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>The number of lines and devices that were left out.</summary>
    public int ProblemCount { get; private set; }

    /// <summary>Reads a description.</summary>
    public static UmockdevReader Read(ReadOnlySpan<byte> text)
    {
        var reader = new UmockdevReader();
        foreach (var range in text.Split((byte)'\n'))
        {
            reader._line++;
            reader.Take(text[range].TrimEnd((byte)'\r'));
        }
        return reader;
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            _isAtStart = true;
            return;
        }
        if (line.Length < 2 || line[1] != (byte)':' || !char.IsAsciiLetterUpper((char)line[0]))
        {
            Say("not a line of a description (a letter, a colon, a space and a value)");
            return;
        }
        var value = line[2..];
        if (value is [(byte)' ', ..])
            value = value[1..];
        if (line[0] == (byte)'P')
            Begin(Encoding.UTF8.GetString(value));
        else if (_device is null)
            // The other lines of a device that is left out are not reported again.
            SayIf(_isAtStart, "a device begins with its path: P: /devices/…");
        else
            Take((char)line[0], value, _device);
        _isAtStart = false;
    }

    private void Begin(string path)
    {
        _device = null;
        SayIf(!_isAtStart, "a device begins after an empty line");
        if (!DescribedTree.IsDevPath(path))
            Say("a device's path must be /devices/… without '.', '..' and empty names");
        else if (_devices.Count >= MaxDevices)
            SayIf(_devices.Count == MaxDevices, $"there are more than {MaxDevices:N0} devices");
        else if (!_paths.Add(path))
            Say($"{path} is described a second time");
        else
            _devices.Add(_device = new DescribedDevice(path));
    }

    private void Take(char letter, ReadOnlySpan<byte> value, DescribedDevice device)
    {
        if (letter == 'S')
        {
            device.NodeLinks.Add(Encoding.UTF8.GetString(value));
            return;
        }
        if (letter is not ('E' or 'A' or 'H' or 'L'))
            return;
        var equals = value.IndexOf((byte)'=');
        if (equals <= 0)
        {
            // "L: 0" is the priority of udev's links.
            SayIf(letter != 'L', "it has no NAME=VALUE");
            return;
        }
        var name = Encoding.UTF8.GetString(value[..equals]);
        var rest = value[(equals + 1)..];
        switch (letter)
        {
            case 'E':
                device.Properties.Add((name, Encoding.UTF8.GetString(rest)));
                break;
            case 'A':
                device.Attributes.Add((name, Unescaped(rest)));
                break;
            case 'L':
                device.Links.Add((name, Encoding.UTF8.GetString(rest)));
                break;
            default:
                if (rest.Length % 2 == 0 && TryHex(rest) is { } bytes)
                    device.Attributes.Add((name, bytes));
                else
                    Say("its value is not written in hexadecimal digits");
                break;
        }
    }

    private static byte[]? TryHex(ReadOnlySpan<byte> digits)
    {
        var bytes = new byte[digits.Length / 2];
        return Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done ? bytes : null;
    }

    // As g_strcompress(): \n and similar escapes, up to three octal digits, and any other escaped character as itself.
    private static byte[] Unescaped(ReadOnlySpan<byte> text)
    {
        if (!text.Contains((byte)'\\'))
            return text.ToArray();
        var result = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != (byte)'\\' || i + 1 == text.Length)
            {
                result.Add(text[i]);
                continue;
            }
            var c = text[++i];
            if (c is < (byte)'0' or > (byte)'7')
            {
                result.Add(c switch { (byte)'n' => 10, (byte)'t' => 9, (byte)'r' => 13, (byte)'b' => 8, (byte)'f' => 12, (byte)'v' => 11, _ => c });
                continue;
            }
            var number = 0;
            for (var end = Math.Min(text.Length, i + 3); i < end && text[i] is >= (byte)'0' and <= (byte)'7'; i++)
                number = (number * 8) + text[i] - '0';
            i--;
            result.Add((byte)number);
        }
        return [.. result];
    }

    private void SayIf(bool isWrong, string problem)
    {
        if (isWrong)
            Say(problem);
    }

    private void Say(string problem)
    {
        ProblemCount++;
        if (_problems.Count < MostProblems)
            _problems.Add($"{_line}: {problem}");
    }
}
