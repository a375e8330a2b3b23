using UeventManager.Commands.Terminal;
using UeventManager.Core.Recording;
using UeventManager.Plot;

namespace UeventManager.Commands.Verbs;

/// <summary>The arrivals in a daemon's recording: an engine gets all recorded inputs, and its memory is read.</summary>
/// <param name="context">The command's context.</param>
/// <param name="path">The recording's path.</param>
/// <param name="header">The recording's header.</param>
internal sealed class TapeTimeline(CommandContext context, string path, RecordingHeader header)
{
    private readonly TapeFile _file = new(path, header);
    private readonly ToldEvents _told = new();

    /// <summary>Takes a line.</summary>
    /// <exception cref="IOException">The line cannot follow the previous ones.</exception>
    public void Take(ReadOnlyMemory<byte> line, long number)
    {
        context.Cancel.ThrowIfCancellationRequested();
        _file.Begun ??= static replay => replay.Memory = new EngineMemory(replay.Engine);
        _file.Take(line, number);
        if (line.Span.StartsWith("{\"kind\":\"told\""u8))
            _told.Take(line);
    }

    /// <summary>The devices that arrived.</summary>
    /// <exception cref="IOException">The recording ends too early.</exception>
    public IReadOnlyList<PlotDevice> Devices()
    {
        if (_file.Remark is { } remark)
            context.Say(remark);
        var replay = _file.Finish();
        if (replay.DifferenceCount > 0)
            context.Say($"{path}: the engine decides differently from the recording in {Counted.Of(replay.DifferenceCount, "place")}; the new decisions are shown (ueventctl replay lists the differences)");
        var memory = replay.Memory!;
        if (memory.LeftOut > 0)
            context.Say($"{path}: {Counted.Of(memory.LeftOut, "device")} left out: it has more than {EngineMemory.MostDevices:N0}");
        var all = _told.Complete(memory.Devices());
        var there = all.Count(static device => device.WasThere);
        if (there > 0)
            context.Say($"{path}: not shown: {Counted.Of(there, "device")} that existed, complete, when the daemon started");
        return [.. all.Where(static device => !device.WasThere).OrderBy(static device => device.AddUsec).Select(PlotRows.Of)];
    }
}
