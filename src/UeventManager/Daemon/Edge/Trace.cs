using System.Globalization;
using System.Text;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Daemon.Edge;

/// <summary>The log of <c>--debug</c>: uevents, the results of looks, and decisions. Without that option there is no trace.</summary>
/// <param name="log">Gets the lines.</param>
internal sealed class Trace(DaemonLog log)
{
    // Long values and lists are cut: an attribute may be a page.
    private const int MostText = 120;

    /// <summary>A time in the form of the log.</summary>
    public static string Milliseconds(long usec) => (usec / 1000.0).ToString("0.0##", CultureInfo.InvariantCulture);

    /// <summary>Logs a uevent.</summary>
    public void Heard(in Uevent uevent, bool isDevice) =>
        log.Uevent(uevent.Seqnum, uevent.Action.Text(), KernelText.Decode(uevent.DevPath), Encoding.UTF8.GetString(uevent.Subsystem), isDevice ? "a device" : "not a device: it passes at once");

    /// <summary>Logs a broadcast of udevd.</summary>
    public void Told(in UdevMessage message) =>
        log.UdevTold(message.Seqnum, message.Action.Text(), KernelText.Decode(message.DevPath), message.WorkerFailed ? ", its worker failed" : "");

    /// <summary>Logs a look with all its answers.</summary>
    /// <returns>The device; null if the look was abandoned meanwhile.</returns>
    public Device? Looked(Look look, long id)
    {
        if (look.Id != id || look.Device is not { } device)
            return null;
        var seen = look.Errno != 0 ? $"the look failed (errno {look.Errno})"
            : look.Instance == default ? "its directory does not exist"
            : look.Ask.Count == 0 ? "its directory exists" : string.Join("; ", look.Ask.Select(query => Text(query, look.Sheet[query.Slot])));
        log.Look(PathOf(device), device.Subsystem, look.Purpose == LookPurpose.Settle ? "to settle" : "to identify", seen);
        return device;
    }

    /// <summary>Logs the verdict on a look if the device still waits.</summary>
    public void Judged(Device? device)
    {
        if (device?.Pending is { } pending && UeventEngine.MissingOf(device) is { Count: > 0 } missing)
            log.Waits(PathOf(device), device.Subsystem, pending.Rule?.Rule.Name ?? "none", string.Join("; ", missing));
    }

    /// <summary>Logs a delivered event.</summary>
    public void Delivered(PendingEvent released, long now)
    {
        var missing = string.Join("; ", released.Findings.Missing ?? []);
        var outcome = (released.Findings.Settled ? "settled" : "unsettled") + (missing.Length == 0 ? "" : ", without: " + missing);
        log.Delivered(released.Action.Text(), KernelText.Decode(released.Path.Span), released.Subsystem, Milliseconds(Math.Max(0, now - released.ArrivedUsec)), released.Findings.Rule ?? "none", outcome);
    }

    /// <summary>Logs any other command of the engine.</summary>
    public void Commanded(in EngineCommand command)
    {
        if (command.Kind == CommandKind.Gone)
            log.Gone(PathOf(command.Device!), command.Device!.Subsystem);
        else if (command.Kind == CommandKind.Scan)
            log.Scan(command.Number);
    }

    private static string PathOf(Device device) => KernelText.Decode(device.Node.Path);

    private static string Text(SysfsQuery query, in Answer answer)
    {
        var name = query.Kind switch { QueryKind.DeviceNode => "the device node", QueryKind.UdevEntry => "udev's entry", QueryKind.Fingerprint => string.Join(",", query.Globs), _ => query.Path };
        var found = answer.CouldNotLook ? $"unknown (errno {answer.Errno})"
            : answer.Errno != 0 ? $"cannot be read (errno {answer.Errno})"
            : query.Kind == QueryKind.Names ? answer.Count.ToString(CultureInfo.InvariantCulture)
            : answer.Targets is { } targets ? $"to {Short(string.Join(", ", targets))}"
            : answer.LinkTarget is { } target ? (answer.Exists ? "to " : "to nowhere, ") + target
            : answer.Value is { } value ? $"'{Short(value)}'"
            : answer.Exists ? "there" : "not there";
        return $"{name}: {found}";
    }

    private static string Short(string text) => text.Length <= MostText ? text : text[..MostText] + "…";
}
