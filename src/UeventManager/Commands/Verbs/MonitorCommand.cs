using System.CommandLine;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl monitor</c>: settled events as they come, until it is interrupted, has shown enough, or its output is closed.</summary>
internal static class MonitorCommand
{
    /// <summary>Builds the command.</summary>
    /// <param name="common">The common options.</param>
    /// <returns>The command.</returns>
    public static Command Build(CommonOptions common)
    {
        var selection = new EventSelection();
        var standalone = new Option<bool>("--standalone") { Description = "Run the whole pipeline in this process; needs no daemon" };
        var kernel = new Option<bool>("--kernel", "-k") { Description = "Show the kernel's uevents as they arrive; alone it needs no daemon" };
        var settled = new Option<bool>("--settled", "-u") { Description = "Show settled events; this is the default, but not with --kernel" };
        var kobjects = new Option<bool>("--kobjects") { Description = "Also show kobjects that are not devices: queues of interfaces, modules, drivers, …" };
        var properties = new Option<bool>("--property", "-p") { Description = "Show the properties of each event" };
        Option<string?> format = LineTemplate.Option(EventMonitor.Names, "{time} {action} {devnode}");
        Option<string?> since = Since();
        Option<string?> count = Count();
        var until = new FilterOption("--until", FilterUse.Shown, "End after the first event that matches, such as sysname=sdb,action=add; repeat for alternatives");
        Option<string?> timeout = Timeout();
        var command = new Command("monitor", "Show settled events as they come, the kernel's uevents, or both") { kernel, settled };
        selection.AddTo(command);
        foreach (Option option in (ReadOnlySpan<Option>)[standalone, kobjects, properties, format, since, count, until, timeout])
            command.Add(option);
        command.Validators.Add(result =>
        {
            bool ofKernelAlone = result.GetValue(kernel) && !result.GetValue(settled);
            if (ofKernelAlone && new Option[] { standalone, kobjects, since }.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } useless)
                result.AddError($"{useless.Name} needs settled events (give --settled too)");
            else if (ofKernelAlone && selection.NotOfKernel(result) is { } wrong)
                result.AddError(wrong);
            else if (result.GetValue(standalone) && result.GetResult(since) is not null)
                result.AddError("--since needs a daemon, which keeps earlier events (leave --standalone out)");
            else if (result.GetResult(properties) is { Implicit: false } && result.GetResult(format) is not null)
                result.AddError("--property has no effect on --format (write {KEY} there, such as {ID_SERIAL})");
        });
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            ParseResult parsed = context.Parsed;
            if (context.Settings.Json && parsed.GetValue(format) is not null)
            {
                context.Say("--format lays out text (leave --json out)");
                return ExitStatus.Usage;
            }
            string? begin = parsed.GetValue(since);
            bool isCursor = begin is not null && Cursor.TryParse(begin, out _);
            var monitor = new EventMonitor(context, new MonitorOptions
            {
                Filter = selection.Read(parsed),
                WithKobjects = parsed.GetValue(kobjects),
                WithProperties = parsed.GetValue(properties),
                Template = LineTemplate.Of(parsed, format, EventMonitor.Names),
                Cursor = isCursor ? begin : null,
                Since = begin is not null && !isCursor && Duration.TryParseOption(begin, out long usec) ? TimeSpan.FromMicroseconds(usec) : null,
                Count = parsed.GetValue(count) is { } number ? CountOf(number) : null,
                Until = until.Of(parsed),
            });
            bool ofKernel = parsed.GetValue(kernel);
            TimeSpan? time = parsed.GetValue(timeout) is { } text && Duration.TryParseOption(text, out long longest) ? TimeSpan.FromMicroseconds(longest) : null;
            bool isWaitedFor = parsed.GetValue(count) is not null || parsed.GetValue(until) is { Length: > 0 };
            Task streams = FollowAsync(context, monitor, ofKernel, parsed.GetValue(settled) || !ofKernel, parsed.GetValue(standalone));
            Task over = time is { } limit ? Task.Delay(limit, context.Cancel) : Task.Delay(System.Threading.Timeout.Infinite, context.Cancel);
            try
            {
                Task first = await Task.WhenAny(monitor.Ended, streams, over).ConfigureAwait(false);
                await first.ConfigureAwait(false);
                if (first == over && isWaitedFor)
                {
                    context.Say($"timed out after {Duration.Format((long)time!.Value.TotalMicroseconds)} (raise --timeout to wait longer)");
                    return ExitStatus.TimedOut;
                }
            }
            catch (OperationCanceledException) when (context.Cancel.IsCancellationRequested && !isWaitedFor)
            {
                // An interrupt is the normal end of a monitor without another end.
            }
            finally
            {
                monitor.Stop();
            }
            return ExitStatus.Done;
        }));
        return command;
    }

    private static async Task FollowAsync(CommandContext context, EventMonitor monitor, bool ofKernel, bool ofDaemon, bool standalone)
    {
        Task raw = ofKernel ? monitor.FollowAsync(KernelSource.Read(context.Cancel)) : Task.Delay(System.Threading.Timeout.Infinite, context.Cancel);
        if (!ofDaemon)
        {
            monitor.Begin();
            await raw.ConfigureAwait(false);
            return;
        }
        await using UeventClient client = standalone
            ? await StandaloneSource.ConnectAsync(context.Settings, context.Cancel).ConfigureAwait(false)
            : await context.ConnectAsync().ConfigureAwait(false);
        await (await Task.WhenAny(monitor.FollowAsync(client), raw).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static Option<string?> Since()
    {
        var option = new Option<string?>("--since") { HelpName = "CURSOR|TIME", Description = "First show earlier events: those after a cursor, or of the last 30s, 5m, 1h" };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Cursor.TryParse(text, out _) && !Duration.TryParseOption(text, out _))
                result.AddError($"--since: '{text}' is neither a cursor (--json shows them) nor a time ({Duration.Hint(text) ?? "write for example 30s, 5m or 1h"})");
        });
        return option;
    }

    private static Option<string?> Count()
    {
        var option = new Option<string?>("--count", "-n") { HelpName = "N", Description = "End after this many events" };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && CountOf(text) is null)
                result.AddError($"--count: '{text}' is not a number from 1 on");
        });
        return option;
    }

    private static Option<string?> Timeout()
    {
        var option = new Option<string?>("--timeout") { HelpName = "TIME", Description = "End after this time: 500ms, 5s, 2min; with --count or --until as a failure" };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is not [{ Value: var text }])
                return;
            if (Duration.TryParseOption(text, out long usec) && usec > WaitOptions.LongestUsec)
                result.AddError($"--timeout: '{text}' is longer than 24h");
            else if (!Duration.TryParseOption(text, out _))
                result.AddError($"--timeout: '{text}' is not a time ({Duration.Hint(text) ?? "write for example 500ms, 5s or 2min"})");
        });
        return option;
    }

    private static int? CountOf(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 ? number : null;
}
