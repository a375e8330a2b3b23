using System.Globalization;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.RuleFiles;

namespace UeventManager.Commands.Verbs;

/// <summary>
/// <c>replay</c> of a daemon's recording: an engine is told what that one was told, and must want the same. What differs is a mistake of ours, or the
/// recording is of another version.
/// </summary>
/// <param name="context">What the command runs with.</param>
/// <param name="path">The recording.</param>
/// <param name="all">True to print each input and what the engine wants by it.</param>
internal sealed class DaemonReplay(CommandContext context, string path, bool all)
{
    private readonly TapeWriter _frames = new();
    private TapePlayer? _player;
    private string? _program;
    private string? _why;
    private bool _isWhole;

    /// <summary>Takes a line.</summary>
    /// <exception cref="IOException">It cannot follow what came before.</exception>
    public void Take(ReadOnlyMemory<byte> line, long number)
    {
        context.Cancel.ThrowIfCancellationRequested();
        _player ??= new TapePlayer(Load) { Begun = replay => replay.Told = all ? Show : null };
        _ = _frames.Take(_frames.Take());
        try
        {
            if (TapeLines.TryRead(line, _frames) is { } wrong)
                throw new FormatException(wrong);
            _player.Take(_frames.Written);
        }
        catch (FormatException e)
        {
            throw new IOException($"{path}: line {number}: {e.Message}{(_player.Replay is { DifferenceCount: > 0 } replay ? $"; before that the engine wanted something else in {replay.DifferenceCount} places" : "")} (it is damaged, or of another version than {_program})", e);
        }
        if (RecordingReader.TryRead(line, out var read) is null && read is EndLine)
            (_isWhole, _why) = (true, TapeLines.WhyEnded(line));
    }

    /// <summary>The recording's header.</summary>
    public void Begin(RecordingHeader header) => _program = header.Program;

    /// <summary>Prints how it ended.</summary>
    /// <returns>The exit status.</returns>
    public int Finish()
    {
        if (!_isWhole)
            context.Say($"{path}: it ends without its last line: it was cut off, and is replayed up to there");
        else if (_why is not null)
            context.Say($"{path}: {_why}");
        if (_player?.Replay is not { } replay)
            throw new IOException($"{path}: it ends before what the engine knew when it began");
        replay.End();
        if (context.Settings.Json)
            context.Output.Line(JsonLine.Object(json =>
            {
                json.WriteNumber("inputs"u8, replay.Inputs);
                json.WriteNumber("commands"u8, replay.Commands);
                json.WriteNumber("differences"u8, replay.DifferenceCount);
            }));
        else
            Print(replay);
        return replay.DifferenceCount == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }

    private void Print(TapeReplay replay)
    {
        foreach (var one in replay.Differences)
        {
            context.Output.Line($"input {one.Input} at {(one.AtUsec / 1e6).ToString("0.000000", CultureInfo.InvariantCulture)} s, {one.What}:");
            Print("then", one.Then);
            Print("now ", one.Now);
        }
        if (replay.DifferenceCount > replay.Differences.Count)
            context.Output.Line($"and in {replay.DifferenceCount - replay.Differences.Count} places more");
        var counts = $"{Counted.Of(replay.Inputs, "input")}, {Counted.Of(replay.Commands, "command")} of the engine";
        context.Output.Line(replay.DifferenceCount == 0
            ? $"{counts}: the same as then, byte for byte"
            : $"{counts}: NOT the same as then in {Counted.Of(replay.DifferenceCount, "place")}: a bug of UeventManager, if the recording is of this version ({_program}); please report it with the recording");
    }

    private void Print(string when, IReadOnlyList<string> commands)
    {
        foreach (var command in commands.Count == 0 ? ["nothing"] : commands)
            context.Output.Line($"  {when} {command}");
    }

    private void Show(string what, IReadOnlyList<string> commands)
    {
        context.Output.Line(what);
        foreach (var command in commands)
            context.Output.Line("  " + command);
    }

    private static RuleSet Load(IReadOnlyList<RuleSource> sources)
    {
        var loaded = RuleLoader.LoadSources(sources);
        return loaded.Problems.FirstOrDefault(static problem => !problem.IsWarning) is { } problem
            ? throw new FormatException($"this version does not take the rules that were in force: {problem}")
            : loaded.Set;
    }
}
