using System.Text;

namespace UeventManager.Commands.Retelling;

/// <summary>
/// Makes the kernel send an event of a device again, with an argument of our own (kobject_synth_uevent()): udevd runs its rules and broadcasts the
/// device.
/// </summary>
/// <param name="sysfs">The root of sysfs.</param>
/// <param name="say">Writes a line to the log.</param>
internal sealed class RetellWriter(string sysfs, Action<string> say)
{
    // One UUID for all events; the UEVENTMANAGER argument tells them from other triggered events.
    private const string Uuid = "5b0d6c1e-7f0a-4a53-9c0e-52d1c9a7e6b4";

    private bool _saidFailure;

    /// <summary>Triggers a device.</summary>
    /// <param name="devpath">The device.</param>
    /// <param name="subsystem">Its subsystem.</param>
    /// <returns>False if the device is gone or cannot be triggered.</returns>
    public bool Write(string devpath, string subsystem)
    {
        // NetworkManager ignores a change, and an add would make udevd undo an administrator's rename.
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
                say($"{devpath}/uevent: {e.Message} (logged once)");
            _saidFailure = true;
            return false;
        }
    }
}
