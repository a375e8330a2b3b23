using System.Globalization;
using System.Text;

namespace UeventManager.Udev;

/// <summary>A device as udev's database has it: its name there, and its lines.</summary>
internal static class UdevEntryText
{
    /// <summary>The name of a device's entry, as sd_device_get_device_id() makes it; null if it can have none.</summary>
    public static string? IdOf(IReadOnlyDictionary<string, string> properties)
    {
        var subsystem = properties.GetValueOrDefault("SUBSYSTEM", "");
        var path = properties.GetValueOrDefault("DEVPATH", "");
        if (Number(properties, "MAJOR") is { } major and > 0 && Number(properties, "MINOR") is { } minor)
            return $"{(subsystem == "block" ? 'b' : 'c')}{major}:{minor}";
        if (Number(properties, "IFINDEX") is { } index and > 0 && subsystem == "net")
            return $"n{index}";
        var name = path[(path.LastIndexOf('/') + 1)..];
        // /bus/pci/drivers/vfio-pci: drivers of two buses may have one name.
        if (subsystem == "drivers")
            return path.Split('/') is [_, "bus", { Length: > 0 } bus, "drivers", ..] ? $"+drivers:{bus}:{name}" : null;
        // A kobject of a device (a queue) has no uevent file, and so no entry.
        return subsystem.Length == 0 || name.Length == 0 || subsystem is "queues" ? null : $"+{subsystem}:{name}";
    }

    /// <summary>The lines.</summary>
    /// <param name="properties">All properties of the device; those that its uevent file has are not repeated.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="initializedUsec">When it was first seen, CLOCK_MONOTONIC.</param>
    public static string Of(IReadOnlyDictionary<string, string> properties, IReadOnlyList<string> tags, long initializedUsec)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"I:{initializedUsec}\n");
        foreach (var (key, value) in properties)
        {
            if (IsStored(key) && !value.Contains('\n', StringComparison.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"E:{key}={value}\n");
        }
        foreach (var tag in tags)
            text.Append(CultureInfo.InvariantCulture, $"G:{tag}\n");
        foreach (var tag in tags)
            text.Append(CultureInfo.InvariantCulture, $"Q:{tag}\n");
        return text.Append("V:1\n").ToString();
    }

    /// <summary>When an entry says that its device was first seen; null if it does not.</summary>
    public static long? InitializedOf(string entry)
    {
        foreach (var line in entry.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("I:", StringComparison.Ordinal) && long.TryParse(line[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var usec))
                return usec;
        }
        return null;
    }

    private static bool IsStored(string key) =>
        key.StartsWith("ID_", StringComparison.Ordinal) || key.StartsWith("SYSTEMD_", StringComparison.Ordinal) || key == "UEVENT_MANAGER" || key == "UEVENT_SETTLED";

    private static uint? Number(IReadOnlyDictionary<string, string> properties, string key) =>
        properties.TryGetValue(key, out var text) && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
