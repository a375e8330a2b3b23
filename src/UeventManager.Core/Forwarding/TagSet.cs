using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Forwarding;

/// <summary>The tags of many devices, in the forms of udev's messages and database.</summary>
public sealed class TagSet
{
    /// <summary>Makes a set.</summary>
    public TagSet(IReadOnlyList<string> names)
    {
        Names = names;
        Bloom = UdevMessageWriter.BloomOf(names);
        Property = names.Count == 0 ? [] : Encoding.UTF8.GetBytes($":{string.Join(':', names)}:");
        EverLines = Encoding.UTF8.GetBytes(string.Concat(names.Select(name => $"G:{name}\n")));
        CurrentLines = Encoding.UTF8.GetBytes(string.Concat(names.Select(name => $"Q:{name}\n")));
    }

    /// <summary>The tags.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The Bloom filter bits by which clients filter messages.</summary>
    public ulong Bloom { get; }

    /// <summary>The value of a property: <c>:one:two:</c>; empty if there are no tags.</summary>
    public ReadOnlyMemory<byte> Property { get; }

    /// <summary>The lines of a database entry for tags that a device ever had.</summary>
    internal byte[] EverLines { get; }

    /// <summary>The lines of a database entry for tags that it has now.</summary>
    internal byte[] CurrentLines { get; }
}
