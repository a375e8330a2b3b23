namespace UeventManager.Core.Snapshots;

/// <summary>Takes the next bytes of a snapshot; valid during the call.</summary>
public delegate void SnapshotSink(ReadOnlySpan<byte> bytes);

/// <summary>Gives the next bytes of a snapshot, at least one unless it is at its end.</summary>
/// <param name="buffer">Where to put them.</param>
/// <returns>How many.</returns>
public delegate int SnapshotSource(Span<byte> buffer);
