using System.CommandLine;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Rules;
using UeventManager.Plot;
using UeventManager.Recorder;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl plot [RECORDING]</c>: a timeline of the devices that arrived.</summary>
internal static class PlotCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var recording = new Argument<string?>("RECORDING") { Arity = ArgumentArity.ZeroOrOne, Description = "The recording, or - for standard input [default: the memory of the running daemon]" };
        recording.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static token => token.Value.Length == 0))
                result.AddError("an empty path (name a recording)");
        });
        var output = RecordCommand.Output("The file to write; an existing file is overwritten [default: standard output]");
        var format = new Option<string?>("--format") { HelpName = "FORMAT", Description = "svg, html (with search and zoom, in one file) or perfetto (trace event JSON for Perfetto's UI) [default: svg, or what the output file's name says]" };
        format.AcceptOnlyFromAmong("svg", "html", "perfetto");
        var table = new Option<bool>("--table") { Description = "Print a table instead" };
        var (from, to) = (Time("--from", "Only devices that were added after this time of the recording (for a daemon, since boot)"), Time("--to", "Only devices that were added before this time of the recording (for a daemon, since boot)"));
        var filters = new FilterOptions(FilterUse.Recorded);
        var command = new Command("plot", "Draw a timeline of the devices in a recording, or in the running daemon's memory: when they were added, complete and announced") { recording, output, format, table, from, to };
        filters.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(table) && (result.GetResult(format) is { Implicit: false } || result.GetResult(output) is { Implicit: false }))
                result.AddError("--table: a table is text on standard output (leave out --format and --output)");
        });
        command.SetAction(CommandRunner.Action(common, context => Interruptible.Run(() =>
        {
            var parsed = context.Parsed;
            var timeline = parsed.GetValue(recording) is { } path ? Timeline.Read(context, path) : Timeline.OfDaemon(context);
            var filter = new RecordFilter(filters.Read(parsed));
            var (first, last) = (UsecOf(parsed, from) ?? 0, UsecOf(parsed, to) ?? long.MaxValue);
            var devices = timeline.Devices.Where(device => device.AddUsec >= first && device.AddUsec <= last && filter.Wants(device.Subsystem, device.DevPath, device.Property)).ToList();
            if (devices.Count == 0)
            {
                context.Say($"{timeline.Name}: no device to show{(timeline.Devices.Count > 0 ? $" (of {Counted.Of(timeline.Devices.Count, "device")}, added from {SvgPlot.Moment(timeline.Devices.Min(static device => device.AddUsec))} to {SvgPlot.Moment(timeline.Devices.Max(static device => device.AddUsec))}: see --filter, --from and --to)" : "")}");
                return ExitStatus.Failed;
            }
            if (parsed.GetValue(table))
                WriteTable(context, devices);
            else
                Write(context, Picture(devices, timeline, FormatOf(parsed.GetValue(format), parsed.GetValue(output))), parsed.GetValue(output));
            return ExitStatus.Done;
        }, context.Cancel)));
        return command;
    }

    private static string FormatOf(string? given, string? path) => given ?? Path.GetExtension(path)?.ToLowerInvariant() switch
    {
        ".html" or ".htm" => "html",
        ".json" => "perfetto",
        _ => "svg",
    };

    private static Option<string?> Time(string name, string description)
    {
        var option = new Option<string?>(name) { HelpName = "TIME", Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Duration.TryParseOption(text, out _))
                result.AddError($"{name}: '{text}' is not a time ({Duration.Hint(text) ?? "write for example 500ms, 30s or 2min"})");
        });
        return option;
    }

    private static long? UsecOf(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is { } text && Duration.TryParseOption(text, out var usec) ? usec : null;

    private static byte[] Picture(List<PlotDevice> devices, Timeline timeline, string format)
    {
        if (format == "perfetto")
            return PerfettoTrace.Of(devices);
        var title = $"{timeline.Name}: {Counted.Of(devices.Count, "device")}, kernel {timeline.Kernel}";
        var svg = new SvgPlot(PlotRows.Of(devices), title).Draw();
        return System.Text.Encoding.UTF8.GetBytes(format == "html" ? HtmlPlot.Of(svg, title) : svg);
    }

    private static void Write(CommandContext context, byte[] picture, string? path)
    {
        if (path is null)
        {
            context.Output.Bytes(picture);
            return;
        }
        OutputFile.WriteAll(path, picture);
    }

    private static void WriteTable(CommandContext context, List<PlotDevice> devices)
    {
        var columns = new Columns();
        columns.Add("ADDED", "DEVICE", "COMPLETE", "ANNOUNCED", "WHAT APPEARED");
        foreach (var device in devices)
        {
            columns.Add(SvgPlot.Moment(device.AddUsec), device.Name, "+" + SvgPlot.Time(device.CompleteUsec - device.AddUsec), device.AnnouncedUsec is { } announced ? "+" + SvgPlot.Time(announced - device.AddUsec) : "-",
                string.Join(", ", device.Items.Select(item => $"{item.Name} +{SvgPlot.Time(item.AtUsec - device.AddUsec)}")));
        }
        foreach (var line in columns.Lines())
            context.Output.Line(line);
    }
}
