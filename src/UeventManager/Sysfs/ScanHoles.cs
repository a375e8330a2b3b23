namespace UeventManager.Sysfs;

/// <summary>The directories that a scan could not read although they may exist: below them, no device counts as missing.</summary>
/// <param name="Count">The number of such directories; 0 if the scan was complete.</param>
/// <param name="First">The first one, as a path below the root; null if there is none.</param>
/// <param name="Errno">The errno for the first one.</param>
internal readonly record struct ScanHoles(int Count, string? First, int Errno);
