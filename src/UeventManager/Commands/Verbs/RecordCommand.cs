using System.CommandLine;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Recording;
using UeventManager.Core.Rules;
using UeventManager.Daemon;
using UeventManager.Daemon.Edge;
using UeventManager.Recorder;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl record</c>: what the kernel says, and what appears in sysfs when; without a daemon.</summary>
internal static class RecordCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var output = Output("The file to write; an existing file is overwritten (without it standard output)");
        var filters = new FilterOptions(FilterUse.Recorded);
        var duration = For();
        var values = new Option<bool>("--values") { Description = "Also read the values of attributes, which runs code of drivers; a read that hangs does no harm" };
        var raw = new Option<bool>("--raw") { Description = "Keep serial numbers, MAC addresses, WWNs and UUIDs; otherwise pseudonyms replace them" };
        var depth = new Option<string>("--depth") { HelpName = "N", Description = "How many components names below a device may have, 1 to 6", DefaultValueFactory = static _ => RecorderOptions.DefaultDepth.ToString(CultureInfo.InvariantCulture) };
        depth.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 6))
                result.AddError($"--depth: '{text}' is not a number from 1 to 6");
        });
        var daemon = new Option<bool>("--daemon") { Description = "Record the inputs of the running daemon's engine, raw (root or the daemon's user)" };
        var pseudonyms = new Option<string?>("--pseudonyms") { HelpName = "IN", Description = "Record nothing; write the recording IN to OUT with pseudonyms" };
        var written = new Argument<string?>("OUT") { HelpName = "OUT", Arity = ArgumentArity.ZeroOrOne, Description = "The file that --pseudonyms writes (default: standard output)" };
        var command = new Command("record", "Record uevents, and what appears in sysfs when; needs no daemon") { output, duration, values, raw, depth, daemon, pseudonyms, written };
        filters.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(daemon) && (filters.AreGiven(result) || new Option[] { values, raw, depth }.Any(option => result.GetResult(option) is { Implicit: false })))
                result.AddError("--daemon: what the daemon is told is recorded whole and raw (leave out --filter, -s, -d, --values, --raw and --depth)");
        });
        command.Validators.Add(result =>
        {
            if (result.GetResult(pseudonyms) is not { Implicit: false } ? result.GetResult(written) is { Tokens.Count: > 0 } : filters.AreGiven(result) || new Option[] { output, duration, values, raw, depth, daemon }.Any(option => result.GetResult(option) is { Implicit: false }))
                result.AddError("OUT is for --pseudonyms IN OUT, which takes no other option (a recording goes to a file by -o)");
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
            if (path is null && context.Output.IsTerminal)
            {
                context.Say("a recording is nothing to be read on a terminal (name a file: -o FILE, or pipe it)");
                return ExitStatus.Usage;
            }
            var isPrivate = parsed.GetValue(daemon) || parsed.GetValue(raw);
            // A raw file describes a machine's hardware to everybody who can read it, so only its owner may.
            using var stream = path is null ? new OutputStream(context.Output) : await Interruptible.Run(() => (Stream)OutputFile.Open(path, isPrivate ? OutputFile.Private : OutputFile.Public), context.Cancel).ConfigureAwait(false);
            if (parsed.GetValue(daemon))
                return RunDaemon(context, UsecOf(parsed, duration), path, stream);
            var selected = filters.Read(parsed);
            var isRaw = parsed.GetValue(raw);
            var options = new RecorderOptions
            {
                Header = Header(isRaw, parsed.GetValue(values), int.Parse(parsed.GetValue(depth)!, CultureInfo.InvariantCulture), selected is null ? null : filters.Text(parsed)),
                Filter = new RecordFilter(selected),
                Pseudonyms = isRaw ? null : new Pseudonyms(RandomNumberGenerator.GetBytes(32)),
                ForUsec = UsecOf(parsed, duration),
            };
            return Run(context, options, path, stream);
        }));
        return command;
    }

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

    /// <summary>What it says, in microseconds; null if it is not given.</summary>
    public static long? UsecOf(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is { } text && Duration.TryParseOption(text, out var usec) ? usec : null;

    /// <summary>A header as of this machine.</summary>
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
            context.Say($"{path ?? "standard output"}: {OutputFile.Explain(failure.InnerException ?? failure)} (what was written until then can be read)");
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
        catch (IOException e) when (path is not null)
        {
            context.Say($"{path}: {OutputFile.Explain(e)} (what was written until then can be read)");
            return ExitStatus.Failed;
        }
        screen?.ShowHere([]);
        context.Say(recording.Text("recorded", path ?? "standard output"));
        if (recording.IsWhole && recording.Why is null)
            return ExitStatus.Done;
        context.Say(recording.Why ?? "the connection was lost: the recording ends in the middle, and can be read up to there");
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
