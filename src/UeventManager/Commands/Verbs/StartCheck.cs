using System.Net.Sockets;
using UeventManager.Commands.Terminal;
using UeventManager.Daemon;
using UeventManager.Daemon.Edge;
using UeventManager.Netlink;
using UeventManager.RuleFiles;
using UeventManager.Sysfs;

namespace UeventManager.Commands.Verbs;

/// <summary>
/// <c>ueventctl daemon --check</c>: checks everything that a start needs, one line each, and reports all problems at once. Nothing is changed.
/// </summary>
internal static class StartCheck
{
    // 4,096 open directories, the subscribers' connections, and some for temporary use.
    private const long WantedDescriptors = 8_192;

    /// <summary>Runs the checks.</summary>
    /// <param name="options">The daemon's options.</param>
    /// <param name="output">Receives a line for each check, or one object for all.</param>
    /// <param name="json">True for the object.</param>
    /// <returns>True if a daemon would start.</returns>
    public static bool Run(DaemonOptions options, TextOutput output, bool json = false)
    {
        (string Name, Finding Found)[] checks =
        [
            ("rules", Try(Rules, options)), ("uevents", Try(Uevents, options)), ("sysfs", Try(Tree, options)), ("socket", Try(Socket, options)),
            ("limits", Try(Limits, options)),
        ];
        if (json)
            output.Line(Json(checks));
        foreach (var (name, found) in json ? [] : checks)
        {
            foreach (var line in found.Lines)
                output.Line($"{(found.Good ? "ok" : "NO"),-4}{name,-9}{Printable.Text(line)}");
        }
        return Array.TrueForAll(checks, check => check.Found.Good);
    }

    private static byte[] Json((string Name, Finding Found)[] checks) => JsonLine.Object(json =>
    {
        json.WriteBoolean("good"u8, Array.TrueForAll(checks, check => check.Found.Good));
        json.WriteStartArray("checks"u8);
        foreach (var (name, found) in checks)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteBoolean("good"u8, found.Good);
            JsonLine.WriteTexts(json, "lines", found.Lines);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

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
        if (loaded is { Problems.Count: 0, Rules.Count: 0 })
            return new Finding(true, $"no rules, so every event is delivered at once; searched: {RuleDirectories.Searched(options.RuleDirectories)} ({RuleDirectories.Remedy})");
        return loaded.Problems.Count == 0
            ? new Finding(true, $"{Counted.Of(loaded.Rules.Count, "rule")} in {Counted.Of(loaded.Files.Count, "file")}")
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
        using var tree = SysfsRoot.Open(options);
        return NetworkNamespaceCheck.Run(tree) switch
        {
            NamespaceVerdict.Different => new Finding(false, NetworkNamespaceCheck.Fix(tree)),
            NamespaceVerdict.Same => new Finding(true, $"{tree.Path} belongs to this network namespace"),
            _ => new Finding(true, tree.IsSysfs ? $"{tree.Path} seems to belong to this network namespace" : $"{tree.Path} is not a sysfs, and is used as it is"),
        };
    }

    private static Finding Socket(DaemonOptions options)
    {
        var path = Path.GetFullPath(options.Socket!);
        using (var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            try
            {
                client.Connect(new UnixDomainSocketEndPoint(path));
                return new Finding(true, $"{path}: a daemon answers there already");
            }
            catch (SocketException)
            {
                // No process listens, so the socket could be bound.
            }
            catch (ArgumentException)
            {
                return new Finding(false, $"{path}: too long for a socket (name a shorter --socket)");
            }
        }
        if (File.Exists(path) && (File.GetAttributes(path) & FileAttributes.Device) == 0 && new FileInfo(path).Length > 0)
            return new Finding(false, $"{path}: it is not a socket (remove it, or name another --socket)");
        var directory = Path.GetDirectoryName(path)!;
        if (Directory.Exists(directory))
        {
            using var trusted = TrustedDirectory.Open(directory, out var refusal);
            if (refusal is not null)
                return new Finding(false, $"{path}: {refusal}");
        }
        while (!Directory.Exists(directory))
            directory = Path.GetDirectoryName(directory)!;
        var probe = Path.Combine(directory, $".uevent-manager-{Environment.ProcessId}");
        try
        {
            // A new file: an existing file of that name, perhaps a link, must not be written to.
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
                return new Finding(true, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The probe's own name means nothing to a reader.
            return new Finding(false, $"{path}: nothing can be created in {directory}: {e.Message.Replace(probe, directory, StringComparison.Ordinal)} (start it as root, or name another --socket)");
        }
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
