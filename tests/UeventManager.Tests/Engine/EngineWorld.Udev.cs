using UeventManager.Core.Driving;
using UeventManager.Core.Uevents;
using UeventManager.Tests.Simulation.Model;
using UeventManager.Tests.Uevents;

namespace UeventManager.Tests.Engine;

/// <summary>udevd's side: its broadcasts, on a socket of their own, and its database.</summary>
internal sealed partial class EngineWorld
{
    private readonly Queue<byte[]?> _udevSocket = new();
    private (List<byte[]?> Messages, DrainMark Mark)? _udevHeld;
    private bool _listensToUdev;
    private ulong _udevInode = 100;

    /// <summary>Whether udevd's broadcasts during a restart wait in a socket that is kept.</summary>
    public bool KeepsUdevSocket { get; set; } = true;

    /// <summary>Devices that udev told of, and for how long each was not complete then; negative if it was.</summary>
    public List<(string Subsystem, long LeadUsec)> Leads { get; } = [];

    /// <summary>Broadcasts of udevd come in from now on.</summary>
    public void ListenToUdev()
    {
        _listensToUdev = true;
        Engine.ListenToUdev(goesOn: true);
    }

    /// <summary>udevd tells everybody that it is done with an event.</summary>
    public void Tell(long seqnum, string action, string name, params string[] properties) => _udevSocket.Enqueue(UdevDatagram.Of(seqnum, action, Dev(name), Sysfs.Find(Dev(name))?.Subsystem ?? "net", properties));

    /// <summary>The kernel drops broadcasts.</summary>
    public void LoseUdev() => _udevSocket.Enqueue(null);

    /// <summary>udevd writes a device's entry, aside and renamed.</summary>
    public void WriteUdev(string name, string entry, long? writtenUsec = null) =>
        Sysfs.Find(Dev(name))!.Put("%udev", new ModelFile { Value = entry, WrittenUsec = writtenUsec ?? Now, Inode = ++_udevInode });

    private bool ReceiveUdev()
    {
        if (_udevHeld is null)
        {
            if (_udevSocket.Count == 0)
                return false;
            _udevHeld = ([.. _udevSocket], _drain.Mark());
            _udevSocket.Clear();
        }
        var (messages, mark) = _udevHeld.Value;
        if (!_drain.IsPast(mark))
            Receive(always: true);
        if (!_drain.IsPast(mark))
            return true;
        _udevHeld = null;
        foreach (var message in messages)
        {
            if (message is null)
            {
                Engine.UdevLost(Now);
            }
            else
            {
                Assert.Equal(UdevRejection.None, UdevMessageParser.TryParse(message, out var read));
                Engine.UdevSaid(read, Now);
            }
            Carry();
        }
        return true;
    }
}
