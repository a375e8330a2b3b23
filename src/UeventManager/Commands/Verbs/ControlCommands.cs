using System.CommandLine;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl release DEVICE</c>, <c>reload</c> and <c>metrics</c>: one call each.</summary>
internal static class ControlCommands
{
    /// <summary>Builds <c>release</c>.</summary>
    public static Command Release(CommonOptions common)
    {
        var device = WaitOptions.Device();
        var command = new Command("release", "Announce a waiting or held device now, unsettled (root or the daemon's user)") { device };
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            string name = DeviceName.Normalize(context.Parsed.GetRequiredValue(device), context.Settings);
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            if (!await client.ReleaseAsync(name, context.Cancel).ConfigureAwait(false))
                context.Say($"{name} is announced already; nothing was released");
            return ExitStatus.Done;
        }));
        return command;
    }

    /// <summary>Builds <c>reload</c>.</summary>
    public static Command Reload(CommonOptions common)
    {
        var command = new Command("reload", "Make the daemon read its rules again; with an error it keeps the old ones (root or the daemon's user)");
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            try
            {
                long rules = await client.ReloadAsync(context.Cancel).ConfigureAwait(false);
                context.Output.Line(context.Settings.Json ? $"{{\"rules\":{rules}}}" : $"{Counted.Of(rules, "rule")} in force");
                return ExitStatus.Done;
            }
            catch (RulesInvalidException e)
            {
                if (context.Settings.Json)
                    context.Output.Line(JsonLine.Texts("errors", e.Errors));
                foreach (string error in e.Errors)
                    context.Say(error);
                context.Say("not reloaded: the old rules stay in force (correct the files, then reload again)");
                return ExitStatus.Failed;
            }
        }));
        return command;
    }

    /// <summary>Builds <c>metrics</c>.</summary>
    public static Command Metrics(CommonOptions common)
    {
        var format = new Option<string>("--format") { HelpName = "FORMAT", Description = "prometheus (the text format 0.0.4) or openmetrics", DefaultValueFactory = _ => "prometheus" };
        format.Only("prometheus", "openmetrics");
        var command = new Command("metrics", "Print the daemon's metrics as Prometheus text, for a textfile collector") { format };
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            MetricsFormat wanted = context.Parsed.GetValue(format) == "openmetrics" ? MetricsFormat.OpenMetrics : MetricsFormat.Prometheus;
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            string text = await client.MetricsAsync(wanted, context.Cancel).ConfigureAwait(false);
            if (context.Settings.Json)
                context.Output.Line(JsonLine.Object(json => json.WriteString("text"u8, text)));
            foreach (string line in context.Settings.Json ? [] : text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                context.Output.Line(line);
            return ExitStatus.Done;
        }));
        return command;
    }
}
