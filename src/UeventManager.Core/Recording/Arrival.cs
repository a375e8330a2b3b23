namespace UeventManager.Core.Recording;

/// <summary>A file, directory or link that appeared below a device after its add.</summary>
/// <param name="Name">Relative to the device's directory.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="AfterUsec">When the last look that did not find it began, counted from the add; 0 if that look began before the add was
/// received.</param>
/// <param name="DelayUsec">When the first look that found it ended, counted from the add.</param>
/// <param name="Family">Its name family, see <see cref="NameFamily"/>.</param>
/// <param name="IsOfOther">True if it is a link to a device that is neither an ancestor nor a descendant, or a directory with such a link.</param>
public sealed record LateItem(string Name, RecordedKind Kind, long AfterUsec, long DelayUsec, string Family, bool IsOfOther = false);

/// <summary>A name that existed below a device when the recording or the device ended.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Family">Its name family.</param>
public readonly record struct StandingName(RecordedKind Kind, string Family);

/// <summary>A device that was added during the recording, and the names that appeared below it after its add.</summary>
/// <param name="Device">The device.</param>
/// <param name="AddUsec">When the add was received.</param>
/// <param name="ObservedUsec">How long it was observed after its add.</param>
/// <param name="Items">The names that belong to its arrival, in the order of time.</param>
/// <param name="Flapping">Names that appeared and disappeared again.</param>
/// <param name="Unrelated">Names that appeared so late that someone's use of the device is the likelier cause.</param>
/// <param name="Standing">All names that existed in the end.</param>
public sealed record Arrival(
    RecordedDevice Device, long AddUsec, long ObservedUsec, IReadOnlyList<LateItem> Items, IReadOnlyList<string> Flapping, IReadOnlyList<LateItem> Unrelated,
    IReadOnlyDictionary<string, StandingName> Standing);

/// <summary>
/// Tells the names that a driver creates while a device arrives from those that appear because someone uses the device, such as the links that an
/// interface gets when it becomes a port of a bridge. A driver creates its names in one go, each soon after the one before. Links to other devices
/// are usually made by use, so they count only if they appear at once. Children that send uevents of their own always count, however late.
/// </summary>
public static class Arrivals
{
    /// <summary>Names that appear later than this do not belong to an arrival.</summary>
    public const long LongestUsec = 30_000_000;

    /// <summary>The longest gap between two names of an arrival; if the earlier one took long itself, a multiple of its delay.</summary>
    private const long GapUsec = 50_000;

    /// <summary>
    /// Names that disappear this shortly before the device does, or longer before if nothing appears any more, disappear because the device ends.
    /// </summary>
    private const long TeardownUsec = 200_000;
    private const long LongTeardownUsec = 2_000_000;

    // A family that this share of a kind's devices get in time belongs to the arrival even where it comes late.
    private const double CommonShare = 0.2;

    // So does a family that this share of a kind's devices have at the first look, also links to other devices (physfn): nobody has used them yet.
    private const double EarlyShare = 0.5;

    private const int MaxSlashes = 2;
    private const long LinkGapUsec = 1_500;
    private const int Times = 4;
    private const int LinkTimes = 2;

    /// <summary>Finds all arrivals of a recording.</summary>
    public static IReadOnlyList<Arrival> Of(RecordedWorld world)
    {
        var result = new List<Arrival>();
        foreach (var device in world.Devices)
        {
            if (!device.AtStart && device.Uevents is [{ Action: Uevents.UeventAction.Add, AtUsec: var addUsec }, ..])
                result.Add(Of(world, device, addUsec));
        }
        return Agreed(result);
    }

