using System.Text;

namespace UeventManager.Commands.Retelling;

/// <summary>
/// Has the kernel send an event of a device again, with an argument of our own: udevd runs its rules for it and tells every program
/// (kobject_synth_uevent()).
/// </summary>
/// <param name="sysfs">Where sysfs is.</param>
/// <param name="say">Writes a line for people.</param>
internal sealed class RetellWriter(string sysfs, Action<string> say)
{
    private const string Uuids = "/proc/sys/kernel/random/uuid";

    private bool _saidFailure;

    /// <summary>Writes.</summary>
    /// <param name="devpath">The device.</param>
    /// <param name="subsystem">Its subsystem.</param>
    /// <returns>False if it has gone, or may not be told again.</returns>
    public bool Write(string devpath, string subsystem)
    {
        // NetworkManager takes no change for news, and an add would have udevd undo an administrator's rename.
        string action = subsystem == "net" ? "move" : "change";
        try
        {
            using var file = new FileStream($"{sysfs.TrimEnd('/')}{devpath}/uevent", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(Encoding.ASCII.GetBytes($"{action} {NewUuid()} UEVENTMANAGER=settled"));
            return true;
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_saidFailure)
                say($"{devpath}/uevent: {e.Message} (said once)");
            _saidFailure = true;
            return false;
        }
    }

    // By the kernel: the runtime's own needs /dev/urandom, which a program that udevd starts may not have.
    private static string NewUuid() => File.ReadAllText(Uuids).TrimEnd();
}
