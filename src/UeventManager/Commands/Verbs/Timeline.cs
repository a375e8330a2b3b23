using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.Plot;
using UeventManager.Recorder;
using UeventManager.RuleFiles;

namespace UeventManager.Commands.Verbs;

/// <summary>The content of a plot: the devices that arrived in a recording, in a daemon's recording, or while a daemon has been running.</summary>
/// <param name="Name">The name of the source.</param>
/// <param name="Kernel">The kernel's release.</param>
/// <param name="Devices">The devices.</param>
internal sealed record Timeline(string Name, string Kernel, IReadOnlyList<PlotDevice> Devices)
{
    /// <summary>Reads a recording of either kind.</summary>
    /// <exception cref="IOException">It cannot be read, or is damaged.</exception>
    public static Timeline Read(CommandContext context, string path)
    {
        TapeTimeline? tape = null;
        var file = RecordingFile.Read(path, header => header.IsOfDaemon ? (tape = new TapeTimeline(context, path, header)).Take : null);
        if (tape is not null)
        {
            SayOfRules(context);
            return new Timeline($"{Path.GetFileName(path)}, times since boot", file.World.Header.Kernel, tape.Devices());
        }
        foreach (var remark in file.Remarks())
            context.Say(remark);
        return new Timeline(Path.GetFileName(path), file.World.Header.Kernel, [.. PlotRows.Devices(file.World, Replayed(context, file.World))]);
    }

    /// <summary>Asks the running daemon: starts a recording, which begins with the daemon's memory, and ends it at once.</summary>
    /// <exception cref="IOException">The daemon does not answer.</exception>
    public static Timeline OfDaemon(CommandContext context)
    {
        SayOfRules(context);
        var path = Path.Combine(Path.GetTempPath(), $"uevents-{Guid.NewGuid():N}.ndjson");
        using var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0, Options = FileOptions.DeleteOnClose, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        using (var recording = new DaemonRecording(context, stream))
        {
            recording.Run(1, static () => { });
            if (!recording.IsWhole)
                throw new IOException("the daemon closed the connection before the end of its answer (try again)");
        }
        TapeTimeline? tape = null;
        var file = RecordingFile.Read(path, header => (tape = new TapeTimeline(context, "the daemon's memory", header)).Take);
        return new Timeline("The daemon's memory, times since boot", file.World.Header.Kernel, tape!.Devices());
    }

    private static void SayOfRules(CommandContext context)
    {
        if (context.Settings.Rules.Count > 0)
            context.Say("--rules has no effect: the daemon's memory is shown with the rules that were in force");
    }

    // Without rules nothing can be replayed, but the plot still shows late items.
    private static Replay? Replayed(CommandContext context, RecordedWorld world)
    {
        var loaded = RuleLoader.Load(context.Settings.Rules.Count > 0 ? context.Settings.Rules : RuleLoader.DefaultDirectories);
        foreach (var problem in loaded.Problems)
            context.Say($"left out: {problem}");
        if (loaded.Rules.Count == 0)
            return null;
        var replay = new Replay(world, new RuleSet(loaded.Rules));
        replay.Run(context.Cancel);
        return replay;
    }
}
