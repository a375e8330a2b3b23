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
    // One of our own for all of them: the argument tells them apart from anybody else's.
    private const string Uuid = "5b0d6c1e-7f0a-4a53-9c0e-52d1c9a7e6b4";

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
            file.Write(Encoding.ASCII.GetBytes($"{action} {Uuid} UEVENTMANAGER=settled"));
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
}
