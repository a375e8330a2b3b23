using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary>Writes the lines of <c>monitor</c>. Both streams share the output, one line at a time.</summary>
/// <param name="context">The command.</param>
/// <param name="options">The selection and the end.</param>
internal sealed class EventMonitor(CommandContext context, MonitorOptions options)
{
    /// <summary>The placeholders of a template, in addition to those of events.</summary>
    public static IReadOnlyList<string> Names { get; } = ["time", "date", "timestamp", "waited", "source", .. EventFields.OfEvents];

    private readonly EventClock _clock = new(TimeProvider.System);
    private readonly EventLine _line = new(new EventClock(TimeProvider.System), context.Palette);
    private readonly Lock _writing = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _shown;
    private bool _isOver;

    /// <summary>Completes when enough events are shown, or the last one.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Stops writing, because the output is closed elsewhere.</summary>
    public void Stop()
    {
        lock (_writing)
        {
            _isOver = true;
        }
    }

    /// <summary>Writes settled events.</summary>
    public async Task FollowAsync(UeventClient client)
    {
        if (!options.WithKobjects && SubsystemHint.Of(FilterOptions.Subsystems(options.Filter), context.Settings.Sysfs) is { } hint)
            context.Say($"{hint[..^1]}; kobjects that are not devices are shown with --kobjects)");
        bool ready = false;
        bool lost = false;
        var subscribe = new SubscribeOptions
        {
            Stateless = true,
            Cursor = options.Cursor,
            Since = options.Since,
            Reconnecting = _ =>
            {
                // Reported once, because a daemon may stay away for hours.
                if (!lost)
                    context.Say("the connection to the daemon was lost; trying until it is back (Ctrl-C ends)");
                lost = true;
            },
        };
        await foreach (Change change in client.SubscribeAsync(options.Filter, subscribe, context.Cancel).ConfigureAwait(false))
        {
            if (lost)
                context.Say("connected to the daemon again");
            lost = false;
            if (change is EventsChange { Events: var events })
                Write(events);
            else if (change is GapChange { Gap: var gap })
                Write(gap, !ready && (options.Cursor is not null || options.Since is not null) ? await WhyAsync(client, gap).ConfigureAwait(false) : null);
            else if (change is ReadyChange && !ready)
                Begin();
            ready |= change is ReadyChange;
        }
    }

    /// <summary>Writes the kernel's uevents.</summary>
    public async Task FollowAsync(IAsyncEnumerable<KernelUevent> uevents)
    {
        await foreach (KernelUevent uevent in uevents.WithCancellation(context.Cancel).ConfigureAwait(false))
        {
            UeventEvent one = uevent.ToEvent();
            if (!IsWanted(options.Filter, one))
                continue;
            lock (_writing)
            {
                if (_isOver)
                    return;
                if (context.Settings.Json)
                    context.Output.Line(uevent.ToJson());
                else if (options.Template is { } template)
                    context.Output.Raw(template.Format(name => Value(name, one, isKernel: true)) + "\n");
                else
                    context.Output.Line(_line.Format(uevent));
                WriteProperties(uevent.Properties);
                Count(one);
                Flush();
            }
        }
    }

    /// <summary>Tells a person that no event may have come yet.</summary>
    public void Begin()
    {
        if (!context.Output.IsTerminal || context.Settings.Json)
            return;
        context.Say("waiting for events (Ctrl-C ends)");
        if (options.Template is not null)
            return;
        lock (_writing)
        {
            if (_isOver)
                return;
            context.Output.Line(_line.Heading);
            Flush();
        }
    }

    private static bool IsWanted(DeviceFilter? filter, UeventEvent one) =>
        FilterMatch.Wants(filter, one.Device) && FilterMatch.Hears(filter, one.Device, one.Action, one.Device.Properties);