    // A name that came much later than on similar devices met a slow driver or a busy machine.
    private static List<Arrival> Agreed(List<Arrival> arrivals)
    {
        foreach (var kind in Enumerable.Range(0, arrivals.Count).GroupBy(i => (arrivals[i].Device.Subsystem, Rules.UeventFile.Find(arrivals[i].Device.FileAt(arrivals[i].AddUsec), "DEVTYPE"))).ToList())
        {
            List<int> all = [.. kind];
            var common = all.SelectMany(i => arrivals[i].Items.Select(item => item.Family).Distinct()).CountBy(family => family)
                .Where(one => one.Value >= Math.Max(2, all.Count * CommonShare)).Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
            var early = all.SelectMany(i => arrivals[i].Standing.Where(one => arrivals[i].Device.Names[one.Key][^1].WasThere).Select(one => one.Value.Family).Distinct()).CountBy(family => family)
                .Where(one => one.Value >= Math.Max(2, all.Count * EarlyShare)).Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
            foreach (var i in all)
            {
                bool Belongs(LateItem item) => item.DelayUsec <= LongestUsec && (early.Contains(item.Family) || (!item.IsOfOther && common.Contains(item.Family)));
                if (arrivals[i].Unrelated.Any(Belongs))
                    arrivals[i] = arrivals[i] with
                    {
                        Items = [.. arrivals[i].Items.Concat(arrivals[i].Unrelated.Where(Belongs)).OrderBy(item => item.DelayUsec).ThenBy(item => item.Name, StringComparer.Ordinal)],
                        Unrelated = [.. arrivals[i].Unrelated.Where(item => !Belongs(item))],
                    };
            }
        }
        return arrivals;
    }

    private static Arrival Of(RecordedWorld world, RecordedDevice device, long addUsec)
    {
        var until = Math.Min(device.UntilUsec, world.EndUsec);
        var others = TopsOfOthers(world, device, addUsec);
        var teardown = Math.Min(until - TeardownUsec, Math.Max(until - LongTeardownUsec, device.Names.Values.Max(stays => (long?)stays[^1].FromUsec) ?? long.MinValue));
        var standing = new Dictionary<string, StandingName>(StringComparer.Ordinal);
        var (candidates, flapping) = (new List<(LateItem Item, bool IsChild, bool? IsOfLater)>(), new List<string>());
        foreach (var (name, stays) in device.Names)
        {
            // A directory that is created with entries in it gets them microseconds later.
            if (IsBelowChild(world, device, name, until) || (name.Count(c => c == '/') >= MaxSlashes && !world.HasStoodAt($"{device.PathAt(until)}/{name}")))
                continue;
            var came = stays.Count(stay => !stay.WasThere);
            var last = stays[^1];
            // device_del() removes the names before it sends the remove.
            var stands = last.UntilUsec >= until || (device.UntilUsec == until && last.UntilUsec >= teardown);
            if (stands)
                standing[name] = new StandingName(last.Kind, NameFamily.Of(name, last, world.HasStoodAt($"{device.PathAt(until)}/{name}")));
            if (came > 1 || (came == 1 && !stands))
                flapping.Add(name);
            else if (came == 1)
                candidates.Add(Candidate(world, device, name, last, addUsec, others));
        }
        ImplyWhatIsAbove(candidates);
        BringTogether(candidates);
        // A new directory counts as one item together with its entries, except for numbered ones (msi_irqs/39), which are made one by one.
        var fresh = candidates.Select(one => one.Item.Name).ToHashSet(StringComparer.Ordinal);
        candidates.RemoveAll(one => !one.IsChild && !char.IsAsciiDigit(one.Item.Name[^1]) && IsBelowAny(one.Item.Name, fresh));
        var (items, unrelated, before) = (new List<LateItem>(), new List<LateItem>(), 0L);
        foreach (var (item, isChild, isOfLater) in candidates.OrderBy(one => one.Item.DelayUsec).ThenBy(one => one.Item.Name, StringComparer.Ordinal))
        {
            var isOfOther = isOfLater is not null;
            var allowed = isOfOther ? Math.Max(LinkGapUsec, before * LinkTimes) : Math.Max(GapUsec, before * Times);
            // The shortest delay that fits the looks counts, so that rare looks exclude nothing; a link to another device must have come at once for
            // sure.
            if (item.DelayUsec > LongestUsec || isOfLater == true || (!isChild && (isOfOther ? item.DelayUsec : item.AfterUsec) - before > allowed))
            {
                unrelated.Add(item with { IsOfOther = isOfOther });
                continue;
            }
            items.Add(item);
            before = item.DelayUsec;
        }
        return new Arrival(device, addUsec, Math.Max(0, until - addUsec), items, flapping, unrelated, standing);
    }

