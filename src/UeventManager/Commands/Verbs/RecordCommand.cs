using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.Daemon;
using UeventManager.Daemon.Edge;
using UeventManager.Recorder;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl record</c>: records the kernel's uevents, and when files appear in sysfs; without a daemon.</summary>
internal static class RecordCommand
{
    private const string Umockdev = "umockdev";

    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var output = Output("The file to write; an existing file is overwritten [default: standard output]");
        var filters = new FilterOptions(FilterUse.Recorded);
        var duration = For();
        var values = new Option<bool>("--values") { Description = "Also read attributes, which runs drivers' code; a read that hangs does no harm" };
        var raw = new Option<bool>("--raw") { Description = "Keep serial numbers, MAC addresses, WWNs and UUIDs; otherwise pseudonyms replace them" };
        var depth = new Option<string>("--depth") { HelpName = "N", Description = "The most components of a name below a device, 1 to 6", DefaultValueFactory = static _ => RecorderOptions.DefaultDepth.ToString(CultureInfo.InvariantCulture) };
        depth.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 6))
                result.AddError($"--depth: '{text}' is not a number from 1 to 6");
        });
        var daemon = new Option<bool>("--daemon") { Description = "Record the inputs of the running daemon's engine, raw (root or the daemon's user)" };
        var pseudonyms = new Option<string?>("--pseudonyms") { HelpName = "IN", Description = "Record nothing; copy the recording IN to OUT, with pseudonyms" };
        var fromUmockdev = new Option<string?>("--from-umockdev") { HelpName = "IN", Description = "Record nothing; write the device description IN as files to the new directory OUT, for rules test --sysfs" };
        var format = new Option<string?>("--format") { HelpName = "FORMAT", Description = "umockdev: write a device description for umockdev-run instead of a recording, from the recording IN or from this machine" };
        format.AcceptOnlyFromAmong(Umockdev);
        var written = new Argument<string?>("PATH") { Arity = ArgumentArity.ZeroOrOne, Description = "The file that --pseudonyms writes [default: standard output], the directory that --from-umockdev writes, or the recording that --format umockdev describes" };
        var command = new Command("record", "Record uevents, and when names appear in sysfs; needs no daemon") { output, duration, values, raw, depth, daemon, pseudonyms, fromUmockdev, format, written };
        filters.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(daemon) && (filters.AreGiven(result) || new Option[] { values, raw, depth }.Any(option => result.GetResult(option) is { Implicit: false })))
                result.AddError("--daemon always records everything, raw (leave out --filter, -s, -d, --values, --raw and --depth)");
        });
        command.Validators.Add(result =>
        {
            bool Given(Option option) => result.GetResult(option) is { Implicit: false };
            var isNamed = result.GetResult(written) is { Tokens.Count: > 0 };
            if (Given(pseudonyms) && (filters.AreGiven(result) || new Option[] { output, duration, values, raw, depth, daemon, fromUmockdev, format }.Any(Given)))
                result.AddError("--pseudonyms IN OUT takes no other option");
            else if (Given(fromUmockdev) && (filters.AreGiven(result) || new Option[] { duration, values, raw, depth, daemon, format }.Any(Given) || isNamed == Given(output)))
                result.AddError("--from-umockdev IN DIR takes no other option (DIR is the directory to create)");
            else if (Given(format) && (new Option[] { values, daemon }.Any(Given) || (isNamed && new Option[] { duration, raw, depth }.Any(Given))))
                result.AddError(isNamed ? "--format umockdev RECORDING takes only -o and filters" : "--format umockdev always reads values, and needs no daemon (leave out --values and --daemon)");
            else if (isNamed && !Given(pseudonyms) && !Given(fromUmockdev) && !Given(format))
                result.AddError("OUT is for --pseudonyms IN OUT and --from-umockdev IN DIR (-o names the file of a recording)");
        });
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            var parsed = context.Parsed;
            var path = parsed.GetValue(output) ?? parsed.GetValue(written);
            if (parsed.GetValue(pseudonyms) is { } source)
            {
                if (path is not null && Path.GetFullPath(path) == Path.GetFullPath(source))
                    throw new IOException($"{path}: it would be overwritten before it is read (name another file)");
                using var whole = path is null ? new OutputStream(context.Output) : await Interruptible.Run(() => (Stream)OutputFile.Open(path), context.Cancel).ConfigureAwait(false);
                return await Interruptible.Run(() => new RecordingPseudonyms(context, whole).Run(source), context.Cancel).ConfigureAwait(false);
            }
            if (parsed.GetValue(fromUmockdev) is { } description)
                return await Interruptible.Run(() => new UmockdevTree(context).Make(description, path!), context.Cancel).ConfigureAwait(false);
            var selected = filters.Read(parsed);
            var isRaw = parsed.GetValue(raw);
            var options = new RecorderOptions
            {
                Header = Header(isRaw, parsed.GetValue(values) || parsed.GetValue(format) is not null, int.Parse(parsed.GetValue(depth)!, CultureInfo.InvariantCulture), selected is null ? null : filters.Text(parsed)),
                Filter = new RecordFilter(selected),
                Pseudonyms = isRaw ? null : RecordingPseudonyms.New(),
                ForUsec = UsecOf(parsed, duration),
                EndsWithTree = parsed.GetValue(format) is not null && UsecOf(parsed, duration) is null,
            };
            if (parsed.GetValue(format) is not null)
                return await Interruptible.Run(() => new UmockdevTree(context).Describe(Described(context, parsed.GetValue(written), options), options.Filter, parsed.GetValue(output)), context.Cancel).ConfigureAwait(false);
            if (path is null && context.Output.IsTerminal)
            {
                context.Say("a recording is not readable on a terminal (name a file: -o FILE, or pipe it)");
                return ExitStatus.Usage;
            }
            var isPrivate = parsed.GetValue(daemon) || parsed.GetValue(raw);
            // A raw file describes a machine's hardware, so only its owner may read it.
            using var stream = path is null ? new OutputStream(context.Output) : await Interruptible.Run(() => (Stream)OutputFile.Open(path, isPrivate ? OutputFile.Private : OutputFile.Public), context.Cancel).ConfigureAwait(false);
            if (parsed.GetValue(daemon))
                return RunDaemon(context, UsecOf(parsed, duration), path, stream);
            return Run(context, options, path, stream);
        }));
        return command;
    }

    private static RecordingFile Described(CommandContext context, string? path, RecorderOptions options) =>
        path is null ? LiveRecording.Make(context, options)
        : RecordingFile.Read(path) is { World.Header.IsOfDaemon: false } file ? file
        : throw new IOException($"{path}: a daemon's recording has the engine's inputs, not the content of sysfs (record without --daemon)");

    /// <summary><c>--for</c>.</summary>
    public static Option<string?> For()
    {
        var option = new Option<string?>("--for") { HelpName = "TIME", Description = "End after this time: 500ms, 30s, 2min; without it when interrupted" };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!Duration.TryParseOption(text, out var usec) || usec == 0))
                result.AddError($"--for: '{text}' is not a time ({Duration.Hint(text) ?? "write for example 500ms, 30s or 2min"})");
        });
        return option;
    }

    /// <summary>The option's value in microseconds; null if it is not given.</summary>
    public static long? UsecOf(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is { } text && Duration.TryParseOption(text, out var usec) ? usec : null;

    /// <summary>A header for this machine.</summary>
    public static RecordingHeader Header(bool isRaw, bool withValues, int depth, string? filter) => new()
    {
        Kernel = KernelRelease.Text,
        Machine = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        Program = $"ueventctl {Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}",
        IsPseudonymous = !isRaw,
        HasValues = withValues,
        Depth = depth,
        Filter = filter,
    };

    /// <summary><c>--output</c>.</summary>
    public static Option<string?> Output(string description)
    {
        var option = new Option<string?>("--output", "-o") { HelpName = "PATH", Description = description };
        option.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static token => token.Value.Length == 0))
                result.AddError("--output: an empty path (name a file)");
        });
        return option;
    }

    private static int Run(CommandContext context, RecorderOptions options, string? path, Stream stream)
    {
        var tree = SysfsRoot.Open(DaemonCommand.Options(context.Settings));
        using var session = new RecorderSession(tree, options, stream);
        var screen = path is not null && context.Output.IsTerminal ? context.NewScreen() : null;
        session.Run(() => screen?.ShowHere([Line(session, "recording", path!), "Ctrl-C ends"]), context.Cancel);
        screen?.ShowHere([]);
        if (session.Failure is OutputClosedException)
            return ExitStatus.Done;
        if (session.Failure is { } failure)
        {
            context.Say($"{path ?? "standard output"}: {OutputFile.Explain(failure.InnerException ?? failure)} (the part written so far can be read)");
            return ExitStatus.Failed;
        }
        context.Say(Line(session, "recorded", path ?? "standard output"));
        return ExitStatus.Done;
    }

    private static string Line(RecorderSession session, string what, string where)
    {
        var seconds = (Monotonic.NowUsec - session.StartedUsec) / 1e6;
        var watched = session.Watched;
        return string.Create(CultureInfo.InvariantCulture, $"{what} {seconds:0.0} s: {Counted.Of(session.Uevents, "uevent")}, {Counted.Of(watched.Arrived, "new device")}, {Counted.Of(watched.Appeared, "name")} appeared in {Counted.Of(watched.Looks, "look")}{(session.Lost > 0 ? $", {session.Lost} uevents LOST" : "")}, {session.Bytes / 1024.0:0} KiB to {where}");
    }

    private static int RunDaemon(CommandContext context, long? usec, string? path, Stream stream)
    {
        using var recording = new DaemonRecording(context, stream);
        var screen = path is not null && context.Output.IsTerminal ? context.NewScreen() : null;
        try
        {
            recording.Run(usec, () => screen?.ShowHere([recording.Text("recording", path!), "Ctrl-C ends"]));
        }
        catch (IOException e) when (path is not null && e is not DaemonUnreachableException)
        {
            context.Say($"{path}: {OutputFile.Explain(e)} (the part written so far can be read)");
            return ExitStatus.Failed;
        }
        screen?.ShowHere([]);
        context.Say(recording.Text("recorded", path ?? "standard output"));
        if (recording.IsWhole && recording.Why is null)
            return ExitStatus.Done;
        context.Say(recording.Why ?? "the connection was lost: the recording is incomplete, but can be read up to its last line");
        return ExitStatus.Failed;
    }

    /// <summary>Standard output as a stream.</summary>
    private sealed class OutputStream(TextOutput output) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => output.Flush();

        public override void Write(byte[] buffer, int offset, int count) => output.Bytes(buffer.AsSpan(offset, count));

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
