using System.Text;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using UeventManager.Sysfs;

namespace UeventManager.Commands.Retelling;

/// <summary>
/// The gates that udev's rules shut. A link to a file descriptor of this process tells the rules that retell runs: it dangles as soon as the process
/// ends, however it ends, and then new devices pass.
/// </summary>
/// <param name="link">The link that udev's rules check.</param>
/// <param name="runUdev">udev's directory.</param>
/// <param name="sysfs">The root of sysfs.</param>
internal sealed class GateKeeper(string link, string runUdev, string sysfs) : IDisposable
{
    // So high that another process that gets this pid is unlikely to have it open.
    private const int LeastDescriptor = 900;
    private const string Shut = "E:UEVENT_SETTLED=0";
    private const int NumberBytes = 64;

    private DescriptorHandle? _held;

    /// <summary>Allows gates to be shut.</summary>
    /// <exception cref="IOException">The link cannot be created.</exception>
    public void Begin()
    {
        End();
        using SafeFileHandle nothing = File.OpenHandle("/dev/null");
        int high = LibC.fcntl((int)nothing.DangerousGetHandle(), LibC.F_DUPFD_CLOEXEC, LeastDescriptor);
        if (high < 0)
            throw new SystemCallException("fcntl", "/dev/null", LibC.errno);
        _held = new DescriptorHandle(high);
        File.CreateSymbolicLink(link, $"/proc/{Environment.ProcessId}/fd/{high}");
    }

    /// <summary>Stops gates from being shut. If the link cannot be removed, it dangles.</summary>
    public void End()
    {
        _held?.Dispose();
        _held = null;
        try
        {
            File.Delete(link);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The directory is gone or not writable.
        }
    }

    /// <summary>The names of the entries in udev's database with a shut gate.</summary>
    public IReadOnlyList<string> ShutEntries()
    {
        try
        {
            return [.. Directory.EnumerateFiles(Path.Combine(runUdev, "data")).Where(IsShut).Select(static path => Path.GetFileName(path))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Opens every shut gate.</summary>
    /// <param name="writer">Triggers the devices.</param>
    /// <returns>The number of devices that were triggered.</returns>
    public int OpenAll(RetellWriter writer) => ShutEntries().Select(Find).Count(found => found is { } device && writer.Write(device.DevPath, device.Subsystem));

    /// <summary>The device of a database entry; null if it does not exist.</summary>
    /// <param name="id">The entry's name, such as <c>b8:0</c>, <c>n3</c> or <c>+pci:0000:00:03.0</c>.</param>
    /// <returns>The devpath and the subsystem.</returns>
    public (string DevPath, string Subsystem)? Find(string id)
    {
        string root = sysfs.TrimEnd('/');
        foreach (string place in Places(root, id))
        {
            if (Resolved(place) is { } target && target.StartsWith(root + "/", StringComparison.Ordinal))
                return (target[root.Length..], SubsystemOf(target, id));
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => End();

    private static IEnumerable<string> Places(string root, string id)
    {
        switch (id)
        {
            case ['b', .. var number]:
                return [$"{root}/dev/block/{number}"];
            case ['c', .. var number]:
                return [$"{root}/dev/char/{number}"];
            case ['n', .. var index]:
                return Interfaces(root).Where(path => Text($"{path}/ifindex", NumberBytes) == index);
            case ['+', .. var named] when named.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon:
                var (subsystem, name) = (named[..colon], named[(colon + 1)..]);
                // The name of a driver begins with its bus: pci:e1000.
                string[] ofDriver = subsystem == "drivers" && name.Split(':', 2) is [var bus, var driver] ? [$"{root}/bus/{bus}/drivers/{driver}"] : [];
                return [$"{root}/bus/{subsystem}/devices/{name}", $"{root}/class/{subsystem}/{name}", .. ofDriver, $"{root}/{subsystem}/{name}"];
            default:
                return [];
        }
    }

    private static string[] Interfaces(string root)
    {
        try
        {
            return Directory.GetDirectories($"{root}/class/net");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // Null if the path does not exist or dangles: an entry can outlive its device.
    private static string? Resolved(string place)
    {
        try
        {
            return !Directory.Exists(place) ? null : Directory.ResolveLinkTarget(place, returnFinalTarget: true)?.FullName ?? place;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string SubsystemOf(string target, string id)
    {
        try
        {
            if (new FileInfo(target + "/subsystem").LinkTarget is { } link)
                return Path.GetFileName(link);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The subsystem in the entry's name.
        }
        return id switch { ['+', .. var named] => named.Split(':')[0], ['n', ..] => "net", _ => "" };
    }

    private static bool IsShut(string path) => Text(path, UdevDatabase.MaxEntryBytes)?.Split('\n').Contains(Shut) == true;

    // Reads only regular files and attributes; opening anything else could block.
    private static string? Text(string path, int most)
    {
        int file = FileCalls.Open(LibC.AT_FDCWD, Encoding.UTF8.GetBytes(path + '\0'), LibC.O_RDONLY | LibC.O_NOFOLLOW | LibC.O_NONBLOCK);
        if (file < 0)
            return null;
        var text = new byte[most];
        int length = FileCalls.ReadAll(file, text);
        FileCalls.Close(file);
        return length < 0 ? null : Encoding.UTF8.GetString(text, 0, length).TrimEnd();
    }
}
