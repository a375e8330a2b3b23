using UeventManager.Commands.Terminal;
using UeventManager.Core.Recording;
using UeventManager.Recorder;

namespace UeventManager.Commands.Verbs;

/// <summary>
/// <c>record --pseudonyms IN OUT</c>: makes a recording that may be shared from one that may not. From a daemon's recording only uevents are kept:
/// replacing names in the engine's other inputs would change its decisions.
/// </summary>
/// <param name="context">The command's context.</param>
/// <param name="to">The output.</param>
internal sealed class RecordingPseudonyms(CommandContext context, Stream to)
{
    private readonly RecordingWriter _writer = new(New());
    private long _kept;
    private long _left;
    private string? _firstLeft;
    private bool _isWhole;

    /// <summary>Pseudonyms with a secret key of 122 of the kernel's random bits.</summary>
    public static Pseudonyms New() => new(Guid.NewGuid().ToByteArray());

    /// <summary>Converts a recording.</summary>
    /// <returns>The exit status.</returns>
    public int Run(string path)
    {
        var isOfDaemon = false;
        RecordingFile.Read(path, header =>
        {
            isOfDaemon = header.IsOfDaemon;
            _writer.RealtimeAheadUsec = header.RealtimeUsec - header.AtUsec;
            to.Write(_writer.Header(header with { IsPseudonymous = true, IsOfDaemon = false }));
            return Take;
        });
        to.Flush();
        if (isOfDaemon)
            context.Say($"{path}: only the uevents of the daemon's recording are kept, so it cannot be replayed byte for byte any more");
        else if (!_isWhole)
            context.Say($"{path}: it was cut off, and is read up to the cut");
        context.Say($"{Counted.Of(_kept, "line")} kept{(_left > 0 ? $", {Counted.Of(_left, "line")} left out{_firstLeft}" : "")}");
        return ExitStatus.Done;
    }

    private void Take(ReadOnlyMemory<byte> line, long number)
    {
        context.Cancel.ThrowIfCancellationRequested();
        // A line that this version does not know may contain any name.
        if (RecordingReader.TryRead(line, out var read) is var wrong && read is null)
        {
            _left++;
            if (wrong is not null)
                _firstLeft ??= $" (line {number}: {wrong})";
            return;
        }
        _isWhole |= read is EndLine;
        _kept++;
        to.Write(_writer.Line(read));
    }
}
