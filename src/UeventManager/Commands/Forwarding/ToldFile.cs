using System.Globalization;
using System.Text;
using System.Text.Json;
using UeventManager.Client;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// What has been told, so that a later run tells the difference: a line for the filter, one for each device, then one for each reply of the daemon
/// with the cursor behind it. A reply is appended once all of it is told, so after a crash the last one may be told again and none is skipped.
/// Written anew, aside, when what was appended outgrows it.
/// </summary>
internal sealed class ToldFile : IDisposable
{
    private const long MostAppended = 4 * 1024 * 1024;

    private readonly string _path;
    private readonly string _filter;
    private FileStream? _stream;
    private long _appended;

    private ToldFile(string path, string filter) => (_path, _filter) = (path, filter);

    /// <summary>The devices that were told; null if none ever was.</summary>
    public DeviceTable? Devices { get; private set; }

    /// <summary>Where to resume; null for the state.</summary>
    public string? Cursor { get; private set; }

    /// <summary>The last SEQNUM that was sent.</summary>
    public long Seqnum { get; private set; } = 1;

    /// <summary>Reads a file, if there is one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="filter">What is forwarded: of another filter the cursor does not resume, the devices count.</param>
    public static ToldFile Open(string path, string filter)
    {
        var file = new ToldFile(path, filter);
        if (File.Exists(path))
            file.Read();
        return file;
    }

    /// <summary>Notes that a reply was told.</summary>
    public void Append(IReadOnlyList<UeventEvent> events, string? cursor, long seqnum, IReadOnlyDictionary<string, UeventDevice> devices)
    {
        if (_stream is null || _appended > MostAppended)
        {
            Write(cursor, seqnum, devices);
            return;
        }
        using var lines = new MemoryStream();
        foreach (UeventEvent one in events)
            Line(lines, 'E', UeventJson.Write(one));
        Mark(lines, cursor, seqnum);
        _appended += lines.Length;
        _stream.Write(lines.GetBuffer().AsSpan(0, (int)lines.Length));
    }

    /// <summary>Writes all of it anew.</summary>
    public void Write(string? cursor, long seqnum, IReadOnlyDictionary<string, UeventDevice> devices)
    {
        string aside = _path + "~";
        var stream = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        using (var lines = new MemoryStream())
        {
            Line(lines, 'F', Encoding.UTF8.GetBytes(_filter));
            foreach (UeventDevice device in devices.Values)
                Line(lines, 'D', UeventJson.Write(device));
            Mark(lines, cursor, seqnum);
            stream.Write(lines.GetBuffer().AsSpan(0, (int)lines.Length));
        }
        File.Move(aside, _path, overwrite: true);
        _stream?.Dispose();
        (_stream, _appended) = (stream, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    private static void Line(MemoryStream to, char kind, ReadOnlySpan<byte> text)
    {
        to.WriteByte((byte)kind);
        to.Write(text);
        to.WriteByte((byte)'\n');
    }

    private static void Mark(MemoryStream to, string? cursor, long seqnum) =>
        Line(to, 'C', Encoding.UTF8.GetBytes($"{seqnum.ToString(CultureInfo.InvariantCulture)} {cursor}"));

    // Everything behind the last mark was not told, or not all of it.
    private void Read()
    {
        var table = new DeviceTable();
        var devices = new List<UeventDevice>();
        var events = new List<UeventEvent>();
        bool begun = false, isOfFilter = false;
        foreach (string line in File.ReadLines(_path))
        {
            string text = line.Length > 0 ? line[1..] : "";
            try
            {
                switch (line.Length > 0 ? line[0] : ' ')
                {
                    case 'F':
                        isOfFilter = text == _filter;
                        break;
                    case 'D':
                        devices.Add(JsonSerializer.Deserialize(text, WireJson.Default.UeventDevice)!);
                        break;
                    case 'E':
                        events.Add(JsonSerializer.Deserialize(text, WireJson.Default.UeventEvent)!);
                        break;
                    case 'C' when text.Split(' ') is [var number, var cursor] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long seqnum):
                        table.Apply(begun ? new EventsChange([.. events]) : new StateChange([.. devices]));
                        events.Clear();
                        (begun, Seqnum, Cursor) = (true, seqnum, cursor.Length > 0 && isOfFilter ? cursor : null);
                        break;
                }
            }
            catch (JsonException)
            {
                break; // Cut off by a kill.
            }
        }
        Devices = begun ? table : null;
        if (!begun)
            Cursor = null;
    }
}
