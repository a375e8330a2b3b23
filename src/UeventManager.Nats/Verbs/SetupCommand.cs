using System.CommandLine;
using System.Globalization;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using UeventManager.Commands;
using UeventManager.Fleet;

namespace UeventManager.Nats.Verbs;

/// <summary><c>uevent-nats setup</c>: creates the stream, or reports how it differs from the required configuration.</summary>
internal static class SetupCommand
{
    private const int NoStream = 10059;

    /// <summary>Builds the command.</summary>
    public static Command Build()
    {
        var settings = new NatsSettings();
        var broker = new BrokerSettings(NatsSettings.Variable);
        Option<string> keep = Number("--keep", "N", "The number of messages kept for each device [default: 16]", 1);
        Option<string> bytes = Number("--max-bytes", "BYTES", "The stream's largest size [default: the server's limit]", 1 << 20);
        Option<string> replicas = Number("--replicas", "N", "The number of servers of a cluster that store the stream: 1, 3 or 5 [default: 1]", 1);
        var check = new Option<bool>("--check") { Description = "Change nothing; only report what is not configured as required" };
        var command = new Command("setup", "Create the stream, or check the existing one") { keep, bytes, replicas, check };
        broker.AddTo(command);
        command.SetAction(NatsRunner.ConnectedAction(settings, broker, async (context, options, nats) =>
        {
            var wanted = new FleetStream
            {
                Name = options.Stream,
                Keep = Of(context.Parsed.GetValue(keep)) ?? new FleetStream().Keep,
                MaxBytes = Of(context.Parsed.GetValue(bytes)) ?? -1,
                Replicas = (int)(Of(context.Parsed.GetValue(replicas)) ?? 1),
            };
            var js = new NatsJSContext(nats);
            StreamConfig? found = await FindAsync(js, options.Stream, context.Cancel).ConfigureAwait(false);
            if (found is null)
            {
                if (context.Parsed.GetValue(check))
                {
                    context.Say($"there is no stream {options.Stream} (without --check it is created)");
                    return ExitStatus.Failed;
                }
                await js.CreateStreamAsync(wanted.ToConfig(), context.Cancel).ConfigureAwait(false);
                context.Output.Line($"created the stream {options.Stream} for {FleetSubjects.All}");
                return ExitStatus.Done;
            }
            // Options that are not given stay as they are.
            wanted = wanted with
            {
                Keep = Of(context.Parsed.GetValue(keep)) ?? found.MaxMsgsPerSubject,
                MaxBytes = Of(context.Parsed.GetValue(bytes)) ?? found.MaxBytes,
                Replicas = (int)(Of(context.Parsed.GetValue(replicas)) ?? found.NumReplicas),
            };
            string[] faults = [.. FleetStream.Faults(found)], differences = [.. wanted.Differences(found)];
            if (faults.Length == 0 && (differences.Length == 0 || context.Parsed.GetValue(check)))
            {
                foreach (string difference in differences)
                    context.Output.Line($"{options.Stream}: {difference}");
                context.Output.Line($"the stream {options.Stream} is configured as required");
                return ExitStatus.Done;
            }
            if (faults.Length > 0)
            {
                foreach (string fault in faults.Concat(differences))
                    context.Say($"{options.Stream}: {fault}");
                return ExitStatus.Failed;
            }
            found.MaxMsgsPerSubject = wanted.Keep;
            found.MaxBytes = wanted.MaxBytes;
            found.NumReplicas = wanted.Replicas;
            await js.UpdateStreamAsync(found, context.Cancel).ConfigureAwait(false);
            context.Output.Line($"changed the stream {options.Stream}: {string.Join("; ", differences)}");
            return ExitStatus.Done;
        }));
        return command;
    }

    private static async Task<StreamConfig?> FindAsync(NatsJSContext js, string name, CancellationToken cancel)
    {
        try
        {
            return (await js.GetStreamAsync(name, cancellationToken: cancel).ConfigureAwait(false)).Info.Config;
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == NoStream)
        {
            return null;
        }
    }

    private static Option<string> Number(string name, string value, string text, long least)
    {
        var option = new Option<string>(name) { HelpName = value, Description = text };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !(Of(given) >= least))
                result.AddError($"{name}: '{given}' is not a number from {least} on");
        });
        return option;
    }

    private static long? Of(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
