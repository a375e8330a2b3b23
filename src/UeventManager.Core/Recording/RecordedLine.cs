using UeventManager.Core.Settle;

namespace UeventManager.Core.Recording;

/// <summary>The kind of an entry below a device's directory.</summary>
public enum RecordedKind : byte
{
    /// <summary>An attribute.</summary>
    Attribute,

    /// <summary>A directory.</summary>
    Folder,

    /// <summary>A symlink.</summary>
    Link,
}

/// <summary>An entry below a device's directory.</summary>
/// <param name="Path">Its path, relative to the device's directory.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Target">The target of a symlink: relative to the sysfs root, with a leading slash.</param>
public readonly record struct RecordedName(string Path, RecordedKind Kind, string? Target = null);

/// <summary>One line of a recording after its header.</summary>
/// <param name="AtUsec">CLOCK_MONOTONIC microseconds: when the uevent was received, or when the look that first saw the change ended.</param>
public abstract record RecordedLine(long AtUsec);

/// <summary>A uevent datagram from the kernel.</summary>
/// <param name="AtUsec">When it was received.</param>
/// <param name="Datagram">The raw bytes.</param>
/// <param name="IsDevice">Whether its subsystem has devices.</param>
/// <param name="IsBus">Whether that subsystem was a bus.</param>
public sealed record UeventLine(long AtUsec, byte[] Datagram, bool IsDevice, bool IsBus) : RecordedLine(AtUsec);

/// <summary>The first look at a device's directory.</summary>
/// <param name="AtUsec">When the look ended.</param>
/// <param name="SinceUsec">When the look began.</param>
/// <param name="DevPath">The device.</param>
/// <param name="Subsystem">The last component of its <c>subsystem</c> link.</param>
/// <param name="IsBus">Whether its subsystem is a bus.</param>
/// <param name="Instance">Its instance.</param>
/// <param name="Uevent">Its <c>uevent</c> file; null if it was not read.</param>
/// <param name="Names">All entries, as deep as the header says.</param>
/// <param name="AtStart">True if it existed when the recording began.</param>
public sealed record DeviceLine(
    long AtUsec, long SinceUsec, string DevPath, string Subsystem, bool IsBus, DeviceInstance Instance, string? Uevent, IReadOnlyList<RecordedName> Names, bool AtStart)
    : RecordedLine(AtUsec);

/// <summary>A name appeared or disappeared.</summary>
/// <param name="AtUsec">When the first look that found the change ended.</param>
/// <param name="AfterUsec">When the last look before the change began.</param>
/// <param name="DevPath">The device.</param>
/// <param name="Name">The name.</param>
/// <param name="Appeared">False if it disappeared.</param>
public sealed record NameLine(long AtUsec, long AfterUsec, string DevPath, RecordedName Name, bool Appeared) : RecordedLine(AtUsec);

/// <summary>An attribute's first value, or a new one.</summary>
/// <param name="AtUsec">When the read ended.</param>
/// <param name="AfterUsec">When the last read of the old value began; for a first value, when this read began.</param>
/// <param name="DevPath">The device.</param>
/// <param name="Name">The attribute.</param>
/// <param name="Value">The value; null if it could not be read.</param>
/// <param name="Errno">The error of a failed read.</param>
/// <param name="TookUsec">How long the read took.</param>
public sealed record ValueLine(long AtUsec, long AfterUsec, string DevPath, string Name, string? Value, int Errno, long TookUsec) : RecordedLine(AtUsec);

/// <summary>A read that has not returned for a long time.</summary>
/// <param name="AtUsec">When that was noticed.</param>
/// <param name="SinceUsec">When the read began.</param>
/// <param name="DevPath">The device.</param>
/// <param name="Name">The attribute.</param>
public sealed record BlockedLine(long AtUsec, long SinceUsec, string DevPath, string Name) : RecordedLine(AtUsec);

/// <summary>A device's directory has disappeared, perhaps before the first look at it.</summary>
/// <param name="AtUsec">When the first look that did not find it ended.</param>
/// <param name="AfterUsec">When the last look that found it began, or when its uevent was received.</param>
/// <param name="DevPath">The device.</param>
public sealed record GoneLine(long AtUsec, long AfterUsec, string DevPath) : RecordedLine(AtUsec);

/// <summary>Something that was not recorded: datagrams that the socket lost, or a device beyond a limit.</summary>
/// <param name="AtUsec">When that was noticed.</param>
/// <param name="What">The reason.</param>
/// <param name="Count">How many.</param>
/// <param name="DevPath">The device, if only one is affected.</param>
public sealed record LostLine(long AtUsec, string What, long Count, string? DevPath) : RecordedLine(AtUsec);

/// <summary>The orderly end.</summary>
/// <param name="AtUsec">When.</param>
public sealed record EndLine(long AtUsec) : RecordedLine(AtUsec);
