using Microsoft.Extensions.Logging;
using UeventManager.Core.Engine;
using UeventManager.Core.Rules;

namespace UeventManager.Daemon;

/// <summary>
/// Every line that the daemon logs, one for each incident; from warning on it names the device and the rule, if any, and ends with the remedy in
/// brackets.
/// </summary>
internal sealed partial class DaemonLog
{
    private readonly ILogger _logger;

    /// <summary>Creates the log.</summary>
    /// <param name="logger">Receives the lines. Each text stays one line, so that a device's name cannot begin another line with its own
    /// priority.</param>
    public DaemonLog(ILogger logger)
    {
        _logger = new OneLine(logger);
        IsDebug = logger.IsEnabled(LogLevel.Debug);
    }

    /// <summary>True if details for an inquiry are logged too: uevents, looks and decisions.</summary>
    public bool IsDebug { get; }

    /// <summary>Logs an incident of the engine.</summary>
    public void Report(Incident incident, in ReportedDevice device, IReadOnlyList<string>? missing, Rule? inForce)
    {
        var wants = missing is { Count: > 0 } ? string.Join("; ", missing) : "nothing that is known";
        var rule = inForce is { } r ? $"{r.Name} ({r.File}:{r.Line})" : "none";
        switch (incident)
        {
            case Incident.Held:
                Held(device.DevPath, device.Subsystem, rule, wants);
                break;
            case Incident.DeliveredUnsettled:
                DeliveredUnsettled(device.DevPath, device.Subsystem, rule, wants);
                break;
            case Incident.Dropped:
                Dropped(device.DevPath, device.Subsystem, rule, wants);
                break;
            case Incident.ChangeHeld:
                ChangeHeld(device.DevPath, device.Subsystem, rule, wants);
                break;
            case Incident.AnnouncedLate:
                AnnouncedLate(device.DevPath, device.Subsystem);
                break;
            case Incident.Vanished:
                Vanished(device.DevPath, device.Subsystem);
                break;
            case Incident.RemoveLost:
                RemoveLost(device.DevPath, device.Subsystem, rule);
                break;
            case Incident.CannotLook:
                CannotLook(device.DevPath, device.Subsystem, wants);
                break;
            case Incident.Conflict:
                Conflict(device.DevPath, device.Subsystem, rule, wants);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "ready {Milliseconds} ms after start; devices announced: {Devices}, waiting: {Waiting}; rules in force: {Rules}")]
    public partial void Ready(string milliseconds, int devices, int waiting, int rules);

    [LoggerMessage(2, LogLevel.Information, "stopping")]
    public partial void Stopping();

    [LoggerMessage(3, LogLevel.Warning, "the receive buffer was full and the kernel dropped uevents ({Lost}); the state is read again from sysfs and subscribers get a gap (a larger --receive-buffer, or ReceiveBuffer= of uevent-manager-kernel.socket, makes this rarer)")]
    public partial void Overrun(long lost);

    [LoggerMessage(4, LogLevel.Information, "receive buffer: {Granted} of {Wanted} bytes (more needs CAP_NET_ADMIN or a larger net.core.rmem_max)")]
    public partial void SmallBuffer(int granted, int wanted);

    [LoggerMessage(5, LogLevel.Information, "root is not mapped in this user namespace: only netlink port 0 and group 1 identify the kernel's uevents")]
    public partial void RootNotMapped();

    [LoggerMessage(6, LogLevel.Warning, "left out: {Problem} (correct it and reload; 'ueventctl rules check' names every mistake)")]
    public partial void RuleLeftOut(string problem);

    [LoggerMessage(43, LogLevel.Warning, "there are no rules, so every event is delivered at once; searched: {Directories} (" + RuleDirectories.Remedy + ")")]
    public partial void NoRules(string directories);

    [LoggerMessage(7, LogLevel.Warning, "{DevPath} ({Subsystem}) is held by rule {Rule}: missing at the timeout: {Missing} (it is announced once it is complete; 'ueventctl release' announces it now)")]
    private partial void Held(string devPath, string subsystem, string rule, string missing);

    [LoggerMessage(8, LogLevel.Warning, "{DevPath} ({Subsystem}) is delivered unsettled by rule {Rule}: missing at the timeout: {Missing} (raise the rule's timeout or make the item optional)")]
    private partial void DeliveredUnsettled(string devPath, string subsystem, string rule, string missing);

