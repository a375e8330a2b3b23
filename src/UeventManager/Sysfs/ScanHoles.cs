namespace UeventManager.Sysfs;

/// <summary>What a scan could not read, although it may be there: below such a place nothing is known to be missing.</summary>
/// <param name="Count">How many places; 0 if it has read all there is.</param>
/// <param name="First">The first of them, as a path below the root; null if there is none.</param>
/// <param name="Errno">Why that one could not be read.</param>
internal readonly record struct ScanHoles(int Count, string? First, int Errno);
