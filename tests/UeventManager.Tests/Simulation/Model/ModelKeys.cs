namespace UeventManager.Tests.Simulation.Model;

/// <summary>
/// What no two devices have at the same time, by kind of device: an ifindex, a device number, a node, and on a bus the name.
/// </summary>
internal static class ModelKeys
{
    /// <summary>The subsystem whose devices cannot share a name (bus_add_device() makes a link of it).</summary>
    public const string Bus = "acme";

    /// <summary>The subsystem of a device, by the letter of its name.</summary>
    public static string Subsystem(string path) => IsOfBus(path) ? Bus : "net";

    /// <summary>Whether a device is one of the bus.</summary>
    public static bool IsOfBus(string path) => Name(path)[0] is 'e' or 'f' or 'x';

    /// <summary>The line of its uevent file that says what kind of its subsystem's it is.</summary>
    public static string DevType(int number) => $"DEVTYPE=kind{number % 2}\n";

    /// <summary>The lines of its uevent file that say what it has for itself.</summary>
    public static string Properties(string path, int number) => Name(path)[0] switch
    {
        'b' or 'o' or 'm' => $"MAJOR=7\nMINOR={number}\n",
        'v' or 'd' or 's' => $"DEVNAME=sim/{number}\n",
        _ => $"IFINDEX={number}\n",
    };

    /// <summary>All that it has for itself.</summary>
    public static IEnumerable<string> Of(string path, IReadOnlyDictionary<string, string> properties)
    {
        foreach (var name in new[] { "IFINDEX", "MINOR", "DEVNAME" })
        {
            if (properties.TryGetValue(name, out var value))
                yield return $"{name}={value}";
        }
        if (properties.GetValueOrDefault("SUBSYSTEM") == Bus)
            yield return $"name {Name(path)}";
    }

    /// <summary>The same of a device as it is.</summary>
    public static IEnumerable<string> Of(ModelDevice device) =>
        Of(device.Path, $"SUBSYSTEM={device.Subsystem}\n{device.Uevent}".Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(line => line[..line.IndexOf('=')], line => line[(line.IndexOf('=') + 1)..]));

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];
}