    [LoggerMessage(9, LogLevel.Warning, "{DevPath} ({Subsystem}) is dropped by rule {Rule}: missing at the timeout: {Missing} (raise the rule's timeout or make the item optional)")]
    private partial void Dropped(string devPath, string subsystem, string rule, string missing);

    [LoggerMessage(10, LogLevel.Warning, "a change of {DevPath} ({Subsystem}) is held by rule {Rule}: missing at the timeout: {Missing} (it is delivered once it is complete; 'ueventctl release' delivers it now)")]
    private partial void ChangeHeld(string devPath, string subsystem, string rule, string missing);

    [LoggerMessage(11, LogLevel.Information, "{DevPath} ({Subsystem}) was held and is announced late")]
    private partial void AnnouncedLate(string devPath, string subsystem);

    [LoggerMessage(12, LogLevel.Debug, "{DevPath} ({Subsystem}) is gone, and the kernel sent no remove")]
    private partial void Vanished(string devPath, string subsystem);

    [LoggerMessage(13, LogLevel.Warning, "{DevPath} ({Subsystem}) was added again as another device: its remove was lost; rule {Rule} (no action needed: subscribers get a synthetic remove first)")]
    private partial void RemoveLost(string devPath, string subsystem, string rule);

    [LoggerMessage(14, LogLevel.Error, "sysfs could not be read completely; places: {Count}, the first {Place} ({Errno}): nothing below them counts as gone, and they are read again (EMFILE: raise LimitNOFILE=; otherwise make sure that sysfs is mounted there and that the daemon's user may read it)")]
    public partial void ScanIncomplete(int count, string place, string errno);

    [LoggerMessage(25, LogLevel.Error, "{Place} ({Subsystem}) cannot be looked at ({Errno}): nothing is decided about it, and it is looked at again (EMFILE: raise LimitNOFILE=, or let fewer clients connect; 'ueventctl status' names what cannot be looked at)")]
    private partial void CannotLook(string place, string subsystem, string errno);

    [LoggerMessage(15, LogLevel.Information, "rules reloaded; rules in force: {Rules}")]
    public partial void Reloaded(int rules);

    [LoggerMessage(16, LogLevel.Error, "rules not reloaded, the old ones stay in force: {Problem} (correct it and reload; 'ueventctl rules check' names every mistake)")]
    public partial void ReloadFailed(string problem);

    [LoggerMessage(21, LogLevel.Warning, "{DevPath} ({Subsystem}) has the same bus name, device number, ifindex or node as {Other}, whose remove has not come: it waits for that remove, at most for the timeout of rule {Rule} ('ueventctl explain' of both devices says more)")]
    private partial void Conflict(string devPath, string subsystem, string rule, string other);

    [LoggerMessage(18, LogLevel.Information, "the state is handed over to the next start, so cursors stay valid; devices: {Devices}, events: {Events}")]
    public partial void HandedOver(int devices, long events);

    [LoggerMessage(19, LogLevel.Warning, "nothing is handed over to the next start, so subscribers will get a gap and the state: {Reason} (free space there, or set $RUNTIME_DIRECTORY to a writable directory)")]
    public partial void NotHandedOver(string reason);

    [LoggerMessage(42, LogLevel.Warning, "the socket {Path} cannot be removed: {Reason} (no action needed: the next start replaces it)")]
    public partial void SocketFileStays(string path, string reason);

    [LoggerMessage(20, LogLevel.Warning, "the last run's hand-over is not used, so subscribers get a gap and the state: {Reason} (no action needed: the next orderly end writes a new one)")]
    public partial void NotRestored(string reason);

    [LoggerMessage(24, LogLevel.Information, "uevents may have been lost since the last run ended: subscribers that resume get a gap and the state (uevent-manager-kernel.socket prevents this)")]
    public partial void MayHaveMissed();

    [LoggerMessage(26, LogLevel.Information, "the last run's hand-over uses another clock (another time namespace, or a virtual machine restored from a snapshot): pending events continue as if no time had passed")]
    public partial void OtherClock();

    [LoggerMessage(22, LogLevel.Information, "{DevPath} is released by hand, by uid {Uid}")]
    public partial void Released(string devPath, uint uid);

