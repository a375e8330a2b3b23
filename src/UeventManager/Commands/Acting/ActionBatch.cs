using System.Collections.Immutable;
using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>The runs that share one cursor: for an event, for a group, or for all differences after a gap.</summary>
/// <param name="cursor">The cursor after all of them.</param>
/// <param name="picture">The known devices after all of them.</param>
internal sealed class ActionBatch(string? cursor, ImmutableDictionary<string, UeventDevice> picture)
{
    /// <summary>The cursor after all of them.</summary>
    public string? Cursor { get; } = cursor;

    /// <summary>The known devices after all of them.</summary>
    public ImmutableDictionary<string, UeventDevice> Picture { get; } = picture;

    /// <summary>True once this batch and all earlier ones have ended.</summary>
    public bool IsCommitted { get; internal set; }

    /// <summary>The number of runs that have not ended.</summary>
    internal int Unfinished { get; set; }
}
