namespace UeventManager.Core.Recording;

/// <summary>A name that a device got after its add.</summary>
/// <param name="Name">Relative to the device's directory.</param>
/// <param name="Kind">What it is.</param>
/// <param name="AfterUsec">How long after the add a look began that did not find it; 0 if that was before the add was received.</param>
/// <param name="DelayUsec">How long after the add the first look ended that did.</param>
/// <param name="Family">What it has in common with its like.</param>
/// <param name="IsOfOther">True if it is, or has, a link to a device that is neither above nor below.</param>
public sealed record LateItem(string Name, RecordedKind Kind, long AfterUsec, long DelayUsec, string Family, bool IsOfOther = false);

/// <summary>A name that stood below a device in the end.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Family">What it has in common with its like.</param>
public readonly record struct StandingName(RecordedKind Kind, string Family);

/// <summary>A device that arrived while it was recorded, and what it got behind its add.</summary>
/// <param name="Device">The device.</param>
/// <param name="AddUsec">When the add was received.</param>
/// <param name="ObservedUsec">How long it was observed from then on.</param>
/// <param name="Items">What belongs to its arrival, by time.</param>
/// <param name="Flapping">Names that came and went.</param>
/// <param name="Unrelated">Names that came so much later that someone's later action is the likelier reason.</param>
/// <param name="Standing">All names that it had in the end.</param>
public sealed record Arrival(
    RecordedDevice Device, long AddUsec, long ObservedUsec, IReadOnlyList<LateItem> Items, IReadOnlyList<string> Flapping, IReadOnlyList<LateItem> Unrelated,
    IReadOnlyDictionary<string, StandingName> Standing);

/// <summary>
/// Finds what belongs to a device's arrival. What comes later comes for one of two reasons: its driver is still working, or someone has used the device
/// (an interface became a port of a bridge). The former comes in one go, each item soon after the one before; links to other devices, which the latter
/// makes, must come at once to be taken for it. Children with a uevent of their own are a driver's work however long it takes.
/// </summary>
public static class Arrivals
{
    /// <summary>What comes later than this is not part of an arrival.</summary>
    public const long LongestUsec = 30_000_000;

    /// <summary>How long after the one before an item may come: so long, or as many times as long as that one took.</summary>
    private const long GapUsec = 50_000;

    /// <summary>How long before a device's end names may go because it ends: so long, or longer if nothing appears any more.</summary>
    private const long TeardownUsec = 200_000;
    private const long LongTeardownUsec = 2_000_000;

    // What so many of a kind get as part of their arrival is part of it also where it comes late.
    private const double CommonShare = 0.2;

    private const int MaxSlashes = 2;
    private const long LinkGapUsec = 1_500;
    private const int Times = 4;
    private const int LinkTimes = 2;

    /// <summary>All arrivals of a recording.</summary>
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

    // One that is much later than its like has met a slow driver, or a busy machine.
    private static List<Arrival> Agreed(List<Arrival> arrivals)
    {
        foreach (var kind in Enumerable.Range(0, arrivals.Count).GroupBy(i => (arrivals[i].Device.Subsystem, Rules.UeventFile.Find(arrivals[i].Device.FileAt(arrivals[i].AddUsec), "DEVTYPE"))).ToList())
        {
            List<int> all = [.. kind];
            var common = all.SelectMany(i => arrivals[i].Items.Select(item => item.Family).Distinct()).CountBy(family => family)
                .Where(one => one.Value >= Math.Max(2, all.Count * CommonShare)).Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
            foreach (var i in all)
            {
                bool Belongs(LateItem item) => !item.IsOfOther && item.DelayUsec <= LongestUsec && common.Contains(item.Family);
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
        var teardown = Math.Min(until - TeardownUsec, Math.Max(until - LongTeardownUsec, device.Names.Values.Max(stays => stays[^1].FromUsec)));
        var standing = new Dictionary<string, StandingName>(StringComparer.Ordinal);
        var (candidates, flapping) = (new List<(LateItem Item, bool IsChild, bool? IsOfLater)>(), new List<string>());
        foreach (var (name, stays) in device.Names)
        {
            // What is in the directories of a directory is made with them, microseconds later.
            if (IsBelowChild(world, device, name, until) || (name.Count(c => c == '/') >= MaxSlashes && !world.HasStoodAt($"{device.PathAt(until)}/{name}")))
                continue;
            var came = stays.Count(stay => !stay.WasThere);
            var last = stays[^1];
            // device_del() takes names away before it sends the remove.
            var stands = last.UntilUsec >= until || (device.UntilUsec == until && last.UntilUsec >= teardown);
            if (stands)
                standing[name] = new StandingName(last.Kind, NameFamily.Of(name, last, world.HasStoodAt($"{device.PathAt(until)}/{name}")));
            if (came > 1 || (came == 1 && !stands))
                flapping.Add(name);
            else if (came == 1)
                candidates.Add(Candidate(world, device, name, last, addUsec, others));
        }
        ImplyWhatIsAbove(candidates);
        // A new directory and what is in it are one.
        var fresh = candidates.Select(one => one.Item.Name).ToHashSet(StringComparer.Ordinal);
        candidates.RemoveAll(one => !one.IsChild && IsBelowAny(one.Item.Name, fresh));
        var (items, unrelated, before) = (new List<LateItem>(), new List<LateItem>(), 0L);
        foreach (var (item, isChild, isOfLater) in candidates.OrderBy(one => one.Item.DelayUsec).ThenBy(one => one.Item.Name, StringComparer.Ordinal))
        {
            var isOfOther = isOfLater is not null;
            var allowed = isOfOther ? Math.Max(LinkGapUsec, before * LinkTimes) : Math.Max(GapUsec, before * Times);
            // What matters is the time that surely passed, not how rarely it was looked at; a link to another device must surely have come at once.
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
        // A child's own uevent says so too, and may have been received before anybody looked.
        var child = world.Find($"{device.PathAt(stay.FromUsec)}/{name}", stay.FromUsec);
        if (child is { AtStart: false } && child.FromUsec >= addUsec)
            delay = Math.Min(delay, child.FromUsec - addUsec);
        var item = new LateItem(name, stay.Kind, Math.Min(after, delay), delay, NameFamily.Of(name, stay, child is not null));
        return (item, child is not null, others.TryGetValue(Top(name), out var isLater) ? isLater : null);
    }

    // Where a child stands, the directory that it stands in does.
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

    private static bool IsBelowAny(string name, HashSet<string> names)
    {
        for (var slash = name.LastIndexOf('/'); slash > 0; slash = name.LastIndexOf('/', slash - 1))
        {
            if (names.Contains(name[..slash]))
                return true;
        }
        return false;
    }

    // Links to devices that are neither above nor below, and directories with such links; and whether the other one arrived later, so that the link is
    // part of its arrival.
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