    [LoggerMessage(23, LogLevel.Warning, "closed the connection of process {Pid} (uid {Uid}), which has read nothing for {Seconds} s (it can connect again and resume with its cursor; --subscriber-timeout changes the time)")]
    public partial void Stalled(int pid, uint uid, double seconds);

    [LoggerMessage(40, LogLevel.Error, "closed the connection of process {Pid} (uid {Uid}) because of a bug in serving it; further cases of this kind are only counted (report it with these lines; other connections are not affected)")]
    public partial void ServingFailed(int pid, uint uid, Exception error);

    [LoggerMessage(41, LogLevel.Warning, "closed the connection of process {Pid} (uid {Uid}): its unfinished requests and unread replies exceed {Limit} MiB; further cases of this user are only counted (check what the process does; it can connect again)")]
    public partial void OverBudget(int pid, uint uid, long limit);

    [LoggerMessage(50, LogLevel.Warning, "broadcasts of udevd were lost: for events until now its database decides (a larger ReceiveBuffer= of uevent-manager-udev.socket makes this rarer)")]
    public partial void UdevOverrun();

    [LoggerMessage(67, LogLevel.Warning, "broadcasts on udevd's group were longer than {Bytes} bytes and were cut off: for events until now udev's database decides; logged again only after ten seconds without one (udevd's own events are never this long: find the program that sends them, or the udev rule that sets so many properties)")]
    public partial void UdevTooLong(int bytes);

    [LoggerMessage(51, LogLevel.Warning, "udevd's broadcasts cannot be received, so only its database decides: {Reason} (pass a socket of group 2, as uevent-manager-udev.socket does)")]
    public partial void NoUdevSocket(string reason);

    [LoggerMessage(66, LogLevel.Debug, "udevd has finished {Seqnum}: {Action} {DevPath}{Outcome}")]
    public partial void UdevTold(long seqnum, string action, string devPath, string outcome);

    [LoggerMessage(60, LogLevel.Debug, "uevent {Seqnum}: {Action} {DevPath} ({Subsystem}), {Kind}")]
    public partial void Uevent(long seqnum, string action, string devPath, string subsystem, string kind);

    [LoggerMessage(61, LogLevel.Debug, "look at {DevPath} ({Subsystem}), {Purpose}: {Seen}")]
    public partial void Look(string devPath, string subsystem, string purpose, string seen);

    [LoggerMessage(62, LogLevel.Debug, "decided: {DevPath} ({Subsystem}) waits by rule {Rule}, for: {Missing}")]
    public partial void Waits(string devPath, string subsystem, string rule, string missing);

    [LoggerMessage(63, LogLevel.Debug, "decided: {Action} {DevPath} ({Subsystem}) is delivered after {Milliseconds} ms by rule {Rule}, {Outcome}")]
    public partial void Delivered(string action, string devPath, string subsystem, string milliseconds, string rule, string outcome);

    [LoggerMessage(64, LogLevel.Debug, "decided: {DevPath} ({Subsystem}) is gone and was never announced")]
    public partial void Gone(string devPath, string subsystem);

    [LoggerMessage(65, LogLevel.Debug, "decided: sysfs is read for all devices (scan {Number})")]
    public partial void Scan(long number);

    [LoggerMessage(17, LogLevel.Critical, "the engine ended because of a bug (the service manager restarts it; report it with these lines)")]
    public partial void EngineFailed(Exception error);

    private sealed class OneLine(ILogger to) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => to.IsEnabled(logLevel);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => to.BeginScope(state);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!to.IsEnabled(logLevel))
                return;
            var text = formatter(state, exception) + (exception is null ? "" : $": {exception.ToString().ReplaceLineEndings(" ")}");
            to.Log(logLevel, eventId, Printable.Text(text), null, static (text, _) => text);
        }
    }

    [LoggerMessage(90, LogLevel.Information, "the engine's inputs are recorded from now on, for uid {Uid}; looks in flight are made again")]
    public partial void Records(uint uid);

    [LoggerMessage(91, LogLevel.Information, "the recording has ended")]
    public partial void RecordsNoMore();
}

/// <summary>A device at the time of its incident.</summary>
/// <param name="DevPath">The path at that time.</param>
/// <param name="Subsystem">The subsystem.</param>
internal readonly record struct ReportedDevice(string DevPath, string Subsystem);
