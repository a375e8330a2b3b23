using UeventManager.Core.Settle;

namespace UeventManager.Core.Recording;

/// <summary>What stands below a name.</summary>
public enum RecordedKind : byte
{
    /// <summary>An attribute.</summary>
    Attribute,

    /// <summary>A directory.</summary>
    Folder,

    /// <summary>A symlink.</summary>
    Link,
}

/// <summary>A name below a device's directory.</summary>
/// <param name="Path">Relative to the directory.</param>
/// <param name="Kind">What stands there.</param>
/// <param name="Target">Where a symlink leads: relative to the sysfs root, with a leading slash.</param>
public readonly record struct RecordedName(string Path, RecordedKind Kind, string? Target = null);

/// <summary>One line of a recording behind its header.</summary>
/// <param name="AtUsec">CLOCK_MONOTONIC microseconds: when it was received, or when the look ended that saw it first.</param>
public abstract record RecordedLine(long AtUsec);

/// <summary>A datagram of the kernel's.</summary>
/// <param name="AtUsec">When it was received.</param>
/// <param name="Datagram">Its bytes.</param>
/// <param name="IsDevice">Whether its subsystem was one of devices.</param>
/// <param name="IsBus">Whether that subsystem was a bus.</param>
public sealed record UeventLine(long AtUsec, byte[] Datagram, bool IsDevice, bool IsBus) : RecordedLine(AtUsec);

/// <summary>The first look at a device's directory.</summary>
/// <param name="AtUsec">Its end.</param>
/// <param name="SinceUsec">Its beginning.</param>
/// <param name="DevPath">The device.</param>
/// <param name="Subsystem">Last component of its <c>subsystem</c> link.</param>
/// <param name="IsBus">Whether that is a bus.</param>
/// <param name="Instance">Which instance it is.</param>
/// <param name="Uevent">Its <c>uevent</c> file where that was read; else null.</param>
/// <param name="Names">Everything that was there, as deep as the header says.</param>
/// <param name="AtStart">True if it was there when the recording began.</param>
public sealed record DeviceLine(
    long AtUsec, long SinceUsec, string DevPath, string Subsystem, bool IsBus, DeviceInstance Instance, string? Uevent, IReadOnlyList<RecordedName> Names, bool AtStart)
    : RecordedLine(AtUsec);

/// <summary>A name appeared or disappeared.</summary>
/// <param name="AtUsec">End of the first look that found it so.</param>
/// <param name="AfterUsec">Beginning of the last look that had found it otherwise.</param>
/// <param name="DevPath">The device.</param>
/// <param name="Name">The name.</param>
/// <param name="Appeared">False if it disappeared.</param>
public sealed record NameLine(long AtUsec, long AfterUsec, string DevPath, RecordedName Name, bool Appeared) : RecordedLine(AtUsec);

/// <summary>A value that is another one than before, or the first that was read.</summary>
/// <param name="AtUsec">When the read had ended.</param>
/// <param name="AfterUsec">When the last read of another value had begun; of the first, when this read had.</param>
/// <param name="DevPath">The device.</param>
/// <param name="Name">The attribute.</param>
/// <param name="Value">The value; null if it could not be read.</param>
/// <param name="Errno">Why not.</param>
/// <param name="TookUsec">How long the read took.</param>
public sealed record ValueLine(long AtUsec, long AfterUsec, string DevPath, string Name, string? Value, int Errno, long TookUsec) : RecordedLine(AtUsec);

/// <summary>A read that did not return for long.</summary>
/// <param name="AtUsec">When that was noticed.</param>
/// <param name="SinceUsec">When the read had begun.</param>
/// <param name="DevPath">The device.</param>
/// <param name="Name">The attribute.</param>
public sealed record BlockedLine(long AtUsec, long SinceUsec, string DevPath, string Name) : RecordedLine(AtUsec);

/// <summary>A device's directory was not there any more, or was gone before anybody had looked.</summary>
/// <param name="AtUsec">When a look did not find it.</param>
/// <param name="AfterUsec">Beginning of the last look that had; or when its uevent was received.</param>
/// <param name="DevPath">The device.</param>
public sealed record GoneLine(long AtUsec, long AfterUsec, string DevPath) : RecordedLine(AtUsec);

/// <summary>Something that was not recorded: datagrams that the socket had lost, a device beyond a limit.</summary>
/// <param name="AtUsec">When that was noticed.</param>
/// <param name="What">What it is.</param>
/// <param name="Count">How many.</param>
/// <param name="DevPath">The device that it is about, or null.</param>
public sealed record LostLine(long AtUsec, string What, long Count, string? DevPath) : RecordedLine(AtUsec);

/// <summary>The orderly end.</summary>
/// <param name="AtUsec">When.</param>
public sealed record EndLine(long AtUsec) : RecordedLine(AtUsec);
