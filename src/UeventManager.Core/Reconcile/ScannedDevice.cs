using UeventManager.Core.Settle;

namespace UeventManager.Core.Reconcile;

/// <summary>A device that a scan of sysfs found: a hint, older than the uevents stepped meanwhile.</summary>
/// <param name="Path">Its devpath.</param>
/// <param name="Subsystem">Last component of its <c>subsystem</c> link.</param>
/// <param name="Instance">Its directory's identity.</param>
/// <param name="Uevent">Content of its <c>uevent</c> file, <c>KEY=VALUE\n…</c>.</param>
/// <param name="IsBus">Whether that subsystem is a bus.</param>
public readonly record struct ScannedDevice(byte[] Path, string Subsystem, DeviceInstance Instance, byte[] Uevent, bool IsBus = false);
