namespace UeventManager.RuleFiles;

/// <summary>A key of the rule language.</summary>
/// <param name="Name">As written.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Description">What it says, in the words of the manual: editors show it beside the key.</param>
internal sealed record SchemaKey(string Name, SchemaKind Kind, string Description)
{
    /// <summary>The value in force if the key is left out, as it would be written, or null if there is none.</summary>
    public string? Default { get; init; }

    /// <summary>True if it may not be left out.</summary>
    public bool IsRequired { get; init; }
}

/// <summary>A kind of condition: the key that makes an item of <c>wait</c> one, and the keys that go with it.</summary>
/// <param name="Key">The key of the kind.</param>
/// <param name="With">Further keys of the same item, <c>optional</c> aside.</param>
/// <param name="NeedsOne">True if one of these keys is needed, and no two.</param>
internal sealed record SchemaCondition(SchemaKey Key, IReadOnlyList<SchemaKey> With, bool NeedsOne = false)
{
    /// <summary>As written.</summary>
    public string Name => Key.Name;
}

/// <summary>One of the words that a key takes.</summary>
/// <param name="Name">As written.</param>
/// <param name="Value">What it stands for.</param>
/// <param name="Description">What it does.</param>
internal sealed record SchemaWord<T>(string Name, T Value, string Description);
