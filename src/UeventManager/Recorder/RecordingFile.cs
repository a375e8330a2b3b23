using UeventManager.Core.Recording;

namespace UeventManager.Recorder;

/// <summary>Reads recordings. A file that was cut off is read up to its last complete line; invalid lines are skipped and counted.</summary>
internal sealed class RecordingFile
{
    private const int ChunkBytes = 64 * 1024;

    private readonly string _path;
    private long _number;

    private readonly Func<RecordingHeader, Action<ReadOnlyMemory<byte>, long>?>? _lines;
    private readonly LineChain _chain = new();
    private Action<ReadOnlyMemory<byte>, long>? _line;

    private RecordingFile(string path, Func<RecordingHeader, Action<ReadOnlyMemory<byte>, long>?>? lines) => (_path, _lines) = (path, lines);

    /// <summary>The content.</summary>
    public RecordedWorld World { get; private set; } = null!;

    /// <summary>The number of skipped lines.</summary>
    public long Bad { get; private set; }

    /// <summary>The first skipped line, with the reason.</summary>
    public string? FirstBad { get; private set; }

    /// <summary>True if the last line has no line feed.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Reads a recording.</summary>
    /// <param name="path">The file; <c>-</c> for standard input.</param>
    /// <param name="lines">Called with the header; returns the receiver of the numbered lines, or null to collect them in
    /// <see cref="World"/>.</param>
    /// <exception cref="IOException">It cannot be read, or is not a recording.</exception>
    public static RecordingFile Read(string path, Func<RecordingHeader, Action<ReadOnlyMemory<byte>, long>?>? lines = null)
    {
        try
        {
            using var stream = path == "-" ? Console.OpenStandardInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var file = new RecordingFile(path, lines);
            file.Read(stream);
            return file;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: {(Directory.Exists(path) ? "it is a directory" : "permission denied")}", e);
        }
        catch (FileNotFoundException e)
        {
            throw new IOException($"{path}: no such file", e);
        }
    }

    /// <summary>Remarks for people about problems while reading.</summary>
    public IEnumerable<string> Remarks()
    {
        if (Bad > 0)
            yield return $"{_path}: {Bad} {(Bad == 1 ? "line was" : "lines were")} passed over (line {FirstBad})";
        if (!World.IsWhole)
            yield return $"{_path}: it was cut off, and is read up to the cut";
        var lost = World.Losses.Where(static loss => loss.What == "datagrams").Sum(static loss => loss.Count);
        if (lost > 0)
            yield return $"{_path}: {lost} uevents were lost during the recording";
        if (World.LeftOut > 0)
            yield return $"{_path}: {World.LeftOut} devices are left out: the recording has more than {RecordedWorld.MaxDevices:N0}";
    }

    private void Read(Stream stream)
    {
        var (buffer, used) = (new byte[ChunkBytes], 0);
        while (true)
        {
            if (used == buffer.Length)
            {
                if (buffer.Length > RecordingReader.MaxLineBytes)
                    throw new IOException($"{_path}: line {_number + 1} is longer than {RecordingReader.MaxLineBytes >> 20} MiB: it is not a recording");
                Array.Resize(ref buffer, buffer.Length * 2);
            }
            var count = stream.Read(buffer, used, buffer.Length - used);
            if (count == 0)
                break;
            var from = 0;
            used += count;
            for (int end; (end = buffer.AsSpan(from, used - from).IndexOf((byte)'\n')) >= 0; from += end + 1)
                Take(buffer.AsMemory(from, end));
            buffer.AsSpan(from, used - from).CopyTo(buffer);
            used -= from;
        }
        if (_number == 0 && used > 0)
            Take(buffer.AsMemory(0, used));
        else
            IsCut = used > 0;
        if (World is null)
            throw new IOException($"{_path}: it is empty, so not a recording");
    }

    private void Take(ReadOnlyMemory<byte> line)
    {
        _number++;
        if (World is null)
        {
            if (RecordingReader.TryReadHeader(line, out var header) is { } problem)
                throw new IOException($"{_path}: no recording: {problem}");
            World = new RecordedWorld(header);
            _chain.Begin(line.Span);
            _line = _lines?.Invoke(header);
            return;
        }
        // A daemon's recording must be complete: every line counts.
        if ((World.Header.IsOfDaemon || LineChain.IsIn(line.Span)) && !_chain.Follows(line.Span))
            throw new IOException($"{_path}: line {_number} does not follow the previous one: the recording is damaged (a line was lost, added or changed)");
        if (_line is { } take)
        {
            take(line, _number);
            return;
        }
        if (RecordingReader.TryRead(line, out var read) is { } wrong)
        {
            Bad++;
            FirstBad ??= $"{_number}: {wrong}";
        }
        else if (read is not null && !World.CanBe(read))
        {
            Bad++;
            FirstBad ??= $"{_number}: its time is more than {RecordedWorld.LongestUsec / 86_400_000_000} days after the recording's beginning";
        }
        else if (read is not null)
        {
            World.Add(read);
        }
    }
}
