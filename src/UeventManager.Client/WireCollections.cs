namespace UeventManager.Client;

/// <summary>Collections that are never null for programs, and left out on the wire if they are empty.</summary>
internal static class WireCollections
{
    public static readonly Dictionary<string, string> NoPairs = [];

    public static IReadOnlyList<T>? NullIfEmpty<T>(this IReadOnlyList<T>? list) => list is { Count: > 0 } ? list : null;

    public static IReadOnlyDictionary<string, string>? NullIfEmpty(this IReadOnlyDictionary<string, string>? pairs) => pairs is { Count: > 0 } ? pairs : null;
}
