namespace UeventManager.Core.Recording;

/// <summary>How many devices of a kind have an item; numbers in names do not count.</summary>
public sealed class ItemShares
{
    /// <summary>With fewer devices of a kind, one cannot tell what is usual, so every item counts as usual.</summary>
    public const int FewDevices = 3;

    private readonly Dictionary<string, (int Devices, Dictionary<string, int> With)> _kinds = new(StringComparer.Ordinal);

    /// <summary>Counts the items of all arrivals.</summary>
    public ItemShares(IEnumerable<Arrival> arrivals)
    {
        foreach (var arrival in arrivals)
        {
            var kind = KindOf(arrival);
            var (count, with) = _kinds.GetValueOrDefault(kind, (0, new Dictionary<string, int>(StringComparer.Ordinal)));
            foreach (var family in arrival.Device.Names.Keys.Select(NameFamily.Of).Distinct(StringComparer.Ordinal))
                with[family] = with.GetValueOrDefault(family) + 1;
            _kinds[kind] = (count + 1, with);
        }
    }

    // Subsystem, DEVTYPE and the name without its numbers: many sorts of network interfaces have no DEVTYPE.
    private static string KindOf(Arrival arrival)
    {
        var path = arrival.Device.FirstDevPath;
        return $"{arrival.Device.Subsystem}/{Rules.UeventFile.Find(arrival.Device.FileAt(arrival.AddUsec), "DEVTYPE")}/{NameFamily.Of(path[(path.LastIndexOf('/') + 1)..])}";
    }

    /// <summary>Whether at least half of the devices of the kind have it.</summary>
    public bool IsUsual(Arrival arrival, LateItem item)
    {
        var (count, with) = _kinds[KindOf(arrival)];
        return count < FewDevices || with.GetValueOrDefault(NameFamily.Of(item.Name)) * 2 >= count;
    }
}
