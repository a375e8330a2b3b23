using System.CommandLine;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using UeventManager.Client;
using UeventManager.Commands;
using UeventManager.Core.Rules;
using UeventManager.Fleet;
using UeventManager.Nats.Bridge;

namespace UeventManager.Nats.Verbs;

/// <summary><c>uevent-nats prune</c>: purges the messages of removed devices, and on request those of hosts that are gone.</summary>
internal static class PruneCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build()
    {
        var settings = new NatsSettings();
        var broker = new BrokerSettings(NatsSettings.Variable);
        var hosts = new HostOption("Purge everything of this host if it was silent for that time; globs, such as 'rack7-*'");
        var older = new Option<string>("--older") { HelpName = "TIME", Description = "How long a device must have been gone, or a host silent", DefaultValueFactory = _ => "1h" };
        older.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Duration.TryParseOption(text, out _))
                result.AddError($"--older: '{text}' is not a time ({Duration.Hint(text) ?? "write for example 10min, 1h or 24h"})");
        });
        var dry = new Option<bool>("--dry-run") { Description = "Purge nothing; only print what would be purged" };
        var command = new Command("prune", "Purge the messages of removed devices, and with --host those of hosts that are gone") { older, dry };
        hosts.AddTo(command);
        settings.AddOutputTo(command);
        broker.AddTo(command);
        command.SetAction(NatsRunner.ConnectedAction(settings, broker, async (context, options, nats) =>
        {
            long usec = Duration.TryParseOption(context.Parsed.GetValue(older)!, out long given) ? given : 0;
            DateTimeOffset before = DateTimeOffset.UtcNow - TimeSpan.FromMicroseconds(usec);
            await StreamCheck.RequireAsync(nats, options, context.Cancel).ConfigureAwait(false);
            (List<Remains> remains, string[] refused) = await FindAsync(new FleetReader(nats, options.Stream), hosts.Read(context.Parsed), before, context.Cancel).ConfigureAwait(false);
            foreach (string host in refused)
                context.Say($"{host}: it was not silent for that long (stop its bridge, or give a shorter time with --older)");
            bool isDry = context.Parsed.GetValue(dry);
            var js = new NatsJSContext(nats);
            var notices = new PruneNotices(js);
            foreach (IGrouping<string, Remains> host in remains.GroupBy(static one => one.Host, StringComparer.Ordinal))
            {
                if (!isDry)
                    await notices.BeforeAsync(host.Key, host.Max(static one => one.Sequence), context.Cancel).ConfigureAwait(false);
            }
            foreach (Remains one in remains)
            {
                // Only up to the sequence that was read, so that later messages stay.
                if (!isDry)
                {
                    await js.PurgeStreamAsync(options.Stream, new StreamPurgeRequest { Filter = one.Filter, Seq = one.Sequence + 1 }, context.Cancel).ConfigureAwait(false);
                    await notices.AfterAsync(one.Host, one.Sequence, one.IsWhole, context.Cancel).ConfigureAwait(false);
                }
                if (context.Settings.Json)
                    context.Output.Line(Commands.Terminal.JsonLine.Object(json =>
                    {
                        json.WriteString("host", one.Host);
                        json.WriteString("subject", one.Filter);
                    }));
                else
                    context.Output.Line($"{(isDry ? "would purge" : "purged")} {one.Filter}");
            }
            return refused.Length > 0 ? ExitStatus.Failed : ExitStatus.Done;
        }));
        return command;
    }

    private static async Task<(List<Remains> Remains, string[] Refused)> FindAsync(FleetReader reader, IReadOnlyList<string> globs, DateTimeOffset before, CancellationToken cancel)
    {
        var devices = new List<Remains>();
        var newest = new Dictionary<string, (ulong Sequence, DateTimeOffset Time)>(StringComparer.Ordinal);
        await foreach (ReaderItem item in reader.FollowAsync(FleetSubjects.All, default, null, cancel).ConfigureAwait(false))
        {
            if (item.Message is { IsPruned: false } message)
            {
                string host = FleetSubjects.Decode(FleetSubjects.HostPart(message.Subject));
                newest[host] = (message.Sequence, message.Time);
                if (globs.Count == 0 && message.IsGone && message.IsDevice && message.Time < before)
                    devices.Add(new Remains(host, message.Subject, message.Sequence, false));
            }
            if (item.Pending <= 0)
                break;
        }
        if (globs.Count == 0)
            return (devices, []);
        var wanted = newest.Where(host => globs.Any(glob => NameGlob.Matches(glob, host.Key))).OrderBy(static host => host.Key, StringComparer.Ordinal).ToArray();
        return (
            [.. wanted.Where(host => host.Value.Time < before).Select(static host => new Remains(host.Key, FleetSubjects.OfHost(host.Key), host.Value.Sequence, true))],
            [.. wanted.Where(host => host.Value.Time >= before).Select(static host => host.Key)]);
    }

    private readonly record struct Remains(string Host, string Filter, ulong Sequence, bool IsWhole);
}
