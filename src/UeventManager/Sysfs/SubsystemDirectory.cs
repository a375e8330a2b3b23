using Tmds.Linux;

namespace UeventManager.Sysfs;

/// <summary>The kinds of names in SUBSYSTEM.</summary>
internal enum SubsystemKind : byte
{
    /// <summary>Not a subsystem of devices: a kset such as <c>queues</c> or <c>module</c>.</summary>
    None,

    /// <summary>A class.</summary>
    Class,

    /// <summary>A bus: two devices of one bus cannot have the same name (bus_add_device()).</summary>
    Bus,

    /// <summary>The look failed, so it may be any of them.</summary>
    Unknown,
}

/// <summary>
/// Distinguishes devices' subsystems from those of other kobjects: class_register() and bus_register() create a directory; the kset <c>queues</c> of
/// a network device, or <c>module</c>, has none.
/// </summary>
internal sealed class SubsystemDirectory
{
    /// <summary>The most names that are remembered; further names are looked up each time.</summary>
    public const int MaxRemembered = 1024;

    private const int MaxNameBytes = 255;
    private readonly SysfsTree _tree;
    private readonly Dictionary<byte[], bool> _isBus = new(ByteNameComparer.Instance);
    private readonly Dictionary<byte[], bool>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    private byte[] _last = [];
    private bool _lastIsBus;

    /// <summary>Creates the directory for a tree.</summary>
    public SubsystemDirectory(SysfsTree tree)
    {
        _tree = tree;
        _lookup = _isBus.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Whether <c>class/NAME</c> or <c>bus/NAME</c> exists or did exist: a subsystem's last uevents outlive its directory.</summary>
    public SubsystemKind Of(ReadOnlySpan<byte> name)
    {
        // In a storm consecutive events have the same subsystem.
        if (_last.Length > 0 && name.SequenceEqual(_last))
            return Kind(_lastIsBus);
        if (_isBus.Count > 0 && _lookup.TryGetValue(name, out var known, out var isBus))
        {
            (_last, _lastIsBus) = (known, isBus);
            return Kind(isBus);
        }
        if (name.IsEmpty || name.Length > MaxNameBytes || name.IndexOfAny((byte)'/', (byte)0) >= 0
            || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            return SubsystemKind.None;
        }
        var bus = Look("bus/"u8, name);
        var found = bus == 0 ? SubsystemKind.Bus : Look("class/"u8, name) is var error && error == 0 ? SubsystemKind.Class
            : LookErrors.IsAbsence(bus) && LookErrors.IsAbsence(error) ? SubsystemKind.None : SubsystemKind.Unknown;
        if (found is SubsystemKind.Class or SubsystemKind.Bus)
            Remember(name, found == SubsystemKind.Bus);
        return found;
    }

    /// <summary>Remembers a subsystem that has devices, whether or not its directory still exists.</summary>
    public void Remember(ReadOnlySpan<byte> name, bool isBus)
    {
        if (name.IsEmpty || name.Length > MaxNameBytes || (_isBus.Count >= MaxRemembered && !_lookup.ContainsKey(name)))
            return;
        _lookup[name] = isBus;
        _last = [];
    }

    private static SubsystemKind Kind(bool isBus) => isBus ? SubsystemKind.Bus : SubsystemKind.Class;

    private int Look(ReadOnlySpan<byte> parent, ReadOnlySpan<byte> name)
    {
        Span<byte> path = stackalloc byte[MaxNameBytes + 8];
        parent.CopyTo(path);
        name.CopyTo(path[parent.Length..]);
        var length = parent.Length + name.Length;
        path[length] = 0;
        return FileCalls.Stat(_tree.Descriptor, path[..(length + 1)], LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_TYPE, out _);
    }
}
