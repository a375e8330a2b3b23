using UeventManager.Core.Engine;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;

namespace UeventManager.Tests.Engine;

/// <summary>The daemon ends and begins again.</summary>
internal sealed partial class EngineWorld
{
    /// <summary>What the engine hands over.</summary>
    public byte[] Save()
    {
        var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part));
        Engine.Save(writer);
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Another engine goes on where this one ends.</summary>
    /// <param name="meanwhile">What happens between the two. Datagrams wait in the socket, as in one that systemd holds.</param>
    /// <param name="rules">The rules of the new one; null for the old one's.</param>
    public void Restart(Action? meanwhile = null, RuleSet? rules = null)
    {
        var state = Save();
        (_scan, Observer) = (null, null);
        _probes.Clear();
        _reads.Clear();
        meanwhile?.Invoke();
        Engine = new UeventEngine(rules ?? Engine.Rules);
        var reader = new SnapshotReader(new MemoryStream(state).Read);
        Engine.Restore(reader);
        reader.End();
        Assert.Equal(state, Save());
        Engine.Resume(Now);
        Carry();
    }

    /// <summary>What is queued in the socket is lost with it.</summary>
    public void LoseSocket() => _socket.Clear();
}
