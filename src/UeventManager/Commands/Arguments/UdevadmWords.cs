namespace UeventManager.Commands.Arguments;

/// <summary>Words of udevadm with their equivalents here.</summary>
internal static class UdevadmWords
{
    private const string Named = "name the device itself: a devpath, /sys/…, /dev/… or subsystem:sysname";

    private static readonly Dictionary<(string Command, string Option), string> s_words = new()
    {
        [("info", "--name")] = Named,
        [("info", "-n")] = Named,
        [("info", "--path")] = Named,
        [("info", "--root")] = "--query all and --property DEVNAME show the node with its directory",
        [("info", "-r")] = "--query all and --property DEVNAME show the node with its directory",
        [("info", "--device-id-of-file")] = "use stat -c %d FILE",
        [("info", "-d")] = "use stat -c %d FILE",
        [("info", "--export-prefix")] = "--query property prints KEY=VALUE",
        [("info", "-P")] = "--query property prints KEY=VALUE",
        [("info", "--wait-for-initialization")] = "ueventctl wait DEVICE",
        [("info", "-w")] = "ueventctl wait DEVICE",
        [("info", "--cleanup-db")] = "it is udev's: udevadm info --cleanup-db",
        [("info", "-c")] = "it is udev's: udevadm info --cleanup-db",
        [("info", "--no-pager")] = "ueventctl never uses a pager",
        [("monitor", "--udev")] = "--settled shows complete devices; udevadm shows udevd's own messages",
        [("monitor", "--environment")] = "--property",
        [("monitor", "-e")] = "--property",
        [("settle", "--exit-if-exists")] = "ueventctl wait /dev/… waits for one device",
        [("settle", "-E")] = "ueventctl wait /dev/… waits for one device",
        [("wait", "--initialized")] = "every device that wait returns is settled",
        [("wait", "--removed")] = "--until removed",
        [("wait", "--settle")] = "use ueventctl settle --udev before it",
        [("trigger", "--quiet")] = "it prints nothing without --verbose",
        [("trigger", "-q")] = "it prints nothing without --verbose",
        [("trigger", "--type")] = "devices are triggered; --filter selects them",
        [("trigger", "--subsystem-nomatch")] = "--filter subsystem!=GLOB",
        [("trigger", "-S")] = "--filter subsystem!=GLOB",
        [("trigger", "--attr-match")] = "--filter attribute:NAME=GLOB",
        [("trigger", "-a")] = "--filter attribute:NAME=GLOB",
        [("trigger", "--attr-nomatch")] = "--filter attribute:NAME!=GLOB",
        [("trigger", "-A")] = "--filter attribute:NAME!=GLOB",
        [("trigger", "--property-match")] = "--filter KEY=GLOB",
        [("trigger", "-p")] = "--filter KEY=GLOB",
        [("trigger", "--tag-match")] = "--filter tag=GLOB",
        [("trigger", "-g")] = "--filter tag=GLOB",
        [("trigger", "--sysname-match")] = "--filter sysname=GLOB",
        [("trigger", "-y")] = "--filter sysname=GLOB",
        [("trigger", "--name-match")] = "name the node itself: /dev/…",
        [("trigger", "--parent-match")] = "--filter parent=SUBSYSTEM:SYSNAME, or --devpath /devices/…/**",
        [("trigger", "-b")] = "--filter parent=SUBSYSTEM:SYSNAME, or --devpath /devices/…/**",
        [("trigger", "--prioritized-subsystem")] = "parents always come before their children",
        [("trigger", "--initialized-match")] = "--filter tag=GLOB selects by udev's tags",
        [("trigger", "--initialized-nomatch")] = "--filter tag!=GLOB selects by udev's tags",
        [("trigger", "--include-parents")] = "name them too",
        [("trigger", "--wait-daemon")] = "ueventctl settle waits for the daemon",
    };

    private static readonly Dictionary<string, string> s_commands = new(StringComparer.Ordinal)
    {
        ["control"] = "'reload' reads the rules again; udevadm controls udevd",
        ["test"] = "'rules test DEVICE' shows which rule is in force",
        ["verify"] = "'rules check PATH' reports every mistake in rule files",
        ["lock"] = "it is udev's: udevadm lock",
        ["test-builtin"] = "it is udev's: udevadm test-builtin",
        ["hwdb"] = "it is udev's: udevadm hwdb",
        ["cat"] = "it is udev's: udevadm cat",
    };

    /// <summary>The equivalent of an option, or null.</summary>
    /// <param name="command">The command.</param>
    /// <param name="option">The option as written, perhaps with a value.</param>
    public static string? OfOption(string command, string option) => s_words.GetValueOrDefault((command, option.Split('=')[0]));

    /// <summary>The equivalent of a command, or null.</summary>
    /// <param name="command">A command of udevadm.</param>
    public static string? OfCommand(string command) => s_commands.GetValueOrDefault(command);

    /// <summary>The options of udevadm that have another name here.</summary>
    public static IEnumerable<(string Command, string Option)> Options => s_words.Keys;
}
