using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace UeventManager.Commands.Retelling;

/// <summary>
/// The gates that udev's rules shut. That there is somebody who opens them says a link to a descriptor of this process: it leads nowhere as
/// soon as the process ends, however that happens, and new devices pass.
/// </summary>
/// <param name="link">Where udev's rules look.</param>
/// <param name="runUdev">udev's directory.</param>
/// <param name="sysfs">Where sysfs is.</param>
internal sealed class GateKeeper(string link, string runUdev, string sysfs) : IDisposable
{
    // No other process that gets this one's number is likely to have it.
    private const int LeastDescriptor = 900;
    private const string Shut = "E:UEVENT_SETTLED=0";

    private DescriptorHandle? _held;

    /// <summary>From now on gates may be shut.</summary>
    /// <exception cref="IOException">The link cannot be made.</exception>
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

    /// <summary>From now on no gate is shut.</summary>
    public void End()
    {
        File.Delete(link);
        _held?.Dispose();
        _held = null;
    }

    /// <summary>The names of the entries in udev's database whose gates are shut.</summary>
    public IReadOnlyList<string> ShutEntries()
    {
        try
        {
            return [.. Directory.EnumerateFiles(Path.Combine(runUdev, "data")).Where(IsShut).Select(static path => Path.GetFileName(path))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>Has every gate opened that is shut.</summary>
    /// <param name="writer">Does it.</param>
    /// <returns>How many were.</returns>
    public int OpenAll(RetellWriter writer) => ShutEntries().Select(Find).Count(found => found is { } device && writer.Write(device.Devpath, device.Subsystem));

    /// <summary>The device of an entry, if it is there.</summary>
    /// <param name="id">The entry's name, as <c>b8:0</c>, <c>n3</c> or <c>+pci:0000:00:03.0</c>.</param>
    /// <returns>The devpath and the subsystem.</returns>
    public (string Devpath, string Subsystem)? Find(string id)
    {
        string root = sysfs.TrimEnd('/');
        foreach (string place in Places(root, id))
        {
            if (Directory.ResolveLinkTarget(place, returnFinalTarget: true) is { Exists: true } target && target.FullName.StartsWith(root + "/devices/", StringComparison.Ordinal))
                return (target.FullName[root.Length..], Path.GetFileName(new FileInfo(target.FullName + "/subsystem").LinkTarget ?? ""));
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
                return Directory.Exists($"{root}/class/net")
                    ? Directory.EnumerateDirectories($"{root}/class/net").Where(path => Text($"{path}/ifindex") == index) : [];
            case ['+', .. var named] when named.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon:
                var (subsystem, name) = (named[..colon], named[(colon + 1)..]);
                return [$"{root}/bus/{subsystem}/devices/{name}", $"{root}/class/{subsystem}/{name}"];
            default:
                return [];
        }
    }

    private static bool IsShut(string path) => Text(path)?.Split('\n').Contains(Shut) == true;

    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
