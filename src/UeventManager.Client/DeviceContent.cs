namespace UeventManager.Client;

/// <summary>Compares devices by what they contain: records compare their collections by reference.</summary>
internal static class DeviceContent
{
    private static readonly Dictionary<string, string> NoPairs = [];

    public static bool IsSame(UeventDevice one, UeventDevice other) =>
        Bare(one) == Bare(other)
        && Same(one.Missing ?? [], other.Missing ?? [])
        && Same(one.Properties, other.Properties)
        && Same(one.Attributes ?? NoPairs, other.Attributes ?? NoPairs)
        && Same(one.Links ?? NoPairs, other.Links ?? NoPairs);

    private static UeventDevice Bare(UeventDevice device) =>
        device with { Missing = null, Properties = NoPairs, Attributes = null, Links = null, Kobject = device.Kobject == true ? true : null };

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
