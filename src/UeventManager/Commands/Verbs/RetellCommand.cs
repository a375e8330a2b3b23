using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Retelling;
using UeventManager.Core.Rules;
using UeventManager.Netlink;
using UeventManager.RuleFiles;
using UeventManager.Systemd;
using UeventManager.Udev;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl retell</c>: makes udevd announce devices again that were not complete at its first announcement.</summary>
internal static class RetellCommand
{
    /// <summary>The link by which udev's rules recognise that retell runs.</summary>
    public const string DefaultGate = "/run/uevent-manager/gate";

    private const string LockName = "uevent-manager/retell";
    private const string DefaultDirectory = "/run/udev";

    // sun_path has 108 bytes, including the NUL and ".socket".
    private const int MaxGateBytes = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Builds the command.</summary>
    /// <param name="common">The common options.</param>
    public static Command Build(CommonOptions common)
    {
        var gate = Gate();
        var run = new Option<string>("--run-udev") { HelpName = "DIR", Description = "udev's directory", DefaultValueFactory = static _ => DefaultDirectory };
        Option<string> rate = RunCommand.Number("--rate", "The most devices per second that udevd must announce again because it was early, 1 to 10000; gates are opened at once", "50", 1, 10_000);
        var noGates = new Option<bool>("--no-gates") { Description = "Shut no gates, even if rules have some" };
        var open = new Option<bool>("--open") { Description = "Open all gates, remove the udev rules that shut them, and end" };
        var command = new Command("retell", "Make udevd announce devices again that it announced too early") { gate, run, rate, noGates, open };
        command.Validators.Add(result =>
        {
            if (result.GetResult(open) is not { Implicit: false })
                return;
            foreach (Option unused in (Option[])[rate, noGates])
            {
                if (result.GetResult(unused) is { Implicit: false })
                    result.AddError($"{unused.Name} has no effect on 'retell --open', which only opens gates");
            }
        });
        command.SetAction(CommandRunner.Action(common, context =>
        {
            ParseResult parsed = context.Parsed;
            IReadOnlyList<string> directories = context.Settings.Rules.Count > 0 ? context.Settings.Rules : RuleLoader.DefaultDirectories;
            var options = new RetellOptions
            {
                Gate = parsed.GetValue(gate)!,
                RunUdev = parsed.GetValue(run)!,
                Sysfs = context.Settings.Sysfs,
                MostPerSecond = int.Parse(parsed.GetValue(rate)!, CultureInfo.InvariantCulture),
                LoadRules = parsed.GetValue(noGates) ? null : () => Load(directories, context.Say),
                RuleDirectories = directories,
                Program = Program(),
                Say = context.Say,
            };
            if (UidMap.Own != 0)
                throw new IOException("only root can make the kernel send events again (run it as root, or: systemctl enable --now uevent-manager-retell)");
            return parsed.GetValue(open) ? OpenAsync(options) : RunAsync(context, options);
        }));
        return command;
    }

    /// <summary>The option that names the gate.</summary>
    public static Option<string> Gate()
    {
        var option = new Option<string>("--gate") { HelpName = "FILE", Description = "A link that tells udev's rules that retell runs", DefaultValueFactory = static _ => DefaultGate };
        option.Validators.Add(static result =>
        {
            if (result.Tokens is not [{ Value: var path }])
                return;
            if (!GateRules.CanName(path) || path.EndsWith('/'))
                result.AddError($"--gate: '{path}' (give an absolute path without quotes, backslashes and control characters)");
            else if (Encoding.UTF8.GetByteCount(path) > MaxGateBytes)
                result.AddError($"--gate: longer than {MaxGateBytes} bytes (the kernel limits the path of the socket next to it)");
        });
        return option;
    }

    /// <summary>The program for blocked workers: this one, by its path at the start, because an upgrade changes the running program's name.</summary>
    /// <exception cref="IOException">A udev rule cannot name it.</exception>
    public static string Program()
    {
        string path = Environment.ProcessPath ?? "/usr/bin/ueventctl";
        return GateRules.CanName(path) ? path : throw new IOException($"{path}: a udev rule cannot name this program (install it at a path without quotes and backslashes)");
    }

    /// <summary>Loads rules as the daemon does: an error in one file makes all of them invalid.</summary>
    public static IReadOnlyList<Rule>? Load(IReadOnlyList<string> directories, Action<string> say)
    {
        RuleLoad load = RuleLoader.Load(directories);
        if (load.Problems.FirstOrDefault(static problem => !problem.IsWarning) is not { } mistake)
            return load.Rules;
        say($"{mistake}; udev's rules are unchanged (ueventctl rules check lists all errors)");
        return null;
    }

    private static async Task<int> RunAsync(CommandContext context, RetellOptions options)
    {
        using DescriptorHandle held = BroadcastSocket.Hold(LockName)
            ?? throw new IOException($"another ueventctl retell runs already (end that one first; ss -xa shows @{LockName})");
        string control = Path.Combine(options.RunUdev, "control"), varlink = Path.Combine(options.RunUdev, "io.systemd.Udev");
        if (!UdevControl.IsAnswered(control) && !UdevControl.IsAnswered(varlink))
            throw new IOException($"{control}: udevd does not run, so nothing can be announced again (without udevd, use ueventctl forward)");
        if (UdevVarlink.IsForwarder(varlink))
            throw new IOException($"{control}: ueventctl forward answers there, which announces only complete devices (nothing needs to be announced again)");
        await using UeventClient client = UeventClient.Of(context.Settings.ConnectPath);
        using ServiceNotifier? notifier = ServiceNotifier.To(Environment.GetEnvironmentVariable(ServiceNotifier.SocketVariable));
        using var session = new RetellSession(options);
        using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            session.Rules.Install();
        });
        try
        {
            await session.RunAsync(client, Ready, context.Cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.Cancel.IsCancellationRequested)
        {
            // It was asked to end.
        }
        finally
        {
            context.Say(session.Summary());
            await EndAsync(options, session.Rules, session.Close()).ConfigureAwait(false);
        }
        return ExitStatus.Done;

        void Ready()
        {
            notifier?.Ready("udevd announces devices again that it announced too early");
            context.Say("udevd announces devices again that it announced too early, from now on");
        }
    }

    private static async Task<int> OpenAsync(RetellOptions options)
    {
        using var gates = new GateKeeper(options.Gate, options.RunUdev, options.Sysfs);
        gates.End();
        await EndAsync(options, new UdevRuleFile(options), gates.OpenAll(new RetellWriter(options.Sysfs, options.Say))).ConfigureAwait(false);
        return ExitStatus.Done;
    }

    // udev's rules open the gates of triggered devices, so they are removed last, whatever else fails.
    private static async Task EndAsync(RetellOptions options, UdevRuleFile rules, int opened)
    {
        try
        {
            if (opened > 0)
                options.Say($"opened {Terminal.Counted.Of(opened, "gate")}");
            if (opened > 0 && File.Exists(options.RuleFile) && !await Udevadm.SettleAsync(Patience, CancellationToken.None).ConfigureAwait(false))
                options.Say("udevd is still working on it");
        }
        catch (IOException e)
        {
            options.Say($"{e.Message}; gates that are still shut open at the next event of their devices");
        }
        finally
        {
            rules.Remove();
        }
    }
}
