using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.RuleFiles;

namespace UeventManager.Commands.Verbs;

/// <summary>Replays a daemon's recording to an engine.</summary>
/// <param name="path">The recording's path, for messages.</param>
/// <param name="header">The recording's header.</param>
internal sealed class TapeFile(string path, RecordingHeader header)
{
    private readonly TapeWriter _frames = new();
    private readonly TapePlayer _player = new(Load);
    private string? _why;
    private bool _isWhole;

    /// <summary>The recording's header.</summary>
    public RecordingHeader Header => header;

    /// <summary>Called when the replay begins.</summary>
    public Action<TapeReplay>? Begun { get => _player.Begun; set => _player.Begun = value; }

    /// <summary>Takes a line.</summary>
    /// <exception cref="IOException">The line cannot follow the previous ones.</exception>
    public void Take(ReadOnlyMemory<byte> line, long number)
    {
        _frames.Clear();
        try
        {
            if (TapeLines.TryRead(line, _frames) is { } wrong)
                throw new FormatException(wrong);
            _player.Take(_frames.Written);
        }
        catch (FormatException e)
        {
            throw new IOException($"{path}: line {number}: {e.Message}{(_player.Replay is { DifferenceCount: > 0 } replay ? $"; before that, the engine's commands differ in {replay.DifferenceCount} places" : "")} (it is damaged, or made by a version other than {header.Program})", e);
        }
        if (RecordingReader.TryRead(line, out var read) is null && read is EndLine)
            (_isWhole, _why) = (true, TapeLines.WhyEnded(line));
    }

    /// <summary>Ends the replay.</summary>
    /// <exception cref="IOException">The recording ended before its first input.</exception>
    public TapeReplay Finish()
    {
        if (_player.Replay is not { } replay)
            throw new IOException($"{path}: it ends before the engine's state");
        replay.End();
        return replay;
    }

    /// <summary>A remark for people about the recording's end, or null.</summary>
    public string? Remark => !_isWhole ? $"{path}: it was cut off, and is replayed up to the cut" : _why is { } why ? $"{path}: {why}" : null;

    private static RuleSet Load(IReadOnlyList<RuleSource> sources)
    {
        var loaded = RuleLoader.LoadSources(sources);
        return loaded.Problems.FirstOrDefault(static problem => !problem.IsWarning) is { } problem
            ? throw new FormatException($"this version does not accept the recorded rules: {problem}")
            : loaded.Set;
    }
}
