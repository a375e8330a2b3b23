using UeventManager.Commands;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Fleet;

namespace UeventManager.Nats.Verbs;

/// <summary>Writes the lines of <c>monitor</c>.</summary>
/// <param name="context">The command.</param>
/// <param name="template">The layout of a line; null for columns.</param>
/// <param name="withProperties">True to show all properties.</param>
internal sealed class FleetEventView(CommandContext context, LineTemplate? template, bool withProperties)
{
    private readonly EventClock _clock = new(TimeProvider.System);
    private readonly EventLine _line = new(new EventClock(TimeProvider.System), context.Palette);
    private int _shown;
    private bool _lost;

    /// <summary>Reports a lost connection, once.</summary>
    public void Lost(Exception reason)
    {
        if (!_lost)
            context.Say("the connection to the broker was lost; trying until it is back (Ctrl-C ends)");
        _lost = true;
    }

    /// <summary>Writes a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="most">The number of events to show in all; null for no limit.</param>
    /// <returns>True if that number is reached.</returns>
    public bool Write(FleetChange change, int? most)
    {
        if (_lost && change is not FleetHostChange)
        {
            context.Say("connected to the broker again");
            _lost = false;
        }
        bool isOver = false;
        switch (change)
        {
            case FleetState state when context.Output.IsTerminal && !context.Settings.Json:
                context.Say($"waiting for events of {state.Hosts.Count} {(state.Hosts.Count == 1 ? "host" : "hosts")} (Ctrl-C ends)");
                break;
            case FleetEvents { Events: var events }:
                foreach (FleetEvent one in events)
                {
                    Write(one);
                    if (isOver = ++_shown == most)
                        break;
                }
                break;
            case FleetGap gap:
                Note(gap.Host, json => json.WriteString("gap", gap.Gap.Reason), $"events may have been lost ({gap.Gap.Reason}); the differences follow");
                break;
            case FleetHostChange { Host: var host }:
                string stateName = NameOf(host.State);
                Note(host.Name, json => json.WriteString("state", stateName), $"the host is {stateName}");
                break;
            default:
                break;
        }
        context.Output.Flush();
        return isOver;
    }

    /// <summary>The name of a host's state.</summary>
    public static string NameOf(FleetHostState state) => state switch
    {
        FleetHostState.Live => "live",
        FleetHostState.DaemonAway => "daemonAway",
        FleetHostState.Stopped => "stopped",
        FleetHostState.Purged => "purged",
        _ => "stale",
    };

    private void Write(FleetEvent one)
    {
        if (context.Settings.Json)
            context.Output.Line(FleetJson.Write(one));
        else if (template is not null)
            context.Output.Raw(template.Format(name => Value(name, one)) + "\n");
        else
            context.Output.Line($"{context.Palette.Bold(Printable.Text(one.Host).PadRight(16))}  {_line.Format(one.Event)}");
        if (!withProperties || context.Settings.Json)
            return;
        foreach ((string key, string value) in one.Event.Device.Properties)
            context.Output.Line($"    {Printable.Text(key)}={Printable.Text(value)}");
    }

    // For people on standard error; a program that reads the lines must find the note at its place among them.
    private void Note(string host, Action<System.Text.Json.Utf8JsonWriter> member, string text)
    {
        if (context.Settings.Json)
        {
            context.Output.Line(JsonLine.Object(json =>
            {
                json.WriteString("host", host);
                member(json);
            }));
        }
        else
            context.Say($"{host}: {text}");
    }

    private string? Value(string name, FleetEvent one) => name switch
    {
        "host" => one.Host,
        "waited" => EventLine.Waited(one.Event.SettledUsec - one.Event.ArrivedUsec),
        "source" => "settled",
        _ => _clock.Field(name, one.Event.SettledUsec, one.Event.RealtimeUsec) ?? EventFields.Value(name, one.Event.Device, one.Event, "/sys"),
    };
}
