using System.CommandLine;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl wait</c>: waits until devices are settled, or removed.</summary>
internal static class WaitCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var devices = new Argument<string[]>("DEVICE") { Arity = ArgumentArity.ZeroOrMore, Description = "Devpaths, /sys/…, /dev/… or subsystem:sysname; need not exist yet" };
        WaitOptions.Named(devices);
        var filters = new FilterOptions(FilterUse.Devices);
        var count = new Option<string?>("--count", "-n") { HelpName = "N", Description = "With --filter, the number of devices, 1 to 4096 [default: 1]" };
        var until = new Option<string>("--until") { HelpName = "STATE", Description = "settled or removed", DefaultValueFactory = _ => "settled" };
        until.Only("settled", "removed");
        var timeout = WaitOptions.Timeout("5s");
        var conditions = new WaitConditions();
        var any = new Option<bool>("--any") { Description = "Of several devices, wait for the first" };
        var command = new Command("wait", "Wait until devices are settled or gone; at the timeout print what is missing and exit with 3") { devices, count, until, timeout, any };
        filters.AddTo(command);
        conditions.AddTo(command);
        command.Validators.Add(result =>
        {
            bool named = result.GetResult(devices) is { Tokens.Count: > 0 };
            if (named == filters.AreGiven(result))
                result.AddError(named ? "name devices or give --filter, not both" : "name a device, or give --filter KEY=GLOB");
            else if (result.GetResult(count) is not null && (named || result.Words(until).Contains("removed")))
                result.AddError("--count needs --filter, and --until settled");
            else if (result.Words(until).Contains("removed") && conditions.AreGiven(result))
                result.AddError("conditions cannot be combined with --until removed");
            else if (result.GetResult(count) is { Tokens: [{ Value: var text }] } && CountOf(text) is null)
                result.AddError($"--count: '{text}' is not a number from 1 to 4096");
        });
        command.SetAction(CommandRunner.Action(common, context =>
        {
            ParseResult parsed = context.Parsed;
            var wanted = new WantedDevices(
                [.. (parsed.GetValue(devices) ?? []).Select(name => DeviceName.Normalize(name, context.Settings)).Distinct()],
                filters.Read(parsed),
                parsed.GetValue(count) is { } number ? CountOf(number)!.Value : 1,
                parsed.GetValue(until) == "removed" ? WaitUntil.Removed : WaitUntil.Settled,
                WaitOptions.TimeOf(parsed, timeout))
            {
                Conditions = conditions.Read(parsed),
                Any = parsed.GetValue(any),
            };
            if (wanted.Names.Select(name => DeviceNameCheck.Mistake(name, context.Settings.Sysfs, wanted.Until == WaitUntil.Removed)).OfType<string>().FirstOrDefault() is { } mistake)
            {
                context.Say(mistake);
                return Task.FromResult(ExitStatus.Usage);
            }
            return RunAsync(context, wanted);
        }));
        return command;
    }

    private static int? CountOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 4096 ? number : null;

    private static async Task<int> RunAsync(CommandContext context, WantedDevices wanted)
    {
        bool shows = context.Output.IsTerminal && !context.Settings.Json;
        await using UeventClient client = UeventClient.Of(context.Settings.ConnectPath);
        if (SubsystemHint.Of(FilterOptions.Subsystems(wanted.Filter).Concat(wanted.Names.Where(name => !name.StartsWith('/')).Select(name => name.Split(':')[0])), context.Settings.Sysfs) is { } hint)
            context.Say(hint);
        Task<IReadOnlyList<UeventDevice>>[] waits = [.. Start(new Patience(context, client, wanted.Timeout, isQuiet: shows), wanted, context.Cancel)];
        Task all = wanted.Any ? AnyAsync(waits) : Task.WhenAll(waits);
        if (shows)
            await new WaitDisplay(context, client, wanted).ShowAsync(waits, all).ConfigureAwait(false);
        try
        {
            await all.ConfigureAwait(false);
        }
        catch (WaitTimeoutException)
        {
            return TimedOut(context, wanted, [.. waits.SelectMany(static wait => wait.Exception?.InnerExceptions ?? []).OfType<WaitTimeoutException>().SelectMany(static e => e.Missing)]);
        }
        foreach (UeventDevice device in waits.Where(static wait => wait.IsCompletedSuccessfully).SelectMany(static wait => wait.Result).Take(wanted.Any ? 1 : int.MaxValue))
        {
            if (context.Settings.Json)
                context.Output.Line(UeventJson.Write(device));
            else
                context.Output.Line(Printable.Text(device.DevPath));
        }
        return ExitStatus.Done;
    }

    private static IEnumerable<Task<IReadOnlyList<UeventDevice>>> Start(Patience patience, WantedDevices wanted, CancellationToken cancel) =>
        wanted.Filter is { } filter
            ? [patience.CallAsync((client, left) => wanted.Conditions.Count > 0
                ? client.WaitAsync(filter, wanted.Conditions, wanted.Count, left, cancel)
                : client.WaitAsync(filter, wanted.Count, wanted.Until, left, cancel))]
            : wanted.Names.Select(name => patience.CallAsync((client, left) => OneAsync(client, name, wanted, left, cancel)));

    private static async Task<IReadOnlyList<UeventDevice>> OneAsync(UeventClient client, string name, WantedDevices wanted, TimeSpan timeout, CancellationToken cancel) =>
        wanted.Conditions.Count > 0 ? [await client.WaitAsync(name, wanted.Conditions, timeout, cancel).ConfigureAwait(false)]
        : await client.WaitAsync(name, wanted.Until, timeout, cancel).ConfigureAwait(false) is { } device ? [device] : [];

    // The first fulfilled wait; if none is, the missing conditions of all.
    private static async Task AnyAsync(IReadOnlyList<Task> waits)
    {
        var open = waits.ToList();
        while (open.Count > 1)
        {
            Task first = await Task.WhenAny(open).ConfigureAwait(false);
            if (first.IsCompletedSuccessfully)
                return;
            open.Remove(first);
        }
        await open[0].ConfigureAwait(false);
    }

    private static int TimedOut(CommandContext context, WantedDevices wanted, IReadOnlyList<string> missing)
    {
        if (context.Settings.Json)
            context.Output.Line(JsonLine.Texts("missing", missing));
        string time = wanted.Timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        context.Say($"timed out after {time} s; still missing: {string.Join(", ", missing)} (ueventctl explain DEVICE says why; raise --timeout to wait longer)");
        return ExitStatus.TimedOut;
    }
}

/// <summary>The arguments of <c>wait</c>.</summary>
/// <param name="Names">The devices; empty with a filter.</param>
/// <param name="Filter">The filter, or null.</param>
/// <param name="Count">The number of devices.</param>
/// <param name="Until">Settled or removed.</param>
/// <param name="Timeout">The longest wait.</param>
internal sealed record WantedDevices(IReadOnlyList<string> Names, DeviceFilter? Filter, int Count, WaitUntil Until, TimeSpan Timeout)
{
    /// <summary>The further conditions in the daemon's form.</summary>
    public IReadOnlyList<string> Conditions { get; init; } = [];

    /// <summary>True if the first of several devices is enough.</summary>
    public bool Any { get; init; }
}
