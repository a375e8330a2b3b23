namespace UeventManager.RuleFiles;

/// <summary>A key of the rule language.</summary>
/// <param name="Name">The key as written.</param>
/// <param name="Kind">The kind of its value.</param>
/// <param name="Description">The description in the words of the manual, which editors show.</param>
internal sealed record SchemaKey(string Name, SchemaKind Kind, string Description)
{
    /// <summary>The default value as it would be written, or null if there is none.</summary>
    public string? Default { get; init; }

    /// <summary>True if it must be given.</summary>
    public bool IsRequired { get; init; }
}

/// <summary>A kind of condition: the key that identifies it in an item of <c>wait</c>, and the keys that belong to it.</summary>
/// <param name="Key">The key of the kind.</param>
/// <param name="With">Further keys of the same item, except <c>optional</c>.</param>
/// <param name="NeedsOne">True if exactly one of these keys is required.</param>
internal sealed record SchemaCondition(SchemaKey Key, IReadOnlyList<SchemaKey> With, bool NeedsOne = false)
{
    /// <summary>The key as written.</summary>
    public string Name => Key.Name;
}

/// <summary>A word that a key accepts.</summary>
/// <param name="Name">The word as written.</param>
/// <param name="Value">Its meaning.</param>
/// <param name="Description">Its effect.</param>
internal sealed record SchemaWord<T>(string Name, T Value, string Description);
