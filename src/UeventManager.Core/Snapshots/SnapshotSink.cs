namespace UeventManager.Core.Snapshots;

/// <summary>Takes the next bytes of a snapshot; valid during the call.</summary>
public delegate void SnapshotSink(ReadOnlySpan<byte> bytes);

/// <summary>Gives the next bytes of a snapshot, at least one unless the snapshot has ended.</summary>
/// <param name="buffer">Receives the bytes.</param>
/// <returns>The number of bytes.</returns>
public delegate int SnapshotSource(Span<byte> buffer);
