using System.CommandLine;
using UeventManager.Client;
using UeventManager.Client.Testing;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl monitor</c>: settled events as they come, until it is interrupted or nobody reads.</summary>
internal static class MonitorCommand
{
    /// <summary>Builds the command.</summary>
    /// <param name="common">The common options.</param>
    /// <returns>The command.</returns>
    public static Command Build(CommonOptions common)
    {
        var selection = new EventSelection();
        var standalone = new Option<bool>("--standalone") { Description = "Run the whole pipeline in this process; needs no daemon" };
        var kernel = new Option<bool>("--kernel", "-k") { Description = "Show the kernel's uevents as they arrive; alone they need no daemon" };
        var settled = new Option<bool>("--settled", "-u") { Description = "Show settled events, also beside --kernel; so it is without either" };
        var kobjects = new Option<bool>("--kobjects") { Description = "Also kobjects that are no devices: queues of interfaces, modules, drivers, …" };
        var properties = new Option<bool>("--property", "-p") { Description = "Show the properties of each event" };
        var command = new Command("monitor", "Show settled events as they come, or the kernel's, or both") { kernel, settled };
        selection.AddTo(command);
        command.Add(standalone);
        command.Add(kobjects);
        command.Add(properties);
        command.Validators.Add(result =>
        {
            bool ofKernelAlone = result.GetValue(kernel) && !result.GetValue(settled);
            if (ofKernelAlone && result.GetValue(standalone))
                result.AddError("--standalone is for settled events (give --settled too)");
            else if (ofKernelAlone && result.GetValue(kobjects))
                result.AddError("--kobjects is for settled events (--kernel shows all there is)");
            else if (ofKernelAlone && selection.NotOfKernel(result) is { } wrong)
                result.AddError(wrong);
        });
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            bool showsKernel = context.Parsed.GetValue(kernel);
            bool showsSettled = context.Parsed.GetValue(settled) || !showsKernel;
            var monitor = new Monitor(context, selection.Read(context.Parsed), context.Parsed.GetValue(kobjects), context.Parsed.GetValue(properties));
            try
            {
                Task raw = showsKernel ? monitor.FollowAsync(KernelSource.Read(context.Cancel)) : Task.Delay(Timeout.Infinite, context.Cancel);
                if (showsSettled)
                {
                    await using UeventClient client = context.Parsed.GetValue(standalone)
                        ? await StandaloneSource.ConnectAsync(context.Settings, context.Cancel).ConfigureAwait(false)
                        : await context.ConnectAsync().ConfigureAwait(false);
                    await (await Task.WhenAny(monitor.FollowAsync(client), raw).ConfigureAwait(false)).ConfigureAwait(false);
                }
                else
                {
                    monitor.Begin();
                    await raw.ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (context.Cancel.IsCancellationRequested)
            {
                // To be interrupted is how a monitor ends.
            }
            return ExitStatus.Done;
        }));
        return command;
    }

    /// <summary>Writes the lines. The two streams share the output: one line at a time.</summary>
    private sealed class Monitor(CommandContext context, DeviceFilter? filter, bool withKobjects, bool withProperties)
    {
        private readonly EventLine _line = new(new EventClock(TimeProvider.System), context.Palette);
        private readonly Lock _writing = new();

        /// <summary>Writes settled events.</summary>
        public async Task FollowAsync(UeventClient client)
        {
            if (!withKobjects && SubsystemHint.Of(FilterOptions.Subsystems(filter), context.Settings.Sysfs) is { } hint)
                context.Say($"{hint[..^1]}; kobjects that are no devices are shown with --kobjects)");
            bool ready = false;
            bool lost = false;
            var options = new SubscribeOptions
            {
                Stateless = true,
                Reconnecting = _ =>
                {
                    // Said once, however often it is tried: a daemon may stay away for hours.
                    if (!lost)
                        context.Say("the connection to the daemon was lost; trying until it is back (Ctrl-C ends)");
                    lost = true;
                },
            };
            await foreach (Change change in client.SubscribeAsync(filter, options, context.Cancel).ConfigureAwait(false))
            {
                if (lost)
                    context.Say("connected to the daemon again");
                lost = false;
                if (change is EventsChange { Events: var events })
                    Write(events);
                else if (change is GapChange { Gap: var gap })
                    Write(gap);
                else if (change is ReadyChange && !ready)
                    Begin();
                ready |= change is ReadyChange;
            }
        }

        /// <summary>Tells a person that there may be nothing to see yet.</summary>
        public void Begin()
        {
            if (!context.Output.IsTerminal || context.Settings.Json)
                return;
            context.Say("waiting for events (Ctrl-C ends)");
            lock (_writing)
            {
                context.Output.Line(_line.Heading);
                context.Output.Flush();
            }
        }

        // On standard error for people; a program that reads the lines must find the gap among them, at its place.
        private void Write(UeventGap gap)
        {
            context.Say($"{(gap.Lost is { } count ? $"{count} events were lost" : "events may have been lost")}: {gap.Reason}");
            if (!context.Settings.Json)
                return;
            lock (_writing)
            {
                context.Output.Line(JsonLine.Gap(gap));
                context.Output.Flush();
            }
        }

        /// <summary>Writes the kernel's uevents.</summary>
        public async Task FollowAsync(IAsyncEnumerable<KernelUevent> uevents)
        {
            await foreach (KernelUevent uevent in uevents.WithCancellation(context.Cancel).ConfigureAwait(false))
            {
                UeventDevice device = uevent.ToDevice();
                if (!FilterMatch.Wants(filter, device) || !FilterMatch.Hears(filter, device, uevent.Action, device.Properties))
                    continue;
                lock (_writing)
                {
                    if (context.Settings.Json)
                        context.Output.Line(KernelJson(uevent));
                    else
                        WriteHuman(_line.Format(uevent), uevent.Properties);
                    context.Output.Flush();
                }
            }
        }

        private void Write(IReadOnlyList<UeventEvent> events)
        {
            lock (_writing)
            {
                foreach (UeventEvent value in events)
                {
                    if (value.Device.Kobject == true && !withKobjects)
                        continue;
                    if (context.Settings.Json)
                        context.Output.Line(UeventJson.Write(value));
                    else
                        WriteHuman(_line.Format(value), value.Device.Properties);
                }
                context.Output.Flush();
            }
        }

        private void WriteHuman(string text, IEnumerable<KeyValuePair<string, string>> properties)
        {
            context.Output.Line(text);
            if (!withProperties)
                return;
            foreach ((string key, string value) in properties)
                context.Output.Line($"    {Printable.Text(key)}={Printable.Text(value)}");
        }

        // An object with the one member "kernel", which no event has: so the two kinds of lines can be told apart.
        private static byte[] KernelJson(KernelUevent uevent) => JsonLine.Object(json =>
        {
            json.WriteStartObject("kernel"u8);
            json.WriteString("action"u8, uevent.Action);
            json.WriteString("devpath"u8, uevent.Devpath);
            json.WriteString("subsystem"u8, uevent.Subsystem);
            if (uevent.Seqnum is { } seqnum)
                json.WriteNumber("seqnum"u8, seqnum);
            json.WriteNumber("arrivedUsec"u8, uevent.ArrivedUsec);
            json.WriteStartObject("properties"u8);
            foreach ((string key, string value) in uevent.Properties)
                json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }
}