    private static (LateItem Item, bool IsChild, bool? IsOfLater) Candidate(RecordedWorld world, RecordedDevice device, string name, RecordedStay stay, long addUsec, Dictionary<string, bool> others)
    {
        var (after, delay) = (Math.Max(0, stay.AfterUsec - addUsec), Math.Max(0, stay.FromUsec - addUsec));
        // A child's own uevent also proves that the child exists, and may have been received before a look, or after the one that saw the name.
        var child = world.FindOrNext($"{device.PathAt(stay.FromUsec)}/{name}", stay.FromUsec);
        if (child?.FromUsec >= stay.UntilUsec)
            child = null;
        if (child is { AtStart: false } && child.FromUsec >= addUsec)
            delay = Math.Min(delay, child.FromUsec - addUsec);
        var item = new LateItem(name, stay.Kind, Math.Min(after, delay), delay, NameFamily.Of(name, stay, child is not null));
        return (item, child is not null, others.TryGetValue(Top(name), out var isLater) ? isLater : null);
    }

    // A directory exists as soon as a child in it does.
    private static void ImplyWhatIsAbove(List<(LateItem Item, bool IsChild, bool? IsOfLater)> candidates)
    {
        var children = candidates.Where(one => one.IsChild).ToList();
        for (var i = 0; i < candidates.Count; i++)
        {
            var (item, isChild, isOfLater) = candidates[i];
            var below = children.Where(child => child.Item.Name.StartsWith(item.Name + "/", StringComparison.Ordinal)).Select(child => child.Item.DelayUsec).DefaultIfEmpty(long.MaxValue).Min();
            if (below < item.DelayUsec)
                candidates[i] = (item with { DelayUsec = below, AfterUsec = Math.Min(item.AfterUsec, below) }, isChild, isOfLater);
        }
    }

    // A look lists a new directory's entries after it: what one look found at both is no later for that.
    private static void BringTogether(List<(LateItem Item, bool IsChild, bool? IsOfLater)> candidates)
    {
        var all = candidates.ToDictionary(one => one.Item.Name, one => one.Item, StringComparer.Ordinal);
        for (var i = 0; i < candidates.Count; i++)
        {
            var (item, isChild, isOfLater) = candidates[i];
            for (var slash = item.Name.IndexOf('/'); slash > 0; slash = item.Name.IndexOf('/', slash + 1))
            {
                if (all.TryGetValue(item.Name[..slash], out var above) && above.AfterUsec == item.AfterUsec && above.DelayUsec < item.DelayUsec)
                    candidates[i] = (item = item with { DelayUsec = above.DelayUsec }, isChild, isOfLater);
            }
        }
    }

    private static bool IsBelowAny(string name, HashSet<string> names)
    {
        for (var slash = name.LastIndexOf('/'); slash > 0; slash = name.LastIndexOf('/', slash - 1))
        {
            if (names.Contains(name[..slash]))
                return true;
        }
        return false;
    }

    // Finds links to devices that are neither ancestors nor descendants, and directories with such links. The value tells whether the other device
    // arrived later, in which case the link belongs to its arrival.
    private static Dictionary<string, bool> TopsOfOthers(RecordedWorld world, RecordedDevice device, long addUsec)
    {
        var result = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var (name, stays) in device.Names)
        {
            foreach (var stay in stays)
            {
                if (!stay.WasThere && stay.Kind == RecordedKind.Link && Other(world, device, stay) is { } other)
                    result[Top(name)] = result.GetValueOrDefault(Top(name)) || (!other.AtStart && other.FromUsec > addUsec);
            }
        }
        return result;
    }

    private static string Top(string name) => name.IndexOf('/') is > 0 and var slash ? name[..slash] : name;

    private static RecordedDevice? Other(RecordedWorld world, RecordedDevice device, RecordedStay stay)
    {
        var own = device.PathAt(stay.FromUsec);
        if (stay.Target is not { } target || target == own || target.StartsWith(own + "/", StringComparison.Ordinal) || own.StartsWith(target + "/", StringComparison.Ordinal))
            return null;
        for (var path = target; path.Length > 0; path = path[..Math.Max(0, path.LastIndexOf('/'))])
        {
            if (world.FindOrNext(path, stay.FromUsec) is { } found && found != device)
                return own.StartsWith(path + "/", StringComparison.Ordinal) ? null : found;
        }
        return null;
    }

    private static bool IsBelowChild(RecordedWorld world, RecordedDevice device, string name, long usec)
    {
        var path = device.PathAt(usec);
        for (var slash = name.IndexOf('/'); slash > 0; slash = name.IndexOf('/', slash + 1))
        {
            if (world.HasStoodAt($"{path}/{name[..slash]}"))
                return true;
        }
        return false;
    }
}
