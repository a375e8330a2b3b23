using System.Text;

namespace UeventManager.Core.Ordering;

/// <summary>
/// The known devices above a device, from the top. For each: the number of slashes in its devpath (one byte), then its subsystem and its devtype,
/// each after a length byte. Names are not stored: they are read from the devpath of the device below, and so stay right after a rename.
/// </summary>
internal sealed class Ancestry
{
    private byte[] _above = [];
    private byte[]? _below;
    private byte[]? _belowOf;
    private long _version = -1;

    /// <summary>The ancestors of a device in the tree; for a removed device, its ancestors at the last call.</summary>
    public static byte[] Of(Device device)
    {
        if (device is not { InTree: true, Tree: { } tree })
            return device.Ancestry?._above ?? [];
        if (device.Node.ParentDevice is not { } parent)
            return device.Ancestry?.Clear() ?? [];
        var ancestry = device.Ancestry ??= new Ancestry();
        if (ancestry._version == tree.PlacesVersion)
            return ancestry._above;
        ancestry._version = tree.PlacesVersion;
        return ancestry._above = Below(parent);
    }

    // All children of a device share this block.
    private static byte[] Below(Device parent)
    {
        var above = Of(parent);
        var ancestry = parent.Ancestry ??= new Ancestry();
        if (ancestry._below is { } known && ancestry._belowOf == above)
            return known;
        var properties = parent is { State: not DeviceState.Announced, Pending.Events: [var first, ..] } ? first.Properties : parent.Properties;
        var devType = properties.TryGet("DEVTYPE"u8, out var type) ? Short(type) : default;
        var subsystem = Short(Encoding.UTF8.GetBytes(parent.Subsystem));
        ancestry._belowOf = above;
        return ancestry._below =
        [
            .. above, (byte)Math.Min(255, parent.Node.Path.AsSpan().Count((byte)'/')), (byte)subsystem.Length, .. subsystem, (byte)devType.Length, .. devType,
        ];
    }

    private byte[] Clear()
    {
        _version = -1;
        return _above = [];
    }

    private static ReadOnlySpan<byte> Short(ReadOnlySpan<byte> text) => text[..Math.Min(255, text.Length)];
}

/// <summary>Reads an <see cref="Ancestry"/>.</summary>
/// <param name="above">The block.</param>
/// <param name="path">The devpath of the device whose ancestors these are.</param>
internal ref struct AncestryReader(ReadOnlySpan<byte> above, ReadOnlySpan<byte> path)
{
    private readonly ReadOnlySpan<byte> _path = path;
    private ReadOnlySpan<byte> _rest = above;

    /// <summary>The subsystem.</summary>
    public ReadOnlySpan<byte> Subsystem { get; private set; }

    /// <summary>The devtype; empty if it has none.</summary>
    public ReadOnlySpan<byte> DevType { get; private set; }

    /// <summary>The last component of its devpath.</summary>
    public ReadOnlySpan<byte> SysName { get; private set; }

    /// <summary>Goes on to the next ancestor; false if there is none.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        SysName = Component(_rest[0]);
        Subsystem = _rest.Slice(2, _rest[1]);
        _rest = _rest[(2 + Subsystem.Length)..];
        DevType = _rest.Slice(1, _rest[0]);
        _rest = _rest[(1 + DevType.Length)..];
        return true;
    }

    private readonly ReadOnlySpan<byte> Component(int number)
    {
        var rest = _path;
        for (; number > 0; number--)
        {
            var slash = rest.IndexOf((byte)'/');
            if (slash < 0)
                return default;
            rest = rest[(slash + 1)..];
        }
        var end = rest.IndexOf((byte)'/');
        return end < 0 ? rest : rest[..end];
    }
}
