using System.CommandLine;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl explain DEVICE</c>: why a device was announced, or was not.</summary>
internal static class ExplainCommand
{
    /// <summary>Builds the command.</summary>
    /// <param name="common">The common options.</param>
    /// <returns>The command.</returns>
    public static Command Build(CommonOptions common)
    {
        var device = WaitOptions.Device();
        var command = new Command("explain", "Explain why a device was announced or was not: its rule, its conditions, its history") { device };
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            string name = DeviceName.Normalize(context.Parsed.GetRequiredValue(device), context.Settings);
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            DeviceExplanation found = await client.ExplainAsync(name, context.Cancel).ConfigureAwait(false);
            if (context.Settings.Json)
            {
                context.Output.Line(UeventJson.Write(found));
                return ExitStatus.Done;
            }
            foreach (string line in Lines(name, found, new EventClock(TimeProvider.System), context.Palette))
                context.Output.Line(line);
            return ExitStatus.Done;
        }));
        return command;
    }

    /// <summary>Formats an explanation for people.</summary>
    /// <param name="name">The device's name as given.</param>
    /// <param name="found">The explanation.</param>
    /// <param name="clock">The clock for times.</param>
    /// <param name="palette">The colours.</param>
    /// <returns>The lines.</returns>
    public static IEnumerable<string> Lines(string name, DeviceExplanation found, EventClock clock, Palette palette)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(palette);
        yield return $"{palette.Bold(Printable.Text(name))}  {State(found, palette)}";
        string place = found.File is { } file ? $"  {Printable.Text(file)}:{found.Line}" : "";
        yield return found.Rule is { } rule ? $"  rule  {Printable.Text(rule)}{palette.Faint(place)}" : "  rule  none: its events pass at once";
        foreach (string line in Conditions(found, clock))
            yield return line;
        foreach (string reason in found.WaitsFor)
            yield return $"  waits for {palette.Warn(Printable.Text(reason))}";
        if (IsUnsettled(found))
            yield return $"  it was delivered unsettled; {palette.Warn("its next uevent makes the daemon look again")} (ueventctl trigger {Printable.Text(name)})";
        if (found.Udev is { } udev)
            yield return $"  udev  {Printable.Text(udev)}";
        foreach (string line in History(found, clock, palette))
            yield return line;
    }

    private static IEnumerable<string> Conditions(DeviceExplanation found, EventClock clock)
    {
        var columns = new Columns();
        foreach (ConditionState one in found.Conditions)
        {
            string since = one.HeldSinceUsec is { } usec ? $"since {clock.Format(usec, RealtimeOf(found, usec))}" : "";
            string looks = one.Looks == 0 ? "" : one.Looks == 1 ? "1 look" : $"{one.Looks} looks";
            columns.Add(one.Held ? "yes" : one.Optional ? "no (optional)" : "NO", one.Text, one.Value ?? "", since, looks);
        }
        return columns.Lines("  ");
    }

    // Computed from the nearest moment of the history: the daemon's clock may belong to another time namespace, and stops during a suspend.
    private static long? RealtimeOf(DeviceExplanation found, long usec) =>
        found.History.Where(static one => one.RealtimeUsec is > 0).MinBy(one => Math.Abs(one.AtUsec - usec)) is { RealtimeUsec: { } realtime } near ? realtime + usec - near.AtUsec : null;

    private static string State(DeviceExplanation found, Palette palette) => found switch
    {
        { State: "announced", Unfinished: not null } => palette.Warn("announced; an event is not delivered yet"),
        { State: "announced" } when IsUnsettled(found) => palette.Warn("announced, not settled"),
        { State: "announced" } => found.State,
        _ => palette.Warn(Printable.Text(found.State)),
    };

    private static bool IsUnsettled(DeviceExplanation found) =>
        found is { State: "announced", Unfinished: null } && found.Conditions.Any(static one => one is { Held: false, Optional: false });

    private static IEnumerable<string> History(DeviceExplanation found, EventClock clock, Palette palette)
    {
        if (found.History.Count == 0)
            return [];
        long first = found.History[0].AtUsec;
        var columns = new Columns();
        foreach (Moment moment in found.History)
        {
            string after = ((moment.AtUsec - first) / 1000.0).ToString("0.000", CultureInfo.InvariantCulture);
            columns.Add($"+{after} ms", moment.What, moment.Detail ?? "");
        }
        return new[] { $"  {palette.Faint($"history, from {clock.Format(first, found.History[0].RealtimeUsec)}")}" }.Concat(columns.Lines("    "));
    }
}
