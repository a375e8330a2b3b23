namespace UeventManager.Client;

/// <summary>Compares devices by content, because records compare their collections by reference.</summary>
internal static class DeviceContent
{
    public static bool IsSame(UeventDevice one, UeventDevice other) =>
        Bare(one) == Bare(other)
        && Same(one.Missing, other.Missing)
        && Same(one.Properties, other.Properties)
        && Same(one.Attributes, other.Attributes)
        && Same(one.Links, other.Links);

    private static UeventDevice Bare(UeventDevice device) =>
        device with { Missing = [], Properties = WireCollections.NoPairs, Attributes = WireCollections.NoPairs, Links = WireCollections.NoPairs, IsKobject = device.IsKobject };

    private static bool Same(IReadOnlyList<string> one, IReadOnlyList<string> other) => one.SequenceEqual(other, StringComparer.Ordinal);

    private static bool Same(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other)
    {
        if (one.Count != other.Count)
            return false;
        foreach ((string key, string value) in one)
        {
            if (!other.TryGetValue(key, out string? found) || found != value)
                return false;
        }
        return true;
    }
}
