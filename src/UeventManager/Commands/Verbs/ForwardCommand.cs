using System.CommandLine;
using System.Globalization;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Forwarding;
using UeventManager.Systemd;
using UeventManager.Udev;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl forward</c>: sends settled events to programs that know only udev, in namespaces without udevd.</summary>
internal static class ForwardCommand
{
    private const string DefaultDirectory = "/run/udev";

    // What the kernel tells of a device (UEVENT_BUFFER_SIZE) always fits into a message beside them.
    private const int MostTagBytes = 2048;

    /// <summary>Builds the command.</summary>
    /// <param name="common">The common options.</param>
    /// <returns>The command.</returns>
    public static Command Build(CommonOptions common)
    {
        var netns = new Option<string[]>("--netns") { HelpName = "FILE", Description = "The network namespace of this file, such as /run/netns/NAME; may be repeated" };
        var pid = new Option<string[]>("--pid") { HelpName = "PID", Description = "The network namespace of this process; may be repeated" };
        var watch = new Option<string?>("--watch") { HelpName = "DIR", Description = "Every network namespace with a file in this directory, such as /run/netns, while the file exists" };
        var format = new Option<string>("--format") { HelpName = "FORMAT", Description = "libudev, kernel (for a udevd or mdevd of the namespace's own) or libudev-zero", DefaultValueFactory = static _ => "libudev" };
        format.AcceptOnlyFromAmong("libudev", "kernel", "libudev-zero");
        var filters = new FilterOptions(FilterUse.Devices);
        var run = new Option<string>("--run-udev") { HelpName = "DIR", Description = "Where to create udev's database, tags, control and queue", DefaultValueFactory = static _ => DefaultDirectory };
        var tags = new Option<string[]>("--tag") { HelpName = "TAG", Description = "A tag for every device, in addition to 'settled'; may be repeated" };
        tags.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens)
            {
                // A tag is a directory, too.
                if (token.Value.Length is 0 or > 255 || !token.Value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                    result.AddError($"--tag: '{token.Value}' is not a tag (letters, digits, '-' and '_')");
            }
            // Each message has them twice.
            if (result.Tokens.Sum(static token => token.Value.Length + 1) > MostTagBytes)
                result.AddError($"--tag: the tags have more than {MostTagBytes} characters together");
        });
        pid.Validators.Add(static result =>
        {
            foreach (var token in result.Tokens)
            {
                if (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number == 0)
                    result.AddError($"--pid: '{token.Value}' is not a process");
            }
        });
        var initial = new Option<bool>("--initial") { Description = "At the first start announce all existing devices as added, for programs that already run" };
        var command = new Command("forward", "Send settled events into network namespaces without udevd, as udevd would") { netns, pid, watch, format, run, tags, initial };
        filters.AddTo(command);
        command.SetAction(CommandRunner.Action(common, context =>
        {
            ParseResult parsed = context.Parsed;
            ForwardPlace[] places =
            [
                .. (parsed.GetValue(netns) ?? []).Select(static path => new ForwardPlace(path, path)),
                .. (parsed.GetValue(pid) ?? []).Select(static text => ForwardPlace.OfProcess(int.Parse(text, CultureInfo.InvariantCulture))),
            ];
            return RunAsync(context, new ForwardOptions
            {
                Format = parsed.GetValue(format) switch { "kernel" => ForwardFormat.Kernel, "libudev-zero" => ForwardFormat.LibudevZero, _ => ForwardFormat.Libudev },
                Places = places.Length == 0 && parsed.GetValue(watch) is null ? [ForwardPlace.Own] : places,
                Watch = parsed.GetValue(watch),
                RunUdev = parsed.GetValue(run)!,
                Filter = filters.Read(parsed),
                Identity = string.Join('\0', [filters.Text(parsed), .. parsed.GetValue(tags) ?? []]),
                Tags = parsed.GetValue(tags) ?? [],
                TellsInitial = parsed.GetValue(initial),
                Sysfs = context.Settings.Sysfs,
                SocketPath = context.Settings.ConnectPath,
                Say = context.Say,
            });
        }));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, ForwardOptions options)
    {
        if (Refusal(options) is { } refusal)
            throw new IOException(refusal);
        using UdevDirectory? directory = options.Format == ForwardFormat.Libudev ? UdevDirectory.Open(options.RunUdev) : null;
        using UdevControl? control = directory is null ? null : UdevControl.Listen(directory.ControlPath);
        using UdevVarlink? varlink = directory is null ? null : UdevVarlink.Listen(directory.VarlinkPath);
        using ToldFile? told = directory is null ? null : ToldFile.Open(Path.Combine(directory.OwnPath, "told"), options.Identity);
        using var targets = new ForwardTargets(options);
        targets.Open();
        await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
        using ServiceNotifier? notifier = ServiceNotifier.To(Environment.GetEnvironmentVariable(ServiceNotifier.SocketVariable));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.Cancel);
        var messages = new ForwardMessages(options, targets);
        var session = new ForwardSession(options, TellerOf(options, messages, directory, told), targets.RefusalOf);
        void Ready()
        {
            notifier?.Ready("forwarding settled events");
            context.Say("settled events are forwarded from now on");
        }
        Task telling = session.RunAsync(told?.Cursor, Ready, ending.Token);
        Task watching = targets.WatchAsync(ending.Token);
        var settling = new ForwardSettling(client, options.Filter, session);
        Task answering = control is null || varlink is null
            ? Task.Delay(Timeout.Infinite, ending.Token)
            : Task.WhenAny(control.ServeAsync(settling.RunAsync, ending.Token), varlink.ServeAsync(settling.RunAsync, ending.Token)).Unwrap();
        try
        {
            await (await Task.WhenAny(telling, watching, answering).ConfigureAwait(false)).ConfigureAwait(false);
            // Only the watch ends on its own, when no target is left.
            return targets.MetUdevd ? ExitStatus.Failed : ExitStatus.Done;
        }
        catch (OperationCanceledException) when (context.Cancel.IsCancellationRequested)
        {
            return ExitStatus.Done;
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            // A reply being sent is sent and noted to its end.
            await Task.WhenAll(telling, watching, answering).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
            if (messages.Sum is { } sum)
                context.Say(sum);
        }
    }

    private static ForwardTeller TellerOf(ForwardOptions options, ForwardMessages messages, UdevDirectory? directory, ToldFile? told) => new(
        messages,
        directory is null ? null : new ForwardDatabase(directory, messages.Settled, messages.Unsettled, options.Say),
        told,
        directory is null ? null : new DerivedProperties(options.Sysfs))
    {
        TellsInitial = options.TellsInitial,
    };

    // A udevd that answers at its socket already sends the same events, unless it belongs to another network namespace, or only keeps its database
    // there.
    private static string? Refusal(ForwardOptions options)
    {
        if (options.Format != ForwardFormat.Libudev)
            return null;
        foreach (ForwardPlace place in options.Places)
        {
            string? root = place.Path is null ? "" : place.Pid is { } pid ? $"/proc/{pid}/root" : null;
            if (root is not null && UdevControl.AnswererIn(root + DefaultDirectory) is { } answerer && place.MayBeThatOf(answerer))
                return $"{place.Name}: udevd runs there and sends events already (stop it, or name another namespace with --netns or --pid)";
        }
        string control = Path.Combine(options.RunUdev, "control");
        return UdevControl.IsAnswered(control) ? $"{control}: udevd or another forwarder answers there already (name another --run-udev)" : null;
    }
}
