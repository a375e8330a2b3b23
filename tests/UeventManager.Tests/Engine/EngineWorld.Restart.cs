using UeventManager.Core.Driving;
using UeventManager.Core.Engine;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;

namespace UeventManager.Tests.Engine;

/// <summary>The daemon ends and begins again.</summary>
internal sealed partial class EngineWorld
{
    /// <summary>What the engine hands over.</summary>
    public byte[] Save() => Save(Now);

    private byte[] Save(long nowUsec)
    {
        var bytes = new MemoryStream();
        var writer = new SnapshotWriter(part => bytes.Write(part));
        writer.Clock(nowUsec, null);
        Engine.Save(writer);
        writer.Flush();
        return bytes.ToArray();
    }

    /// <summary>Another engine goes on where this one ends.</summary>
    /// <param name="meanwhile">What happens between the two. Datagrams wait in the socket, as in one that systemd holds.</param>
    /// <param name="rules">The rules of the new one; null for the old one's.</param>
    /// <param name="mayHaveMissed">True if the new engine is told that events may have been lost.</param>
    public void Restart(Action? meanwhile = null, RuleSet? rules = null, bool mayHaveMissed = false)
    {
        var state = Save();
        meanwhile?.Invoke();
        var clock = Restore(state, rules ?? Engine.Rules, mayHaveMissed);
        if (clock.GoesOn)
            Assert.Equal(state, Save(clock.SavedUsec));
        Resume();
    }

    /// <summary>Another engine goes on with a state that this one need not have handed over.</summary>
    /// <exception cref="SnapshotException">It does not believe it.</exception>
    public void RestartWith(byte[] state)
    {
        Restore(state, Engine.Rules);
        Resume();
    }

    private SnapshotClock Restore(byte[] state, RuleSet rules, bool mayHaveMissed = false)
    {
        (_scan, Observer, _waits) = (null, null, null);
        _reads.Clear();
        _driver = new EngineDriver(new UeventEngine(rules), this);
        var reader = new SnapshotReader(new MemoryStream(state).Read);
        var clock = reader.Clock(Now, null);
        Engine.Restore(reader, mayHaveMissed);
        reader.End();
        return clock;
    }

    private void Resume()
    {
        if (_listensToUdev)
            Engine.ListenToUdev(goesOn: KeepsUdevSocket);
        Engine.Resume(Now);
        Carry();
    }

    /// <summary>What is queued in the socket is lost with it.</summary>
    public void LoseSocket() => _socket.Clear();
}
