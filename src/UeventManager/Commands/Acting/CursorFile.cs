using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>
/// Where a run has got to: one line with the cursor, a line for each device as it was told up to there, and then one for each device for which a
/// program has begun since. Written aside, synced and renamed, so that there is always a whole one; the last lines are appended in between, because
/// a program that had begun may have done its work when this process was killed. Used by one process at a time.
/// </summary>
internal sealed class CursorFile : IDisposable
{
    private const int Version = 1;
    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly string Boot = ReadBoot();

    private readonly string _path;
    private readonly FileStream _lock;
    private readonly Lock _gate = new();
    private FileStream? _current;
    private List<byte[]>? _meanwhile;

    private CursorFile(string path, FileStream held) => (_path, _lock) = (path, held);

    /// <summary>What it held when it was opened; null if there was none.</summary>
    public string? Cursor { get; private set; }

    /// <summary>The devices that it held; null if there was none.</summary>
    public ImmutableDictionary<string, UeventDevice>? Devices { get; private set; }

    /// <summary>The devpaths for which a program had begun that may or may not have done its work.</summary>
    public IReadOnlySet<string> Begun { get; private set; } = new HashSet<string>();

    /// <summary>True if it was written before the last boot.</summary>
    public bool IsOtherBoot { get; private set; }

    /// <summary>Takes a file for this process, and reads it if there is one.</summary>
    /// <exception cref="IOException">It cannot be written, is another process's, or is none of ours.</exception>
    public static CursorFile Open(string path)
    {
        path = Path.GetFullPath(path);
        FileStream held;
        try
        {
            // The system lets go of it however the process ends.
            held = new FileStream(path + ".lock", new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = Mine });
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: permission denied (name a file that may be written)", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new IOException($"{path}: no such directory (make it first)", e);
        }
        catch (IOException e)
        {
            throw new IOException($"{path}: in use by another process (give each run a file of its own)", e);
        }
        var file = new CursorFile(path, held);
        try
        {
            file.Read();
            return file;
        }
        catch (Exception e)
        {
            file.Dispose();
            throw e is JsonException or FormatException ? new IOException($"{path}: not a cursor file, or a damaged one (remove it to begin anew)", e) : e;
        }
    }

    /// <summary>Notes that a program is about to be run for a device.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Begin(UeventDevice device)
    {
        byte[] line = Line(device);
        lock (_gate)
        {
            _meanwhile?.Add(line);
            // Not synced: what a crash of the machine takes, it takes from the devices too.
            _current?.Write(line);
        }
    }

    /// <summary>Writes it anew.</summary>
    /// <param name="cursor">The newest before which everything has ended.</param>
    /// <param name="devices">The devices as they were told up to there.</param>
    /// <param name="begun">Those for which a program has begun since.</param>
    /// <exception cref="IOException">It cannot be written; the old one is as it was.</exception>
    public void Write(string? cursor, ImmutableDictionary<string, UeventDevice> devices, Func<IEnumerable<UeventDevice>> begun)
    {
        lock (_gate)
        {
            _meanwhile = [];
        }
        // Not with the gate held: who asks has one of his own. What begins in between is in both lists.
        IEnumerable<UeventDevice> since = begun();
        FileStream? stream = null;
        try
        {
            string aside = _path + "~";
            stream = new FileStream(aside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.ReadWrite, UnixCreateMode = Mine, BufferSize = 0 });
            using (var buffered = new MemoryStream())
            {
                buffered.Write([.. JsonSerializer.SerializeToUtf8Bytes(new CursorHeader(Version, Boot, cursor, devices.Count), CursorJson.Default.CursorHeader), (byte)'\n']);
                foreach (UeventDevice device in devices.Values.Concat(since))
                    buffered.Write(Line(device));
                stream.Write(buffered.GetBuffer().AsSpan(0, (int)buffered.Length));
            }
            stream.Flush(flushToDisk: true);
            lock (_gate)
            {
                foreach (byte[] line in _meanwhile)
                    stream.Write(line);
                File.Move(aside, _path, overwrite: true);
                _current?.Dispose();
                (_current, stream) = (stream, null);
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
        finally
        {
            lock (_gate)
            {
                _meanwhile = null;
            }
            stream?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _current?.Dispose();
        _lock.Dispose();
    }

    private static byte[] Line(UeventDevice device) => [.. UeventJson.Write(device), (byte)'\n'];

    private void Read()
    {
        if (!File.Exists(_path))
            return;
        _current = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _current.WriteByte((byte)'\n'); // Behind a line that a kill has cut off.
        using var reader = new StreamReader(_path, Encoding.UTF8, false, new FileStreamOptions { Share = FileShare.ReadWrite });
        CursorHeader header = JsonSerializer.Deserialize(reader.ReadLine() ?? "", CursorJson.Default.CursorHeader) ?? throw new FormatException();
        if (header.Version != Version)
            throw new FormatException();
        var devices = ImmutableDictionary.CreateBuilder<string, UeventDevice>(StringComparer.Ordinal);
        for (int i = 0; i < header.Devices; i++)
        {
            UeventDevice device = JsonSerializer.Deserialize(reader.ReadLine() ?? "", CursorJson.Default.UeventDevice) ?? throw new FormatException();
            devices[device.Devpath] = device;
        }
        var begun = new HashSet<string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (TryRead(line) is not { } device)
                continue;
            begun.Add(device.Devpath);
            devices.TryAdd(device.Devpath, device);
        }
        Begun = begun;
        (Cursor, Devices, IsOtherBoot) = (header.Cursor, devices.ToImmutable(), header.Boot != Boot);
    }

    // A line that was cut off by a kill is one whose program had not begun.
    private static UeventDevice? TryRead(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize(line, CursorJson.Default.UeventDevice);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string ReadBoot()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

/// <summary>The first line of a <see cref="CursorFile"/>.</summary>
internal sealed record CursorHeader(int Version, string Boot, string? Cursor, int Devices);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CursorHeader))]
[JsonSerializable(typeof(UeventDevice))]
internal sealed partial class CursorJson : JsonSerializerContext;
