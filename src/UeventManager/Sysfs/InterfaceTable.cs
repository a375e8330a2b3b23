using System.Globalization;
using System.Text;
using Tmds.Linux;

namespace UeventManager.Sysfs;

/// <summary>The data that distinguishes network interfaces of different namespaces.</summary>
/// <param name="Index">The interface index.</param>
/// <param name="Bytes">The number of bytes received and sent.</param>
internal readonly record struct InterfaceRow(int Index, ulong Bytes);

/// <summary>The network interfaces by name, from two sources.</summary>
internal static class InterfaceTable
{
    private const string Statistics = "/proc/thread-self/net/dev";

    /// <summary>The interfaces of this thread's network namespace; null if procfs does not show them.</summary>
    internal static Dictionary<string, InterfaceRow>? OfThread()
    {
        try
        {
            return Parse(File.ReadAllText(Statistics), static name => NamespaceCalls.InterfaceIndex(name) ?? 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Parses dev_seq_show()'s table: two header lines, then a name, a colon and sixteen counters.</summary>
    internal static Dictionary<string, InterfaceRow> Parse(string table, Func<string, int> indexOf)
    {
        var rows = new Dictionary<string, InterfaceRow>();
        foreach (var line in table.Split('\n').Skip(2))
        {
            // A name may contain a colon (an old alias), a counter cannot.
            var colon = line.LastIndexOf(':');
            if (colon < 0)
                continue;
            var name = line[..colon].Trim();
            var counters = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (counters.Length > 8)
                rows[name] = new InterfaceRow(indexOf(name), Number(counters[0]) + Number(counters[8]));
        }
        return rows;
    }

    /// <summary>The interfaces in a sysfs; null if it has no network devices at all.</summary>
    internal static Dictionary<string, InterfaceRow>? OfSysfs(SysfsTree tree)
    {
        var fd = FileCalls.Open(tree.Descriptor, "class/net\0"u8, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (fd < 0)
            return null;
        var names = new List<string>();
        var entries = new DirectoryEntries(fd);
        while (entries.Next())
        {
            // There are also files next to the devices, such as bonding_masters.
            if (entries.Type == LinuxApi.DT_LNK)
                names.Add(Encoding.UTF8.GetString(entries.Name));
        }
        var rows = new Dictionary<string, InterfaceRow>();
        foreach (var name in names)
        {
            rows[name] = new InterfaceRow(
                (int)Number(Read(fd, $"{name}/ifindex")),
                Number(Read(fd, $"{name}/statistics/rx_bytes")) + Number(Read(fd, $"{name}/statistics/tx_bytes")));
        }
        FileCalls.Close(fd);
        return rows;
    }

    private static string Read(int directory, string path)
    {
        Span<byte> buffer = stackalloc byte[320];
        Span<byte> value = stackalloc byte[64];
        var fd = FileCalls.Open(directory, PathText.Encode(path, buffer), LibC.O_RDONLY);
        var length = fd < 0 ? 0 : FileCalls.ReadAll(fd, value);
        if (fd >= 0)
            FileCalls.Close(fd);
        return Encoding.UTF8.GetString(value[..Math.Max(length, 0)]).Trim();
    }

    private static ulong Number(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
