using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Scenario;

/// <summary>
/// What ties devices together: virtual functions and their function (sriov_enable(), sriov_disable()), what a backend was
/// given (xen-pciback), the paths of a map, and groups within groups.
/// </summary>
internal sealed class Ties(EngineWorld world, ModelKernel kernel, Drivers drivers, Timeline timeline, Random random)
{
    private const int MaxDevices = 24;
    private const string Leaders = "pppkmmn";

    private int _names;
    private int _links;

    /// <summary>Something happens to a group.</summary>
    public void Act()
    {
        var leaders = kernel.Sysfs.All.Where(d => Leaders.Contains(d.Letter)).ToList();
        if (leaders.Count == 0 || random.Next(6) == 0)
        {
            Lead();
            return;
        }
        var leader = leaders[random.Next(leaders.Count)];
        switch (random.Next(12))
        {
            case 0 or 1 or 2 or 3:
                Enable(leader);
                break;
            case 4 or 5:
                Disable(leader);
                break;
            case 6:
                Rescan(leader);
                break;
            case 7:
                Cross(leader);
                break;
            case 8:
                Shrink(leader);
                break;
            case 9:
                Nest(leader, leaders);
                break;
            case 10:
                kernel.Say("change", leader);
                break;
            default:
                Flicker(leader);
                break;
        }
    }

    /// <summary>A leader and members that were there before anybody listened.</summary>
    public void Begin()
    {
        var leader = Lead();
        for (var i = random.Next(4); i > 0; i--)
            Appear(leader);
        Count(leader);
    }

    private ModelDevice Lead()
    {
        var all = kernel.Sysfs.All.ToList();
        var parent = all.Count == 0 || random.Next(3) > 0 ? "/devices" : all[random.Next(all.Count)].Path;
        if (parent.Count(c => c == '/') > 5)
            parent = "/devices";
        var leader = kernel.Create($"{parent}/{Leaders[random.Next(Leaders.Length)]}{++_names}");
        drivers.Probe(leader);
        if (leader.Letter == 'p')
            Set(leader, "0");
        return leader;
    }

    // sriov_enable(): the members one after the other, then the leader's change, then the number. show() waits for the lock.
    private void Enable(ModelDevice leader)
    {
        long at = 0;
        timeline.Add(world.Now, $"kernel  enables members of {leader.Path}");
        if (leader.Find("numvfs") is { } number && random.Next(3) == 0)
            number.Blocks = true;
        for (var i = random.Next(4); i >= 0; i--)
        {
            Later(at, () => Appear(leader));
            at += Delay();
        }
        if (random.Next(8) > 0)
            Later(at, () => If(leader, () => kernel.Say("change", leader)));
        at += Delay();
        Later(at, () => If(leader, () => Count(leader)));
    }

    // sriov_disable(): the members go, and nothing is said of the leader.
    private void Disable(ModelDevice leader)
    {
        long at = 0;
        timeline.Add(world.Now, $"kernel  disables the members of {leader.Path}");
        foreach (var name in Links(leader))
        {
            Later(at, () => If(leader, () => Take(leader, name)));
            at += random.Next(3) == 0 ? Delay() : 0;
        }
        Later(at, () => If(leader, () => Count(leader)));
        if (random.Next(4) == 0)
            Later(at + Delay(), () => If(leader, () => kernel.Say("change", leader)));
    }

    private void Take(ModelDevice leader, string name)
    {
        var linkLast = random.Next(3) == 0;
        var member = leader.Find(name)?.Leads;
        if (!linkLast)
            kernel.Untie(leader, name);
        if (member is { Exists: true })
            kernel.Remove(member, silently: random.Next(6) == 0);
        if (linkLast)
            kernel.Untie(leader, name);
    }

    // One member is removed and found again; its link dangles meanwhile.
    private void Rescan(ModelDevice leader)
    {
        var names = Links(leader);
        if (names.Count == 0 || leader.Find(names[random.Next(names.Count)])?.Leads is not { Exists: true } member)
            return;
        var path = member.Path;
        kernel.Remove(member, silently: false);
        Later(Delay(), () => If(leader, () => Appear(leader, path)));
    }

    // A leader links to a device that has another leader, or to itself.
    private void Cross(ModelDevice leader)
    {
        var all = kernel.Sysfs.All.Where(d => SimRule.For(d.Path, change: false)?.Leader is not null).ToList();
        if (all.Count > 0)
            kernel.Tie(leader, all[random.Next(all.Count)], ++_links, both: false);
    }

    private void Shrink(ModelDevice leader)
    {
        var names = Links(leader);
        if (names.Count > 0)
            kernel.Untie(leader, names[random.Next(names.Count)]);
        if (random.Next(2) == 0)
            Count(leader);
    }

    // What leads a group becomes a member of another, perhaps in a circle.
    private void Nest(ModelDevice leader, List<ModelDevice> leaders)
    {
        var inner = leaders.Where(d => d.Letter == 'n' && (d != leader || random.Next(4) == 0)).ToList();
        if (inner.Count > 0)
            kernel.Tie(leader, inner[random.Next(inner.Count)], ++_links, both: true);
    }

    // The number is wrong for a while.
    private void Flicker(ModelDevice leader)
    {
        if (leader.Letter != 'p')
            return;
        Set(leader, $"{random.Next(4)}");
        Later(Delay(), () => If(leader, () => Count(leader)));
    }

    private void Appear(ModelDevice leader) => If(leader, () =>
    {
        var letter = leader.Letter switch { 'p' or 'n' => random.Next(5) == 0 ? 'n' : 'q', 'k' => 'j', _ => 's' };
        var parent = random.Next(3) == 0 && leader.Path.Count(c => c == '/') < 6 ? leader.Path : "/devices";
        Appear(leader, $"{parent}/{letter}{++_names}");
    });

    private void Appear(ModelDevice leader, string path)
    {
        var above = path[..path.LastIndexOf('/')];
        if (kernel.Sysfs.Find(path) is not null || kernel.Sysfs.All.Count() >= MaxDevices || (above != "/devices" && kernel.Sysfs.Find(above) is null))
            return;
        var member = kernel.Create(path);
        var number = ++_links;
        Later(kernel.IsUnheard || random.Next(2) == 0 ? 0 : Delay(), () =>
        {
            if (!member.Exists || !leader.Exists)
                return;
            kernel.Tie(leader, member, number, both: true);
            kernel.Say("change", member);
        });
        drivers.Probe(member);
    }

    private void Count(ModelDevice leader)
    {
        if (leader.Letter == 'p')
            Set(leader, $"{Links(leader).Count}");
    }

    private void Set(ModelDevice leader, string number)
    {
        leader.Write("numvfs", number);
        timeline.Add(world.Now, $"driver  {leader.Path}/numvfs = {number}");
    }

    private static List<string> Links(ModelDevice leader) => [.. leader.Names.Where(n => leader.Find(n)?.Leads is not null && IsToMember(leader, n))];

    private static bool IsToMember(ModelDevice leader, string name) =>
        name.StartsWith(SimRule.LinksOf(leader.Letter, 'n').Members, StringComparison.Ordinal);

    private static void If(ModelDevice device, Action action)
    {
        if (device.Exists)
            action();
    }

    private void Later(long usec, Action action)
    {
        if (usec == 0)
            action();
        else
            world.In(usec, action);
    }

    private long Delay() => random.Next(5) switch
    {
        0 or 1 => 0,
        2 => random.Next(500),
        3 => random.Next(8_000),
        _ => random.Next(50_000),
    };
}
