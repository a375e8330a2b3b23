using System.CommandLine;
using System.Text;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.Recorder;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl learn</c>: prints, but never installs, a rule file for files that appeared late in recordings, or appear late now.</summary>
internal static class LearnCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var recordings = new Argument<string[]>("RECORDING") { Arity = ArgumentArity.ZeroOrMore, Description = "The recordings; without one, this machine is recorded until interrupted" };
        recordings.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static token => token.Value.Length == 0))
                result.AddError("an empty path (name a recording)");
        });
        var subsystems = new Option<string[]>("--subsystem", "-s") { HelpName = "SUBSYSTEM", Description = "Select this subsystem; may be repeated" };
        var directory = new Option<string?>("--output-dir") { HelpName = "DIR", Description = "Write a file for each subsystem, learned-SUBSYSTEM.yaml, in this existing directory" };
        var duration = RecordCommand.For();
        var command = new Command("learn", "Print a rule file for names that appeared late in recordings; never installs it") { recordings, subsystems, directory, duration };
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            string[] paths = context.Parsed.GetValue(recordings) ?? [];
            string[] wanted = context.Parsed.GetValue(subsystems) ?? [];
            RecordingFile[] files = paths.Length > 0
                ? await Interruptible.Run(() => paths.Select(Read).ToArray(), context.Cancel).ConfigureAwait(false)
                : [Live(context, wanted, RecordCommand.UsecOf(context.Parsed, duration))];
            foreach (var remark in files.SelectMany(static file => file.Remarks()))
                context.Say(remark);
            RecordedWorld[] worlds = [.. files.Select(static file => file.World)];
            return Write(context, Learner.Learn(worlds, wanted), worlds, wanted, context.Parsed.GetValue(directory));
        }));
        return command;
    }

    private static int Write(CommandContext context, IReadOnlyList<LearnedFile> learned, IReadOnlyList<RecordedWorld> worlds, string[] wanted, string? directory)
    {
        List<LearnedFile> late = [.. learned.Where(static file => file.Rules.Count > 0).OrderByDescending(static file => file.Late)];
        if (late.Count == 0)
        {
            context.Say(learned.Count == 0 ? $"no device{(wanted.Length > 0 ? " of " + string.Join(" or ", wanted) : "")} was added, so there is nothing to learn (record while devices are created or plugged in)"
                : $"nothing was late on {learned.Sum(static file => file.Devices)} devices that were added ({string.Join(", ", learned.Select(static file => file.Subsystem))})");
            return ExitStatus.Failed;
        }
        if (directory is not null)
        {
            foreach (var file in late)
            {
                var path = Path.Combine(directory, $"learned-{file.Subsystem.Replace('/', '-')}.yaml");
                OutputFile.WriteAll(path, Encoding.UTF8.GetBytes(LearnedText.Of(file, worlds)));
                context.Say($"{path}: written (read it, then `ueventctl rules check` and `replay --rules`)");
            }
            return ExitStatus.Done;
        }
        foreach (var line in LearnedText.Of(late[0], worlds).TrimEnd('\n').Split('\n'))
            context.Output.Line(line);
        // A rule file has one subsystem.
        if (late.Count > 1)
            context.Say($"also late: devices of {string.Join(", ", late.Skip(1).Select(static file => file.Subsystem))} (a rule file has one subsystem: select it with -s, or write one file for each with --output-dir DIR)");
        return ExitStatus.Done;
    }

    private static RecordingFile Read(string path) =>
        RecordingFile.Read(path) is { World.Header.IsOfDaemon: false } file ? file
        : throw new IOException($"{path}: a daemon's recording has the engine's inputs, not the times of new names in sysfs (record without --daemon)");

    private static RecordingFile Live(CommandContext context, string[] subsystems, long? usec)
    {
        var filter = subsystems.Length == 0 ? null : new Client.DeviceFilter { Subsystems = subsystems };
        var options = new RecorderOptions { Header = RecordCommand.Header(isRaw: true, withValues: true, RecorderOptions.DefaultDepth, null), Filter = new RecordFilter(filter), ForUsec = usec };
        context.Say($"recording{(usec is { } time ? $" for {Duration.Format(time)}" : "; Ctrl-C ends it and prints what was learned")}: create, plug in or trigger devices now");
        return LiveRecording.Make(context, options);
    }
}
