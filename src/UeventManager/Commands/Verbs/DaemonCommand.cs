using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using UeventManager.Commands.Arguments;
using UeventManager.Core.Rules;
using UeventManager.Daemon;
using UeventManager.Daemon.Start;
using UeventManager.Netlink;
using UeventManager.Systemd;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl daemon</c>: the service.</summary>
internal static class DaemonCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "daemon";

    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var allowBadRules = new Option<bool>("--allow-bad-rules") { Description = "Start even if rule files have errors: use the correct files, and report the others" };
        var buffer = new Option<string?>("--receive-buffer") { HelpName = "BYTES", Description = "Receive buffer for the kernel's uevents [default: 128M; with K, M or G]" };
        var mode = new Option<string?>("--socket-mode") { HelpName = "MODE", Description = "The permissions of the socket, octal [default: 0666] [UEVENT_MANAGER_SOCKET_MODE]" };
        var group = new Option<string?>("--socket-group") { HelpName = "GROUP", Description = "The group of the socket, by name or number [UEVENT_MANAGER_SOCKET_GROUP]" };
        var stall = new Option<string?>("--subscriber-timeout")
        {
            HelpName = "TIME",
            Description = "Close the connection of a client that has read nothing for this long [default: 5min] [UEVENT_MANAGER_SUBSCRIBER_TIMEOUT]",
        };
        var ready = new Option<string?>("--ready-fd")
        {
            HelpName = "FD",
            Description = "Once the daemon is ready, write a line to this descriptor and close it (s6: notification-fd; dinit: ready-notification)",
        };
        var debug = new Option<bool>("--debug") { Description = "Also log uevents, looks and decisions" };
        var check = new Option<bool>("--check") { Description = "Check everything that a start needs, report the problems, and exit" };
        var command = new Command(Name, "Run the service that waits for devices and serves subscribers") { allowBadRules, buffer, mode, group, stall, ready, debug, check };
        command.SetAction(CommandRunner.Action(common, context =>
        {
            var parsed = context.Parsed;
            if (!TryBytes(parsed.GetValue(buffer), out var bytes))
                return Wrong(context, $"--receive-buffer: '{parsed.GetValue(buffer)}' is not a size from 4K to 1G (write for example 128M)");
            var modeText = parsed.GetValue(mode);
            if (!TryMode(modeText, out var socketMode))
                return Wrong(context, $"--socket-mode: '{modeText}' is not a mode (write four octal digits, for example 0660)");
            var groupName = parsed.GetValue(group);
            var gid = groupName is null ? null : GroupNames.Find(groupName);
            if (groupName is not null && gid is null)
                return Wrong(context, $"--socket-group: there is no group '{groupName}' (give a name that 'getent group' lists, or a number)");
            var stallText = parsed.GetValue(stall) ?? "5min";
            if (!Duration.TryParseOption(stallText, out var stallUsec) || stallUsec is < 100_000 or > 86_400_000_000)
                return Wrong(context, $"--subscriber-timeout: '{stallText}' is not a time from 100ms to 24h (write for example 5min)");
            var readyText = parsed.GetValue(ready);
            if (readyText is not null && !(int.TryParse(readyText, NumberStyles.None, null, out var descriptor) && descriptor > 2))
                return Wrong(context, $"--ready-fd: '{readyText}' is not a descriptor (write the number that the supervisor passes, from 3 on)");
            var options = Options(context.Settings) with
            {
                SocketGroup = gid,
                SubscriberTimeoutUsec = stallUsec,
                Socket = context.Settings.ListenPath,
                StateFile = StateFileFor(context.Settings.ListenPath),
                SocketMode = socketMode,
                ReceiveBuffer = bytes,
                AllowBadRules = parsed.GetValue(allowBadRules),
            };
            if (parsed.GetValue(check))
                return Task.FromResult(StartCheck.Run(options, context.Output, context.Settings.Json) ? ExitStatus.Done : ExitStatus.Failed);
            if (readyText is not null)
            {
                options = options with { ReadyDescriptor = ReadyDescriptor.Take(int.Parse(readyText)) };
                if (options.ReadyDescriptor is null)
                    return Wrong(context, $"--ready-fd: descriptor {readyText} is not open for writing (the supervisor must pass it; in a shell: {readyText}>file)");
            }

            return DaemonHost.RunAsync(options, parsed.GetValue(debug) ? LogLevel.Debug : LogLevel.Information, context.Say, context.Cancel);
        }));
        return command;
    }

    /// <summary>The options of a pipeline from the common options.</summary>
    public static DaemonOptions Options(CommonSettings settings) => new()
    {
        Sysfs = settings.Sysfs,
        MustBeSysfs = !settings.IsSysfsNamed,
        Dev = settings.Dev,
        UdevDb = settings.UdevDb,
        RuleDirectories = settings.Rules.Count == 0 ? null : settings.Rules,
    };

    // systemd keeps $RUNTIME_DIRECTORY over a restart if RuntimeDirectoryPreserve= says so.
    private static string StateFileFor(string socket)
    {
        var directory = Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY")?.Split(':')[0];
        var name = Path.GetFileName(socket) + ".state";
        return Path.Combine(directory is { Length: > 0 } ? directory : Path.GetDirectoryName(Path.GetFullPath(socket))!, name);
    }

    private static Task<int> Wrong(CommandContext context, string message)
    {
        context.Say(Configuration.NameOrigin(message));
        return Task.FromResult(ExitStatus.Usage);
    }

    private static bool TryBytes(string? text, out int bytes)
    {
        bytes = UeventSocket.DefaultReceiveBuffer;
        if (text is null)
            return true;
        var shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        if (!long.TryParse(shift == 0 ? text : text[..^1], NumberStyles.None, null, out var number) || number > 1 << 30)
            return false;
        number <<= shift;
        bytes = (int)Math.Min(number, int.MaxValue);
        return number is >= 4096 and <= 1 << 30;
    }

    private static bool TryMode(string? text, out UnixFileMode mode)
    {
        mode = new DaemonOptions().SocketMode;
        if (text is null)
            return true;
        if (text.Length is < 3 or > 4 || text.Any(c => c is < '0' or > '7'))
            return false;
        mode = (UnixFileMode)Convert.ToInt32(text, 8);
        return (int)mode <= 0b111_111_111;
    }
}
