namespace UeventManager.Sysfs;

/// <summary>
/// Tells devices' subsystems from those of other kobjects: class_register() and bus_register() make a directory, the kset
/// <c>queues</c> of a network device or <c>module</c> have none.
/// </summary>
public sealed class SubsystemDirectory
{
    /// <summary>Most names that are remembered; further ones are asked for each time.</summary>
    public const int MaxRemembered = 1024;

    private const int MaxNameBytes = 255;
    private readonly SysfsTree _tree;
    private readonly Dictionary<byte[], bool> _isBus = new(ByteNameComparer.Instance);
    private readonly Dictionary<byte[], bool>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    private byte[] _last = [];
    private bool _lastIsBus;

    /// <summary>Asks a tree.</summary>
    public SubsystemDirectory(SysfsTree tree)
    {
        _tree = tree;
        _lookup = _isBus.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>True if <c>class/NAME</c> or <c>bus/NAME</c> exists or once did: a subsystem's last events outlive its directory.</summary>
    public bool IsDeviceSubsystem(ReadOnlySpan<byte> name) => IsDeviceSubsystem(name, out _);

    /// <summary>The same; says besides whether it is a bus: two devices of one bus cannot have one name (bus_add_device()).</summary>
    public bool IsDeviceSubsystem(ReadOnlySpan<byte> name, out bool isBus)
    {
        // In a storm one subsystem comes after itself.
        isBus = _lastIsBus;
        if (_last.Length > 0 && name.SequenceEqual(_last))
            return true;
        if (_isBus.Count > 0 && _lookup.TryGetValue(name, out var known, out isBus))
        {
            (_last, _lastIsBus) = (known, isBus);
            return true;
        }
        if (name.IsEmpty || name.Length > MaxNameBytes || name.IndexOfAny((byte)'/', (byte)0) >= 0
            || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            return false;
        }
        isBus = Exists("bus/"u8, name);
        if (!isBus && !Exists("class/"u8, name))
            return false;
        if (_isBus.Count < MaxRemembered)
            _lookup[name] = isBus;
        return true;
    }

    private bool Exists(ReadOnlySpan<byte> parent, ReadOnlySpan<byte> name)
    {
        Span<byte> path = stackalloc byte[MaxNameBytes + 8];
        parent.CopyTo(path);
        name.CopyTo(path[parent.Length..]);
        var length = parent.Length + name.Length;
        path[length] = 0;
        return FileCalls.Stat(_tree.Descriptor, path[..(length + 1)], LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_TYPE, out _) == 0;
    }
}
