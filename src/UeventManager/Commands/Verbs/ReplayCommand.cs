using System.CommandLine;
using System.Globalization;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.Daemon;
using UeventManager.Recorder;
using UeventManager.RuleFiles;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl replay RECORDING</c>: shows what rules would have done with the devices of a recording.</summary>
internal static class ReplayCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var recording = Recording("The recording, or - for standard input");
        var allowUnknown = new Option<bool>("--allow-unknown") { Description = "Do not fail if the rules ask for something that the recording lacks" };
        var all = new Option<bool>("--all") { Description = "Also show devices without a rule; for a recording of the daemon, each input and its effect" };
        var command = new Command("replay", "Show what rules would have done with the devices of a recording; exit with 1 if a device would have been announced incomplete") { recording, allowUnknown, all };
        command.SetAction(CommandRunner.Action(common, context =>
        {
            var (path, everything) = (context.Parsed.GetValue(recording)!, context.Parsed.GetValue(all));
            return Interruptible.Run(() => Run(context, path, everything, context.Parsed.GetValue(allowUnknown)), context.Cancel);
        }));
        return command;
    }

    private static int Run(CommandContext context, string path, bool all, bool allowUnknown)
    {
        DaemonReplay? daemon = null;
        var file = RecordingFile.Read(path, header =>
        {
            if (!header.IsOfDaemon)
                return null;
            if (context.Settings.Rules.Count > 0)
                throw new IOException($"{path}: a daemon's recording is replayed with its own rules (leave out --rules; other rules can be tried on a recording without --daemon)");
            daemon = new DaemonReplay(context, path, header, all);
            return daemon.Take;
        });
        if (daemon is not null)
            return daemon.Finish();
        foreach (var remark in file.Remarks())
            context.Say(remark);
        var directories = context.Settings.Rules.Count > 0 ? context.Settings.Rules : RuleLoader.DefaultDirectories;
        var loaded = RuleLoader.Load(directories);
        foreach (var problem in loaded.Problems)
            context.Say($"left out: {problem}");
        if (loaded is { Problems.Count: 0, Rules.Count: 0 })
            context.Say($"there is no rule; searched: {RuleDirectories.Searched(directories)} ({RuleDirectories.Remedy})");
        var replay = new Replay(file.World, new RuleSet(loaded.Rules));
        replay.Run(context.Cancel);
        Write(context, replay, all);
        var isUnknown = replay.Unknown.Count > 0 && !allowUnknown;
        var isBad = loaded.Problems.Any(static problem => !problem.IsWarning) || isUnknown || replay.UnsettledChanges.Count > 0 || replay.Unmatched.Any() || replay.UnmetRules.Any()
            || replay.Devices.Any(static device => device.Outcome == ReplayOutcome.Incomplete) || !replay.Devices.Any(static device => device.IsTested);
        return isBad ? ExitStatus.Failed : ExitStatus.Done;
    }

    /// <summary>The recording argument of a command.</summary>
    public static Argument<string> Recording(string description)
    {
        var argument = new Argument<string>("RECORDING") { Description = description };
        argument.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static token => token.Value.Length == 0))
                result.AddError("an empty path (name a recording)");
        });
        return argument;
    }

    private static void Write(CommandContext context, Replay replay, bool all)
    {
        var shown = replay.Devices.Where(device => all || device.Outcome != ReplayOutcome.NoRule || device.Missing.Count > 0).ToList();
        if (context.Settings.Json)
        {
            foreach (var device in shown)
                context.Output.Line(Json(device));
            foreach (var unknown in replay.Unknown)
                context.Output.Line(Json(unknown));
            return;
        }
        var columns = new Columns();
        if (shown.Count > 0)
            columns.Add("DEVICE", "RULE", "COMPLETE", "ANNOUNCED", "LATE", "OUTCOME");
        foreach (var device in shown)
            columns.Add($"{device.Subsystem}:{device.DevPath[(device.DevPath.LastIndexOf('/') + 1)..]}", device.Rule ?? "-", device.Arrival is null ? "?" : After(device, device.CompleteUsec), After(device, device.AnnouncedUsec), Late(device), Outcome(device));
        foreach (var line in columns.Lines())
            context.Output.Line(line);
        foreach (var rule in replay.UnmetRules)
            context.Output.Line($"a rule announced none of its devices: {rule}");
        foreach (var change in replay.UnsettledChanges)
            context.Output.Line($"a change was delivered unsettled: {change}");
        foreach (var unknown in replay.Unknown)
            context.Output.Line($"not in the recording: {unknown.DevPath}{(unknown.Rule is { } rule ? $" ({rule})" : "")}: {unknown.Question}");
        context.Output.Line(Summary(replay));
    }

    private static string Summary(Replay replay)
    {
        var counts = replay.Devices.CountBy(static device => device.Outcome).ToDictionary();
        int Of(ReplayOutcome outcome) => counts.GetValueOrDefault(outcome);
        var late = replay.Devices.Where(static device => device.Outcome == ReplayOutcome.Complete).Select(static device => device.AnnouncedUsec!.Value - device.CompleteUsec).Order().ToList();
        var delays = late.Count == 0 ? "" : $" (p50 {Milliseconds(late[late.Count / 2])}, worst {Milliseconds(late[^1])} after that)";
        var tested = replay.Devices.Count(static device => device.IsTested);
        return $"{Counted.Of(replay.Devices.Count, "device")} arrived, {tested} tested: {Of(ReplayOutcome.Complete)} announced complete{delays}, {Of(ReplayOutcome.Incomplete)} INCOMPLETE, {Of(ReplayOutcome.Held)} held, {Of(ReplayOutcome.Dropped)} dropped, {Of(ReplayOutcome.Gone)} gone before, {Of(ReplayOutcome.Waiting)} still waiting, {Of(ReplayOutcome.NoRule)} without a rule"
            + (tested > 0 ? "" : replay.Devices.Count == 0 ? " (nothing was tested: no device was added)" : " (nothing was tested: no rule announced any of these devices)");
    }

    private static string After(ReplayedDevice device, long? usec) => usec is { } at ? Milliseconds(at - device.ArrivedUsec) : "-";

    private static string Late(ReplayedDevice device) =>
        device is { AnnouncedUsec: { } announced, Arrival: not null } ? Milliseconds(announced - device.CompleteUsec) : "-";

    private static string Milliseconds(long usec) => (usec / 1000.0).ToString("0.0## ms", CultureInfo.InvariantCulture);

    private static string Outcome(ReplayedDevice device)
    {
        var word = device.Outcome switch
        {
            ReplayOutcome.Complete => "complete",
            ReplayOutcome.Incomplete => "INCOMPLETE",
            ReplayOutcome.Held => "held",
            ReplayOutcome.Dropped => "dropped",
            ReplayOutcome.Gone => "gone before",
            ReplayOutcome.Waiting => "still waiting",
            _ => device.Missing.Count == 0 ? "no rule" : "no rule, INCOMPLETE",
        };
        return device.Missing.Count == 0 ? word : $"{word}: {string.Join("; ", device.Missing)}";
    }

    private static byte[] Json(ReplayedDevice device) => JsonLine.Object(json =>
    {
        json.WriteString("devpath"u8, device.DevPath);
        json.WriteString("subsystem"u8, device.Subsystem);
        if (device.Rule is { } rule)
            json.WriteString("rule"u8, rule);
        json.WriteString("outcome"u8, device.Outcome switch { ReplayOutcome.NoRule => "noRule", var other => other.ToString().ToLowerInvariant() });
        json.WriteNumber("arrivedUsec"u8, device.ArrivedUsec);
        if (device.Arrival is not null)
            json.WriteNumber("completeUsec"u8, device.CompleteUsec);
        if (device.AnnouncedUsec is { } announced)
            json.WriteNumber("announcedUsec"u8, announced);
        JsonLine.WriteTexts(json, "missing", device.Missing);
    });

    private static byte[] Json(UnknownAnswer unknown) => JsonLine.Object(json =>
    {
        json.WriteStartObject("unknown"u8);
        json.WriteString("devpath"u8, unknown.DevPath);
        if (unknown.Rule is { } rule)
            json.WriteString("rule"u8, rule);
        json.WriteString("question"u8, unknown.Question);
        json.WriteEndObject();
    });
}
