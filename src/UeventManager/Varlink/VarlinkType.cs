namespace UeventManager.Varlink;

/// <summary>The kinds of types of the interface description language.</summary>
internal enum VarlinkKind
{
    /// <summary><c>bool</c></summary>
    Bool,

    /// <summary><c>int</c>: here signed, 64 bits.</summary>
    Int,

    /// <summary><c>float</c></summary>
    Float,

    /// <summary><c>string</c></summary>
    String,

    /// <summary><c>object</c>: any JSON object.</summary>
    Object,

    /// <summary><c>any</c>: any value but null.</summary>
    Any,

    /// <summary><c>(a: int, …)</c></summary>
    Struct,

    /// <summary><c>(one, two)</c></summary>
    Enum,

    /// <summary><c>[]T</c></summary>
    Array,

    /// <summary><c>[string]T</c></summary>
    Map,

    /// <summary><c>?T</c></summary>
    Maybe,

    /// <summary>The name of a type of the same interface.</summary>
    Reference,
}

/// <summary>A type of an interface file.</summary>
/// <param name="Kind">The kind; it determines which other members are set.</param>
internal sealed record VarlinkType(VarlinkKind Kind)
{
    /// <summary>The element type of an array, a map or a maybe; for a reference, the named type.</summary>
    public VarlinkType? Element { get; internal set; }

    /// <summary>The fields of a struct.</summary>
    public IReadOnlyList<VarlinkField> Fields { get; init; } = [];

    /// <summary>The values of an enum.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The name in a reference.</summary>
    public string? Name { get; init; }
}

/// <summary>A field of a struct.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Comment">The comment before it, lines joined by a line feed; empty if there is none.</param>
internal sealed record VarlinkField(string Name, VarlinkType Type, string Comment);

/// <summary>A method.</summary>
/// <param name="Name">Its name without the interface's.</param>
/// <param name="Input">Its parameters, a struct.</param>
/// <param name="Output">Its reply, a struct.</param>
/// <param name="Comment">The comment before it.</param>
internal sealed record VarlinkMethod(string Name, VarlinkType Input, VarlinkType Output, string Comment);

/// <summary>A type or an error: a name for a struct or an enum.</summary>
/// <param name="Name">Its name without the interface's.</param>
/// <param name="Type">The struct or enum; for an error, the struct of its members.</param>
/// <param name="Comment">The comment before it.</param>
internal sealed record VarlinkDeclaration(string Name, VarlinkType Type, string Comment);
