using System.Text;
using UeventManager.Core.Driving;
using UeventManager.Core.Uevents;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Engine;

/// <summary>The kernel's side: creates, removes and renames, and queues datagrams.</summary>
internal sealed partial class EngineWorld
{
    private readonly Queue<byte[]> _socket = new();
    private readonly DrainRule _drain;
    private long _overrunLost = -1;

    /// <summary>The last SEQNUM that was given.</summary>
    public long Seqnum { get; set; } = 1000;

    /// <summary>Subsystems that are buses.</summary>
    public HashSet<string> Buses { get; } = [];

    /// <summary>Subsystems whose class or bus is gone: their name says no more that an event is a device's.</summary>
    public HashSet<string> Unregistered { get; } = [];

    /// <summary>True for the devpaths of known devices whose class is gone when their event is judged.</summary>
    public Func<string, bool>? ForgetsClass { get; set; }

    /// <summary>Names of devices of which sysfs says that they are of another subsystem than their events.</summary>
    public HashSet<string> Contested { get; } = [];

    /// <summary>
    /// True for a daemon with so much to do that it takes one batch at a time, and hardly ever sees its queue empty: then it is drained by count.
    /// </summary>
    public bool IsBusy { get; set; }

    /// <summary>By how many datagrams too many the kernel says that may be queued (SO_MEMINFO tells bytes).</summary>
    public int MoreQueued { get; set; }

    /// <summary>How often the queue was drained without having been seen empty.</summary>
    public long DrainsByCount { get; private set; }

    /// <summary>How many datagrams one receive takes.</summary>
    public int Batch { get; set; } = 64;

    /// <summary>Makes the directory, as the kernel does before it says anything.</summary>
    public ModelDevice Create(string name, string subsystem = "net") => Sysfs.Create(Dev(name), subsystem);

    /// <summary>Makes the directory and queues its add.</summary>
    public ModelDevice Add(string name, string subsystem = "net", params string[] properties)
    {
        var device = Create(name, subsystem);
        Send("add", name, subsystem, properties);
        return device;
    }

    /// <summary>Queues the remove, then takes the directory away, as device_del() does.</summary>
    public void Remove(string name)
    {
        Send("remove", name, Sysfs.Find(Dev(name))?.Subsystem ?? "net");
        Sysfs.Remove(Dev(name));
    }

    /// <summary>Renames the directory and queues the move.</summary>
    public void Move(string from, string to)
    {
        Sysfs.Move(Dev(from), Dev(to));
        Send("move", to, Sysfs.Find(Dev(to))!.Subsystem, $"DEVPATH_OLD={Dev(from)}");
    }

    public void Change(string name, params string[] properties) => Send("change", name, Sysfs.Find(Dev(name))?.Subsystem ?? "net", properties);

    /// <summary>Queues a datagram with the next SEQNUM. It says what the device's uevent file says, unless told otherwise.</summary>
    public long Send(string action, string name, string subsystem = "net", params string[] properties)
    {
        var file = Sysfs.Find(Dev(name))?.Uevent.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var given = properties.Select(p => p[..(p.IndexOf('=') + 1)]).ToList();
        Queue(++Seqnum, action, name, subsystem, [.. file.Where(l => !given.Exists(l.StartsWith)), .. properties]);
        return Seqnum;
    }

    /// <summary>Queues a datagram with a SEQNUM of one's own.</summary>
    public void Queue(long seqnum, string action, string name, string subsystem = "net", params string[] properties)
    {
        var text = new StringBuilder($"{action}@{Dev(name)}\0ACTION={action}\0DEVPATH={Dev(name)}\0SUBSYSTEM={subsystem}\0");
        foreach (var property in properties)
            text.Append(property).Append('\0');
        if (IsCongested && DropsWhenCongested)
            _overrunLost++;
        else
            _socket.Enqueue(Encoding.UTF8.GetBytes(text.Append($"SEQNUM={seqnum}\0").ToString()));
    }

    /// <summary>As the kernel does (NETLINK_S_CONGESTED). Tests that queue after an overrun on purpose leave it off.</summary>
    public bool DropsWhenCongested { get; set; }

    /// <summary>The kernel drops what is queued from here on until the queue was read empty; what was lost is told then.</summary>
    public void Overrun(long lost = 1) => _overrunLost = lost;

    /// <summary>Loses the newest datagrams that are queued, as a full socket would have.</summary>
    public void Lose(int count)
    {
        var kept = _socket.SkipLast(count).ToList();
        var lost = _socket.Count - kept.Count;
        _socket.Clear();
        kept.ForEach(_socket.Enqueue);
        Overrun(lost);
    }

    /// <summary>Lets the newest two datagrams overtake each other.</summary>
    public void Swap()
    {
        if (_socket.Count < 2)
            return;
        var all = _socket.ToList();
        (all[^1], all[^2]) = (all[^2], all[^1]);
        _socket.Clear();
        all.ForEach(_socket.Enqueue);
    }

    /// <summary>Queues the newest datagram once more.</summary>
    public void Repeat() => Queue(_socket.Last());

    /// <summary>Queues a datagram as it is.</summary>
    public void Queue(byte[] datagram) => _socket.Enqueue(datagram);

    /// <summary>What is queued, oldest first.</summary>
    public IReadOnlyCollection<byte[]> Queued => _socket;

    /// <summary>True while the kernel drops what it would queue.</summary>
    public bool IsCongested => _overrunLost >= 0;

    private bool Receive(bool always)
    {
        if (_socket.Count == 0 && _overrunLost < 0 && !always)
            return false;
        for (var batch = 0; !IsBusy || batch < 1; batch++)
        {
            _drain.BeginBatch(Engine.EndedLooks);
            var received = 0;
            for (; received < Batch && _socket.TryDequeue(out var datagram); received++)
            {
                _drain.Step();
                StepOne(datagram);
            }
            var sawEmpty = received < Batch;
            switch (_drain.EndBatch(sawEmpty, IsCongested, Engine.NeedsDrain, Engine.EndedLooks))
            {
                case BatchEnd.Overrun:
                    Engine.Overrun(_overrunLost, Now);
                    _overrunLost = -1;
                    Carry();
                    break;
                case BatchEnd.Drained:
                    DrainsByCount += sawEmpty ? 0 : 1;
                    Engine.Drained(_drain.DrainedLooks, Now);
                    Carry();
                    break;
            }
            if (sawEmpty && !Engine.NeedsDrain)
                return true;
        }
        return true;
    }

    private void StepOne(byte[] datagram)
    {
        Observer?.Received(datagram);
        Assert.Equal(UeventRejection.None, UeventParser.TryParse(datagram, out var uevent));
        var subsystem = Encoding.UTF8.GetString(uevent.Subsystem);
        var isDevice = DevPaths.IsBelowDevices(uevent.DevPath) && subsystem is not ("" or "queues") && !Unregistered.Contains(subsystem);
        if (uevent.Action != UeventAction.Add && ForgetsClass is { } forgets)
        {
            var known = Encoding.UTF8.GetString(uevent.Action == UeventAction.Move ? uevent.DevPathOld : uevent.DevPath);
            isDevice &= !Knows(known) || !forgets(known);
        }
        Engine.Step(uevent, isDevice, Now, Buses.Contains(subsystem), Contested.Contains(Encoding.UTF8.GetString(DevPaths.SysName(uevent.DevPath))));
        Carry();
    }
}
