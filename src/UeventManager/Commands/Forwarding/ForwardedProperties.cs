using System.Globalization;
using UeventManager.Client;

namespace UeventManager.Commands.Forwarding;

/// <summary>The properties of an event as udevd would tell them.</summary>
internal static class ForwardedProperties
{
    // What an event of the kernel has before all others; clients that show properties show them so.
    private static readonly string[] First = ["ACTION", "DEVPATH", "SUBSYSTEM"];

    /// <summary>Puts them together.</summary>
    /// <param name="action">What happened.</param>
    /// <param name="device">The device.</param>
    /// <param name="oldDevpath">Of a move, where it was.</param>
    /// <param name="seqnum">Not 0: clients reject that.</param>
    /// <param name="known">What is known of the device besides; null for what is no device.</param>
    /// <param name="tags">Its tags.</param>
    public static Dictionary<string, string> Of(
        string action, UeventDevice device, string? oldDevpath, long seqnum, KnownDevice? known, IReadOnlyList<string> tags)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ACTION"] = action,
            ["DEVPATH"] = device.Devpath,
            ["SUBSYSTEM"] = device.Subsystem,
        };
        foreach ((string key, string value) in known?.Derived ?? new Dictionary<string, string>())
            result[key] = value;
        foreach ((string key, string value) in device.Properties)
        {
            if (!First.Contains(key))
                result[key] = value;
        }
        Set(result, "DEVTYPE", device.Devtype);
        // udevd names nodes absolutely, the kernel relative to /dev.
        Set(result, "DEVNAME", device.Devnode);
        // libvirt ignores bind, so the driver must be in the add.
        Set(result, "DRIVER", device.Driver);
        if (oldDevpath is not null)
            result["DEVPATH_OLD"] = oldDevpath;
        else
            result.Remove("DEVPATH_OLD");
        result["SEQNUM"] = Number(seqnum);
        if (known is not null)
            result["USEC_INITIALIZED"] = Number(known.InitializedUsec);
        if (tags.Count > 0)
            result["TAGS"] = result["CURRENT_TAGS"] = $":{string.Join(':', tags)}:";
        result["UDEV_DATABASE_VERSION"] = "1";
        // By which the daemon and other forwarders tell this from udevd.
        result["UEVENT_MANAGER"] = "1";
        return result;
    }

    private static void Set(Dictionary<string, string> to, string key, string? value)
    {
        if (value is not null)
            to[key] = value;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What is known of a device besides what its events say.</summary>
/// <param name="Id">Its name in udev's database; null if it has no entry.</param>
/// <param name="InitializedUsec">When it was first told, CLOCK_MONOTONIC.</param>
/// <param name="Derived">What udevd's builtins would have read from sysfs.</param>
internal sealed record KnownDevice(string? Id, long InitializedUsec, IReadOnlyDictionary<string, string> Derived);
