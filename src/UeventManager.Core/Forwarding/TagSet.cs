using System.Text;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Forwarding;

/// <summary>Tags that many devices have, as each of udev's places writes them.</summary>
public sealed class TagSet
{
    /// <summary>Makes one.</summary>
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

    /// <summary>The bits by which clients filter for them.</summary>
    public ulong Bloom { get; }

    /// <summary>As a property has them: <c>:one:two:</c>; empty if there are none.</summary>
    public ReadOnlyMemory<byte> Property { get; }

    /// <summary>As an entry of the database has tags that a device ever had.</summary>
    internal byte[] EverLines { get; }

    /// <summary>The same of those that it has now.</summary>
    internal byte[] CurrentLines { get; }
}
