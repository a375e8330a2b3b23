using System.Collections.Immutable;
using System.Text.Json;
using Tmds.Linux;
using UeventManager.Client;
using UeventManager.Netlink;

namespace UeventManager.Commands.Acting;

/// <summary>
/// The progress of a run: one line with the cursor, a line for each device as known at the cursor, and then one for each device for which a program
/// has begun since. Written under another name, synced and renamed, so that there is always a complete file; the last lines are appended in between,
/// because a program that had begun may have done its work when this process was killed. One process at a time uses it.
/// </summary>
internal sealed class CursorFile : IDisposable
{
    private const UnixFileMode Mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly string Boot = ReadBoot();

    private readonly string _path;
    private readonly FileStream _lock;
    private readonly Lock _gate = new();
    private FileStream? _current;
    private bool _isCut;
    private List<byte[]>? _meanwhile;

    private CursorFile(string path, FileStream held) => (_path, _lock) = (path, held);

    /// <summary>The cursor in the file when it was opened; null if there was none.</summary>
    public string? Cursor { get; private set; }

    /// <summary>The devices in the file; null if there was none.</summary>
    public ImmutableDictionary<string, UeventDevice>? Devices { get; private set; }

    /// <summary>The devpaths for which a program had begun that may or may not have done its work.</summary>
    public IReadOnlySet<string> Begun { get; private set; } = new HashSet<string>();

    /// <summary>True if it was written before the last boot.</summary>
    public bool IsOtherBoot { get; private set; }

    /// <summary>Locks a file for this process, and reads it if it exists.</summary>
    /// <exception cref="IOException">It cannot be written, another process uses it, or it has another format.</exception>
    public static CursorFile Open(string path)
    {
        path = Path.GetFullPath(path);
        if (Refusal(path) is { } refusal)
            throw new IOException(refusal);
        bool wasThere = File.Exists(path + ".lock");
        FileStream held;
        try
        {
            // The system releases it however the process ends.
            held = new FileStream(path + ".lock", new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = Mine });
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: permission denied (name a writable file)", e);
        }
        catch (IOException e) when (e.HResult == LibC.EAGAIN)
        {
            throw new IOException($"{path}: in use by another process (give each run a file of its own)", e);
        }
        var file = new CursorFile(path, held);
        try
        {
            file.Read();
            return file;
        }
        catch (Exception e) when (e is JsonException or FormatException or IOException or UnauthorizedAccessException)
        {
            if (!wasThere)
                File.Delete(path + ".lock");
            file.Dispose();
            throw e switch
            {
                IOException => e,
                UnauthorizedAccessException => new IOException($"{path}: permission denied (name a writable file)", e),
                _ => new IOException($"{path}: not a cursor file, or a damaged one (remove it to start afresh)", e),
            };
        }
    }

    /// <summary>Notes that a program will run for a device.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Begin(UeventDevice device)
    {
        byte[] line = Line(device);
        lock (_gate)
        {
            _meanwhile?.Add(line);
            if (_current is null)
                return;
            // After a part that a kill, or a full disk, has cut off.
            if (_isCut)
                _current.Write("\n"u8);
            _isCut = true;
            // Not synced: a crash of the machine also removes the devices.
            _current.Write(line);
            _isCut = false;
        }
    }

    /// <summary>Writes a new file.</summary>
    /// <param name="cursor">The newest cursor before which everything has ended.</param>
    /// <param name="devices">The devices as known at the cursor.</param>
    /// <param name="begun">The devices for which a program has begun since.</param>
    /// <exception cref="IOException">It cannot be written; the old file is unchanged.</exception>
    public void Write(string? cursor, ImmutableDictionary<string, UeventDevice> devices, Func<IEnumerable<UeventDevice>> begun)
    {
        lock (_gate)
        {
            _meanwhile = [];
        }
        // Not with the lock held, because the caller has a lock of its own. A program that begins in between is in both lists.
        IEnumerable<UeventDevice> since = begun();
        FileStream? stream = null;
        string aside = _path + "~";
        try
        {
            stream = new FileStream(aside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.ReadWrite, UnixCreateMode = Mine, BufferSize = 0 });
            using (var buffered = new MemoryStream())
            {
                buffered.Write([.. JsonSerializer.SerializeToUtf8Bytes(new CursorHeader(CursorReader.Version, Boot, cursor, devices.Count), CursorJson.Default.CursorHeader), (byte)'\n']);
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
                (_current, stream, _isCut) = (stream, null, false);
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
            // On a full disk half a file would prevent others from writing.
            if (stream is not null)
                TryDelete(aside);
            stream?.Dispose();
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is overwritten the next time.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _current?.Dispose();
        _lock.Dispose();
    }

    private static byte[] Line(UeventDevice device) => [.. UeventJson.Write(device), (byte)'\n'];

    // Nothing is changed in a file before its format is verified.
    private void Read()
    {
        if (!File.Exists(_path))
            return;
        var read = new CursorReader(Boot);
        bool isCut;
        using (var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            read.Read(file, out isCut);
        _current = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _isCut = isCut;
        (Cursor, Devices, Begun, IsOtherBoot) = (read.Cursor, read.Devices, read.Begun, read.IsOtherBoot);
    }

    private static string? Refusal(string path)
    {
        if (Directory.Exists(path))
            return $"{path}: a directory (name a file)";
        if (Path.GetDirectoryName(path) is { } directory && !Directory.Exists(directory))
            return $"{directory}: no such directory (create it first)";
        // A pipe would block the first read for ever, and the target of /dev/stdin must not be replaced.
        return File.Exists(path) && !FileKinds.IsRegular(path) ? $"{path}: not a regular file (name one that may be replaced)" : null;
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
