namespace UeventManager.Commands.Arguments;

/// <summary>Completions of a device, a subsystem or a filter for a shell. They come from sysfs without a daemon.</summary>
internal static class DeviceCompletion
{
    private const int Most = 1000;

    /// <summary>The root of sysfs during completion, when options cannot be parsed yet.</summary>
    public static string Sysfs => Environment.GetEnvironmentVariable("UEVENT_MANAGER_SYSFS") is { Length: > 0 } given ? given : "/sys";

    /// <summary>Names of devices as <c>subsystem:sysname</c>; before the colon only subsystems.</summary>
    public static IEnumerable<string> Of(string word)
    {
        int colon = word.IndexOf(':', StringComparison.Ordinal);
        if (word.StartsWith("/devices", StringComparison.Ordinal))
            return DevPaths(word);
        if (word.StartsWith('/'))
            return Below("", word).Append("/devices/");
        return colon < 0 ? Subsystems(Sysfs).Select(name => name + ":") : Devices(word[..colon]).Select(name => $"{word[..colon]}:{name}");
    }

    /// <summary>Names of devices' subsystems: classes and buses.</summary>
    public static IEnumerable<string> Subsystems(string sysfs) => Names(sysfs + "/class").Concat(Names(sysfs + "/bus")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>The devices with a sysname, as <c>subsystem:sysname</c>.</summary>
    public static IEnumerable<string> Named(string sysfs, string sysname) => sysname.Contains('/', StringComparison.Ordinal)
        ? []
        : Subsystems(sysfs).Where(name => Path.Exists($"{sysfs}/class/{name}/{sysname}") || Path.Exists($"{sysfs}/bus/{name}/devices/{sysname}")).Select(name => $"{name}:{sysname}");

    /// <summary>Directories below sysfs, as devpaths.</summary>
    public static IEnumerable<string> DevPaths(string word) => word.StartsWith("/devices/", StringComparison.Ordinal) ? Below(Sysfs, word) : ["/devices/"];

    /// <summary>Continuations of a filter: a key, or a value of the last key.</summary>
    public static IEnumerable<string> Filter(string word, FilterUse use)
    {
        string head = word[..(word.LastIndexOf(',') + 1)];
        string part = word[head.Length..];
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            return FilterKeys.Of(use).Select(key => head + key + (key.EndsWith(':') ? "" : "="));
        IEnumerable<string> values = part[..equals].TrimEnd('!') switch
        {
            "subsystem" or "parent" => Subsystems(Sysfs),
            "action" => UeventManager.Core.Uevents.UeventActions.All,
            "driver" or "DRIVER" => Names(Sysfs + "/bus").SelectMany(bus => Names($"{Sysfs}/bus/{bus}/drivers")).Distinct(StringComparer.Ordinal),
            "devpath" => DevPaths(part[(equals + 1)..]),
            "sysname" => head.Split(',').Where(one => one.StartsWith("subsystem=", StringComparison.Ordinal)).SelectMany(one => Devices(one["subsystem=".Length..])),
            _ => [],
        };
        return values.Select(value => head + part[..(equals + 1)] + value);
    }

    /// <summary>Names of the system's groups.</summary>
    public static IEnumerable<string> Groups()
    {
        try
        {
            return File.ReadLines("/etc/group").Select(static line => line.Split(':')[0]).Where(static name => name.Length > 0 && Printable.IsPlain(name)).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Devices(string subsystem) =>
        subsystem.Contains('/', StringComparison.Ordinal) ? [] : Names($"{Sysfs}/class/{subsystem}").Concat(Names($"{Sysfs}/bus/{subsystem}/devices")).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Below(string root, string word)
    {
        string directory = word[..(word.LastIndexOf('/') + 1)];
        return Names(root + directory).Select(name => directory + name + (Directory.Exists(root + directory + name) ? "/" : ""));
    }

    // A name that must be escaped for display could not be completed either.
    private static string[] Names(string directory)
    {
        try
        {
            return [.. new DirectoryInfo(directory).EnumerateFileSystemInfos().Select(static entry => entry.Name).Where(Printable.IsPlain).Take(Most)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
