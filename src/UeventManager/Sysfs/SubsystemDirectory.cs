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
    private readonly HashSet<byte[]> _known = new(ByteNameComparer.Instance);
    private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    /// <summary>Asks a tree.</summary>
    public SubsystemDirectory(SysfsTree tree)
    {
        _tree = tree;
        _lookup = _known.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>True if <c>class/NAME</c> or <c>bus/NAME</c> exists or once did: a subsystem's last events outlive its directory.</summary>
    public bool IsDeviceSubsystem(ReadOnlySpan<byte> name)
    {
        if (_lookup.Contains(name))
            return true;
        if (name.IsEmpty || name.Length > MaxNameBytes || name.IndexOfAny((byte)'/', (byte)0) >= 0
            || name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
        {
            return false;
        }
        if (!Exists("class/"u8, name) && !Exists("bus/"u8, name))
            return false;
        if (_known.Count < MaxRemembered)
            _lookup.Add(name);
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
