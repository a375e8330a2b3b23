using System.Collections.Immutable;
using UeventManager.Client;

namespace UeventManager.Commands.Acting;

/// <summary>Runs that share one cursor: of an event, of a group, of all differences after a gap.</summary>
/// <param name="cursor">Where the stream resumes after all of them.</param>
/// <param name="picture">The devices as they are known after all of them.</param>
internal sealed class ActionBatch(string? cursor, ImmutableDictionary<string, UeventDevice> picture)
{
    /// <summary>Where the stream resumes after all of them.</summary>
    public string? Cursor { get; } = cursor;

    /// <summary>The devices as they are known after all of them.</summary>
    public ImmutableDictionary<string, UeventDevice> Picture { get; } = picture;

    /// <summary>True once it and everything before it has ended.</summary>
    public bool IsCommitted { get; internal set; }

    /// <summary>Runs that have not ended.</summary>
    internal int Unfinished { get; set; }
}
