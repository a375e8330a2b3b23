using System.Net.Sockets;
using UeventManager.Daemon;
using UeventManager.Netlink;
using UeventManager.RuleFiles;
using UeventManager.Sysfs;

namespace UeventManager.Commands;

/// <summary><c>ueventctl daemon --check</c>: everything that a start needs, each on a line, and all that is wrong at once. Nothing is changed.</summary>
internal static class StartCheck
{
    // 4,096 directories that are kept open, the connections of subscribers, and room for what comes and goes.
    private const long WantedDescriptors = 8_192;

    /// <summary>Checks.</summary>
    /// <returns>True if a daemon would start.</returns>
    public static bool Run(DaemonOptions options, TextOutput output)
    {
        var good = true;
        foreach (var (what, check) in new (string, Func<DaemonOptions, Finding>)[]
        {
            ("rules", Rules), ("uevents", Uevents), ("sysfs", Tree), ("socket", Socket), ("limits", Limits),
        })
        {
            var finding = Try(check, options);
            good &= finding.Good;
            foreach (var line in finding.Lines)
                output.Line($"{(finding.Good ? "ok" : "NO"),-4}{what,-9}{Printable.Text(line)}");
        }
        return good;
    }

    private static Finding Try(Func<DaemonOptions, Finding> check, DaemonOptions options)
    {
        try
        {
            return check(options);
        }
        catch (Exception e) when (e is SystemCallException or IOException or UnauthorizedAccessException)
        {
            return new Finding(false, e.Message);
        }
    }

    private static Finding Rules(DaemonOptions options)
    {
        var loaded = RuleLoader.Load(options.RuleDirectories ?? RuleLoader.DefaultDirectories);
        return loaded.Problems.Count == 0
            ? new Finding(true, $"{loaded.Rules.Count} in {loaded.Files.Count} files")
            : new Finding(options.AllowBadRules, [.. loaded.Problems.Select(p => options.AllowBadRules ? $"left out: {p}" : p.ToString())]);
    }

    private static Finding Uevents(DaemonOptions options)
    {
        using var socket = UeventSocket.Open(options.ReceiveBuffer);
        var granted = socket.ReceiveBufferBytes;
        return new Finding(true, granted >= options.ReceiveBuffer
            ? $"receive buffer of {granted} bytes"
            : $"receive buffer of {granted} bytes, not {options.ReceiveBuffer} (more needs CAP_NET_ADMIN, a larger net.core.rmem_max, or the socket unit)");
    }

    private static Finding Tree(DaemonOptions options)
    {
        using var tree = SysfsTree.Open(options.Sysfs);
        return NetworkNamespaceCheck.Run(tree) switch
        {
            NamespaceVerdict.Different => new Finding(false, NetworkNamespaceCheck.Fix(tree)),
            NamespaceVerdict.Same => new Finding(true, $"{tree.Path} is of this network namespace"),
            _ => new Finding(true, tree.IsSysfs ? $"{tree.Path}, as it seems of this network namespace" : $"{tree.Path} is no sysfs, and is taken as it is"),
        };
    }

    private static Finding Socket(DaemonOptions options)
    {
        var path = Path.GetFullPath(options.Socket!);
        using (var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            try
            {
                probe.Connect(new UnixDomainSocketEndPoint(path));
                return new Finding(true, $"{path}: a daemon answers there already");
            }
            catch (SocketException)
            {
                // Nobody: so it could be bound.
            }
            catch (ArgumentException)
            {
                return new Finding(false, $"{path}: too long for a socket (name a shorter --socket)");
            }
        }
        if (File.Exists(path) && (File.GetAttributes(path) & FileAttributes.Device) == 0 && new FileInfo(path).Length > 0)
            return new Finding(false, $"{path}: it is no socket (remove it, or name another --socket)");
        var directory = Path.GetDirectoryName(path)!;
        while (!Directory.Exists(directory))
            directory = Path.GetDirectoryName(directory)!;
        using (File.Create(Path.Combine(directory, $".uevent-manager-{Environment.ProcessId}"), 1, FileOptions.DeleteOnClose))
            return new Finding(true, path);
    }

    // The runtime raises the soft limit to the hard one.
    private static Finding Limits(DaemonOptions options)
    {
        const string Key = "Max open files";
        var hard = File.ReadLines("/proc/self/limits").First(line => line.StartsWith(Key, StringComparison.Ordinal))[Key.Length..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var enough = hard == "unlimited" || long.Parse(hard) >= WantedDescriptors;
        return new Finding(enough, $"{hard} open files" + (enough ? "" : $", fewer than {WantedDescriptors} (ulimit -Hn, or LimitNOFILE= of the unit)"));
    }

    private sealed record Finding(bool Good, params string[] Lines);
}
