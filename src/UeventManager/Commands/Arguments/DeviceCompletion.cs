using System.CommandLine.Completions;

namespace UeventManager.Commands.Arguments;

/// <summary>What a shell may complete a device or a subsystem to. It asks sysfs and needs no daemon.</summary>
internal static class DeviceCompletion
{
    private const int Most = 1000;

    /// <summary>Names of devices as <c>subsystem:sysname</c>; before the colon the subsystems.</summary>
    public static IEnumerable<CompletionItem> Of(CompletionContext context)
    {
        string word = context.WordToComplete.Trim('"', '\'');
        int colon = word.IndexOf(':', StringComparison.Ordinal);
        if (word.StartsWith('/'))
            return Below(word);
        return colon < 0
            ? Subsystems().Select(name => new CompletionItem(name + ":"))
            : Devices(word[..colon]).Select(name => new CompletionItem($"{word[..colon]}:{name}"));
    }

    /// <summary>Names of subsystems.</summary>
    public static IEnumerable<CompletionItem> Subsystem(CompletionContext context) => Subsystems().Select(name => new CompletionItem(name));

    private static IEnumerable<string> Subsystems() => Names(Sysfs + "/class").Concat(Names(Sysfs + "/bus")).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Devices(string subsystem) =>
        subsystem.Contains('/', StringComparison.Ordinal) ? [] : Names($"{Sysfs}/class/{subsystem}").Concat(Names($"{Sysfs}/bus/{subsystem}/devices")).Distinct(StringComparer.Ordinal);

    private static IEnumerable<CompletionItem> Below(string word)
    {
        string directory = word[..(word.LastIndexOf('/') + 1)];
        return Names(directory).Select(name => new CompletionItem(directory + name));
    }

    private static string Sysfs => Environment.GetEnvironmentVariable("UEVENT_MANAGER_SYSFS") is { Length: > 0 } given ? given : "/sys";

    // A name that must be escaped to be shown could not be completed to either.
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
