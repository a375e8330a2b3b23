using System.Globalization;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Recording;

namespace UeventManager.Commands.Verbs;

/// <summary>
/// <c>replay</c> of a daemon's recording: an engine gets the recorded inputs, and must give the same commands. A difference is a bug, or the
/// recording comes from another version.
/// </summary>
/// <param name="context">The command's context.</param>
/// <param name="path">The recording.</param>
/// <param name="header">The recording's header.</param>
/// <param name="all">True to print each input with the engine's commands.</param>
internal sealed class DaemonReplay(CommandContext context, string path, RecordingHeader header, bool all)
{
    private readonly TapeFile _file = new(path, header);

    /// <summary>Takes a line.</summary>
    /// <exception cref="IOException">The line cannot follow the previous ones.</exception>
    public void Take(ReadOnlyMemory<byte> line, long number)
    {
        context.Cancel.ThrowIfCancellationRequested();
        _file.Begun ??= replay => replay.Told = all ? Show : null;
        _file.Take(line, number);
    }

    /// <summary>Prints the result.</summary>
    /// <returns>The exit status.</returns>
    public int Finish()
    {
        if (_file.Remark is { } remark)
            context.Say(remark);
        var replay = _file.Finish();
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
            context.Output.Line($"and in {replay.DifferenceCount - replay.Differences.Count} more places");
        var counts = $"{Counted.Of(replay.Inputs, "input")}, {Counted.Of(replay.Commands, "command")} of the engine";
        context.Output.Line(replay.DifferenceCount == 0
            ? $"{counts}: the same as in the recording, byte for byte"
            : $"{counts}: NOT the same as in the recording in {Counted.Of(replay.DifferenceCount, "place")}: a bug in UeventManager, if this version made the recording ({header.Program}); please report it with the recording");
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
}