    // If the daemon has run for only a minute, a request for ten hours needs this explanation.
    private async Task<string> WhyAsync(UeventClient client, UeventGap gap)
    {
        if (gap.Reason != "restarted")
            return gap.Reason;
        try
        {
            DaemonStatus status = await client.StatusAsync(context.Cancel).ConfigureAwait(false);
            return $"{gap.Reason}: this daemon has run since {new EventClock(TimeProvider.System, status.NowUsec).Moment(status.StartedUsec, null):yyyy-MM-dd HH:mm:ss}";
        }
        catch (Exception e) when (e is IOException or VarlinkErrorException)
        {
            return gap.Reason;
        }
    }

    // For people on standard error; a program that reads the lines must find the gap at its place among them.
    private void Write(UeventGap gap, string? why)
    {
        context.Say(why is not null
            ? $"not all events since then are kept ({why}); those that are kept follow"
            : $"{(gap.Lost is { } count ? $"{count} events were lost" : "events may have been lost")}: {gap.Reason}");
        if (!context.Settings.Json)
            return;
        lock (_writing)
        {
            if (_isOver)
                return;
            context.Output.Line(JsonLine.Gap(gap));
            Flush();
        }
    }

    private void Write(IReadOnlyList<UeventEvent> events)
    {
        lock (_writing)
        {
            if (_isOver)
                return;
            foreach (UeventEvent one in events)
            {
                if (one.Device.IsKobject && !options.WithKobjects)
                    continue;
                if (context.Settings.Json)
                    context.Output.Line(UeventJson.Write(one));
                else if (options.Template is { } template)
                    context.Output.Raw(template.Format(name => Value(name, one, isKernel: false)) + "\n");
                else
                    context.Output.Line(_line.Format(one));
                WriteProperties(one.Device.Properties);
                Count(one);
                if (_isOver)
                    break;
            }
            Flush();
        }
    }

    private void WriteProperties(IEnumerable<KeyValuePair<string, string>> properties)
    {
        if (!options.WithProperties || context.Settings.Json)
            return;
        foreach ((string key, string value) in properties)
            context.Output.Line($"    {Printable.Text(key)}={Printable.Text(value)}");
    }

    // Called with the lock held, so that nothing is written after the last event.
    private void Count(UeventEvent one) => _isOver |= ++_shown == options.Count || (options.Until is { } until && IsWanted(until, one));

    // The caller flushes too after the end is signalled, so this flush must come first.
    private void Flush()
    {
        context.Output.Flush();
        if (_isOver)
            _ended.TrySetResult();
    }

    private string? Value(string name, UeventEvent one, bool isKernel) => name switch
    {
        "waited" => isKernel ? null : EventLine.Waited(one.SettledUsec - one.ArrivedUsec),
        "source" => isKernel ? "kernel" : "settled",
        "cursor" or "settled" or "synthetic" when isKernel => null,
        _ => _clock.Field(name, one.SettledUsec, one.RealtimeUsec) ?? EventFields.Value(name, one.Device, one, context.Settings.Sysfs),
    };
}

/// <summary>The options of <c>monitor</c>.</summary>
internal sealed record MonitorOptions
{
    /// <summary>Selects events; null for all.</summary>
    public DeviceFilter? Filter { get; init; }

    /// <summary>True to show kobjects that are not devices.</summary>
    public bool WithKobjects { get; init; }

    /// <summary>True to show all properties.</summary>
    public bool WithProperties { get; init; }

    /// <summary>The layout of a line; null for columns.</summary>
    public LineTemplate? Template { get; init; }

    /// <summary>The cursor to begin at, or null.</summary>
    public string? Cursor { get; init; }

    /// <summary>The time span to begin with, or null.</summary>
    public TimeSpan? Since { get; init; }

    /// <summary>The number of events after which to end, or null.</summary>
    public int? Count { get; init; }

    /// <summary>The first shown event that matches is the last one; null for none.</summary>
    public DeviceFilter? Until { get; init; }
}
