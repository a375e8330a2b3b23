using UeventManager.Tests.Engine;

namespace UeventManager.Tests.Simulation.Model;

/// <summary>Creates, renames and removes devices as the kernel does, says so on the socket, and remembers all of it.</summary>
internal sealed class ModelKernel(EngineWorld world, Timeline timeline)
{
    private readonly Dictionary<ulong, KernelInstance> _byInode = [];
    private readonly Dictionary<long, KernelInstance> _bySeqnum = [];

    public ModelSysfs Sysfs => world.Sysfs;

    /// <summary>Who hears it too, if anybody does.</summary>
    public ModelUdevd? Udevd { get; set; }

    /// <summary>How often events were lost.</summary>
    public int Overruns { get; private set; }

    /// <summary>Devices that were removed while their add waited, was looked at or drained: before anybody was told of them.</summary>
    public long Races { get; private set; }

    /// <summary>True while nobody listens: what happens is found by a scan.</summary>
    public bool IsUnheard { get; set; }

    public KernelInstance? OfSeqnum(long seqnum) => _bySeqnum.GetValueOrDefault(seqnum);

    public KernelInstance? OfInode(ulong inode) => _byInode.GetValueOrDefault(inode);

    public ModelDevice Create(string path)
    {
        var device = Sysfs.Create(path, ModelKeys.Subsystem(path));
        // As small as can be: what one device leaves the next one takes.
        var taken = Sysfs.All.Select(d => d.Number).ToHashSet();
        device.Number = Enumerable.Range(1, taken.Count + 1).First(i => !taken.Contains(i));
        device.Uevent = $"INODE={device.Inode}\n{ModelKeys.DevType(device.Number)}{ModelKeys.Properties(path, device.Number)}";
        timeline.Add(world.Now, $"kernel  creates {path} as {device.Inode}, number {device.Number}");
        var instance = new KernelInstance(device, IsUnheard ? 0 : world.Seqnum + 1, world.Now);
        _byInode.Add(device.Inode, instance);
        Say("add", device);
        return device;
    }

    /// <summary>What its uevent file says of it is another, and a change tells it.</summary>
    public void SetLevel(ModelDevice device, int level)
    {
        var at = device.Uevent.IndexOf("LEVEL=", StringComparison.Ordinal);
        device.Uevent = $"{(at < 0 ? device.Uevent : device.Uevent[..at])}LEVEL={level}\n";
        Say("change", device);
    }

    public void Say(string action, ModelDevice device, params string[] properties)
    {
        if (IsUnheard)
            return;
        var seqnum = world.Send(action, device.Path, device.Subsystem, properties);
        _bySeqnum[seqnum] = _byInode[device.Inode];
        Udevd?.Hears(seqnum, action, device);
        timeline.Add(world.Now, $"kernel  {action} {device.Path} {string.Join(' ', properties)} #{seqnum}{(world.IsCongested ? " (lost)" : "")}");
    }

    /// <summary>Children first; where <paramref name="silently"/>, only the topmost remove is sent.</summary>
    public void Remove(ModelDevice device, bool silently)
    {
        foreach (var below in Sysfs.Subtree(device.Path).Reverse())
        {
            if (!_byInode[below.Inode].IsTold && !IsGivenUp(below))
                Races++;
            if (!silently || below == device)
                Say("remove", below);
            Sysfs.Remove(below.Path);
        }
    }

    private bool IsGivenUp(ModelDevice device) =>
        SimRule.For(device.Path, change: false) is { } rule && world.Now >= _byInode[device.Inode].CreatedUsec + rule.TimeoutUsec;

    /// <summary>Ties a member to its leader by links in both directions; the kernel makes the leader's first (pci_iov_sysfs_link()).</summary>
    public void Tie(ModelDevice leader, ModelDevice member, int number, bool both)
    {
        var (members, toLeader) = SimRule.LinksOf(leader.Letter, member.Letter);
        leader.Link($"{members}{number}", member);
        if (both)
            member.Link(toLeader, leader);
        timeline.Add(world.Now, $"kernel  ties {leader.Path}/{members}{number} to {member.Path}{(both ? "" : ", which has another leader")}");
    }

    public void Untie(ModelDevice leader, string name)
    {
        leader.Delete(name);
        timeline.Add(world.Now, $"kernel  takes {leader.Path}/{name} away");
    }

    public void Move(ModelDevice device, string to)
    {
        var from = device.Path;
        Sysfs.Move(from, to);
        _byInode[device.Inode].MayBeDropped |= SimRule.MayDrop(to);
        Say("move", device, $"DEVPATH_OLD={from}");
    }

    public void Lose(int count)
    {
        Overruns++;
        timeline.Add(world.Now, $"kernel  loses the last {count} of {world.Queued.Count}");
        world.Lose(count);
    }
}
