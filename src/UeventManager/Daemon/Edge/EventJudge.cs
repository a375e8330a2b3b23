using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;
using UeventManager.Sysfs;

namespace UeventManager.Daemon.Edge;

/// <summary>Tells which uevents belong to devices, and their subsystem. For known devices the engine knows it better.</summary>
internal sealed class EventJudge(SysfsTree tree, SubsystemDirectory subsystems, DeviceTree devices)
{
    /// <summary>The most remembered names of other kobjects, to notice if one becomes a subsystem of devices.</summary>
    public const int MaxRefused = 256;

    private readonly HashSet<byte[]> _refused = new(ByteNameComparer.Instance);
    private readonly byte[] _link = new byte[PathText.MaxBytes];

    /// <summary>Judges a uevent.</summary>
    /// <param name="uevent">The uevent; its subsystem is replaced by that of the device's link if they differ.</param>
    public Verdict Judge(ref Uevent uevent)
    {
        if (!DevPaths.IsBelowDevices(uevent.DevPath))
            return default;
        var kind = subsystems.Of(uevent.Subsystem);
        var isDevice = kind is SubsystemKind.Class or SubsystemKind.Bus;
        var verdict = new Verdict { IsDevice = isDevice, IsBus = kind == SubsystemKind.Bus, IsDoubtful = kind == SubsystemKind.Unknown };
        // After a remove, or for a known device, the link could only belong to the next device.
        if (uevent.Action == UeventAction.Remove || (uevent.Action != UeventAction.Add && devices.Find(uevent.DevPath) is { } known && known.MayBeOf(uevent.Subsystem)))
            return verdict;
        if (SubsystemLink.Read(tree, uevent.DevPath, _link, out var name, out var isBus) is var error && error < 0)
        {
            if (isDevice)
                return verdict;
            Refuse(uevent.Subsystem);
            // device_add() creates the link with the device, so without a link it can become a device only in a tree that is not a sysfs.
            return verdict with { IsDoubtful = verdict.IsDoubtful || LookErrors.Unknown(error) != 0 || HasUeventFile(uevent.DevPath) };
        }
        if (name.SequenceEqual(uevent.Subsystem) && isDevice)
            return _refused.Count > 0 ? verdict with { HasAppeared = Accept(name) } : verdict;
        var other = subsystems.Of(name);
        if (other is not (SubsystemKind.Class or SubsystemKind.Bus))
            subsystems.Remember(name, isBus);
        else
            isBus = other == SubsystemKind.Bus;
        var differs = !name.SequenceEqual(uevent.Subsystem);
        uevent = uevent with { Subsystem = name };
        return new Verdict { IsDevice = true, IsBus = isBus, IsContested = differs, HasAppeared = Accept(name) };
    }

    private bool HasUeventFile(ReadOnlySpan<byte> devPath)
    {
        Span<byte> path = stackalloc byte[PathText.MaxBytes];
        devPath[1..].CopyTo(path);
        "/uevent\0"u8.CopyTo(path[(devPath.Length - 1)..]);
        return FileCalls.Access(tree.Descriptor, path[..(devPath.Length + 7)]) == 0;
    }

    private void Refuse(ReadOnlySpan<byte> name)
    {
        if (_refused.Count < MaxRefused && !_refused.GetAlternateLookup<ReadOnlySpan<byte>>().Contains(name))
            _refused.Add(name.ToArray());
    }

    private bool Accept(ReadOnlySpan<byte> name) => _refused.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(name);
}

/// <summary>The judgement of a uevent.</summary>
internal readonly record struct Verdict
{
    /// <summary>It belongs to a device, as far as its subsystem tells.</summary>
    public bool IsDevice { get; init; }

    /// <summary>Its subsystem is a bus.</summary>
    public bool IsBus { get; init; }

    /// <summary>The device's link names another subsystem than the event: another device may have the path now.</summary>
    public bool IsContested { get; init; }

    /// <summary>It may belong to a device nevertheless: the look failed, or its directory is that of a device being created.</summary>
    public bool IsDoubtful { get; init; }

    /// <summary>Earlier events of this subsystem were taken for those of other kobjects.</summary>
    public bool HasAppeared { get; init; }
}
