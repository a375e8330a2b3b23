using System.CommandLine;
using System.Text;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Uevents;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl trigger</c>: makes the kernel send events again, by writing <c>uevent</c> files.</summary>
internal static class TriggerCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var devices = new Argument<string[]>("DEVICE") { Arity = ArgumentArity.ZeroOrMore, Description = "Devpaths, /sys/…, /dev/… or subsystem:sysname" };
        WaitOptions.Named(devices);
        var filters = new FilterOptions(FilterUse.Sysfs);
        var action = new Option<string>("--action", "-c") { HelpName = "ACTION", Description = "The action to send", DefaultValueFactory = _ => "change" };
        action.Only([.. UeventActions.All]);
        var uuid = new Option<string?>("--uuid") { HelpName = "UUID", Description = "Send this as SYNTH_UUID with the events, to recognise them" };
        uuid.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Guid.TryParseExact(text, "D", out _))
                result.AddError($"--uuid: '{text}' is not a UUID (uuidgen makes one: 8-4-4-4-12 hexadecimal digits)");
        });
        var dryRun = new Option<bool>("--dry-run", "-n") { Description = "Only print what would be triggered" };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Print what is triggered" };
        var settle = new Option<bool>("--settle", "-w") { Description = "Wait until the daemon has settled the events" };
        var timeout = WaitOptions.Timeout("2min");
        var command = new Command("trigger", "Make the kernel send events again, by writing to uevent files (root)") { devices, action, uuid, dryRun, verbose, settle, timeout };
        filters.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(devices) is { Tokens.Count: > 0 } == filters.AreGiven(result))
                result.AddError("name devices, or give --filter KEY=GLOB (--filter 'subsystem=**' selects all)");
            else if (result.GetResult(timeout) is { Implicit: false } && result.GetResult(settle) is not { Implicit: false })
                result.AddError("--timeout needs --settle");
        });
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            ParseResult parsed = context.Parsed;
            var wanted = new TriggerSelection(context.Settings, parsed.GetValue(devices) ?? [], filters.Read(parsed));
            IReadOnlyList<string> paths = wanted.Find(out IReadOnlyList<string> unknown, context.Cancel);
            foreach (string name in unknown)
                context.Say(DeviceNameCheck.Mistake(name, context.Settings.Sysfs, untilRemoved: false) ?? $"{name}: no such device below {context.Settings.Sysfs} (name it by its devpath, /sys/…, /dev/… or subsystem:sysname)");
            string text = parsed.GetValue(uuid) is { } id ? $"{parsed.GetValue(action)} {id}" : parsed.GetValue(action)!;
            if (paths.Count == 0 && wanted.Filter is { } fitting)
                context.Say(SubsystemHint.Nothing(FilterOptions.Subsystems(fitting), context.Settings.Sysfs));
            bool failed = !Write(context, paths, text, parsed.GetValue(dryRun), parsed.GetValue(verbose) || parsed.GetValue(dryRun));
            if (parsed.GetValue(settle) && !parsed.GetValue(dryRun))
            {
                context.Output.Flush();
                await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
                if (await SettleCommand.RunAsync(context, client, null, WaitOptions.TimeOf(parsed, timeout)).ConfigureAwait(false) is var status and not ExitStatus.Done)
                    return status;
            }
            return failed || unknown.Count > 0 ? ExitStatus.Failed : ExitStatus.Done;
        }));
        return command;
    }

    private static void Print(CommandContext context, string path)
    {
        if (context.Settings.Json)
            context.Output.Line(JsonLine.Object(json => json.WriteString("devpath"u8, path)));
        else
            context.Output.Line(Printable.Text(path));
    }

    // A device removed meanwhile is not a failure, unless it was the only one.
    private static bool Write(CommandContext context, IReadOnlyList<string> paths, string text, bool dryRun, bool verbose)
    {
        bool good = true;
        foreach (string path in paths)
        {
            context.Cancel.ThrowIfCancellationRequested();
            if (verbose)
                Print(context, path);
            if (dryRun)
                continue;
            try
            {
                using var file = new FileStream($"{context.Settings.Sysfs.TrimEnd('/')}{path}/uevent", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                file.Write(Encoding.ASCII.GetBytes(text));
            }
            catch (UnauthorizedAccessException)
            {
                throw new IOException($"{path}/uevent: permission denied (run it as root; in a container sysfs may be read-only)");
            }
            catch (IOException e) when (e is DirectoryNotFoundException or FileNotFoundException)
            {
                good &= paths.Count > 1;
            }
            catch (IOException e)
            {
                context.Say($"{path}/uevent: {e.Message}");
                good = false;
            }
        }
        return good;
    }
}
