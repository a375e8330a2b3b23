using System.Text.Json;
using UeventManager.Client;
using UeventManager.Commands.Arguments;

namespace UeventManager.Commands;

/// <summary>Explains the daemon's errors to people.</summary>
internal static class DaemonErrors
{
    private const string Own = "org.ueventmanager.Devices.";
    private const string Control = "org.ueventmanager.Control.";

    /// <summary>Explains an error.</summary>
    /// <param name="error">The daemon's error.</param>
    /// <param name="sysfs">The root of sysfs, to explain names that no device can have; null to explain the error alone.</param>
    /// <returns>One line with the solution.</returns>
    public static string Explain(VarlinkErrorException error, string? sysfs = null)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (sysfs is not null && error.Error is (Own + "NoSuchDevice") or (Control + "NoSuchDevice")
            && DeviceNameCheck.Mistake(Text(error, "device"), sysfs, untilRemoved: false) is { } mistake)
            return mistake;
        return error.Error switch
        {
            Own + "NoSuchDevice" =>
                $"{Text(error, "device")}: no such device{Reason(error)} (ueventctl list --unsettled shows all devices)",
            Control + "NoSuchDevice" => $"{Text(error, "device")}: no such device (ueventctl list --unsettled shows all devices)",
            Control + "AlreadyRecording" => "the daemon is being recorded already, and makes only one recording at a time (end the other one)",
            Control + "NoRecording" => $"the daemon cannot be recorded: {Text(error, "reason")}",
            Own + "NotSettled" when error.Parameters.TryGetProperty("missing", out JsonElement missing) && missing.ValueKind == JsonValueKind.Array && missing.GetArrayLength() == 0 =>
                $"{Text(error, "devpath")}: it is complete, and waits for another device or event (ueventctl explain names it)",
            Own + "NotSettled" =>
                $"{Text(error, "devpath")}: still waits for: {List(error, "missing")} (ueventctl wait waits for it, ueventctl explain says since when)",
            Own + "TooManyWaits" =>
                $"the daemon accepts no more waiting calls: its limit is {Text(error, "limit")} (end one, or try again)",
            Own + "TooSlow" => "too much changed while the list was read (try again)",
            Own + "Timeout" => $"timed out; still missing: {List(error, "missing")}",
            Own + "TooManySubscribers" =>
                $"the daemon accepts no more connections: its limit is {Text(error, "limit")} (close one, see ueventctl status)",
            Own + "TooManyBytes" =>
                $"the daemon closed the connection: requests and unread replies held more than {Text(error, "limit")} bytes (read what it sends, or open fewer connections)",
            "org.varlink.service.PermissionDenied" => "permission denied (run it as root, or as the daemon's user)",
            "org.varlink.service.InvalidParameter" => $"the daemon refused the parameter '{Text(error, "parameter")}'",
            "org.varlink.service.MethodNotFound" or "org.varlink.service.MethodNotImplemented" =>
                $"the daemon does not know {Text(error, "method")} (it is older than this ueventctl; restart it)",
            "org.varlink.service.InterfaceNotFound" =>
                $"the program that listens there does not implement {Text(error, "interface")} (is it the right --socket?)",
            _ => error.Message,
        };
    }

    private static string Reason(VarlinkErrorException error) =>
        error.Parameters.TryGetProperty("reason", out JsonElement reason) && reason.ValueKind == JsonValueKind.String ? $"; {reason.GetString()}" : "";

    private static string Text(VarlinkErrorException error, string member) =>
        error.Parameters.TryGetProperty(member, out JsonElement value) ? value.ToString() : "?";

    private static string List(VarlinkErrorException error, string member) =>
        error.Parameters.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? string.Join(", ", value.EnumerateArray().Select(static item => item.ToString()))
            : "?";
}
