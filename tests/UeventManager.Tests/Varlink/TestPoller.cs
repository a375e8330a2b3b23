using System.Diagnostics;
using System.Runtime.InteropServices;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>The daemon's loop in small: level-triggered poll(2) on the test's own thread.</summary>
internal sealed partial class TestPoller : IPoller
{
    private static readonly TimeSpan Deadline = TestTime.Seconds(20);

    private readonly Dictionary<int, (PollEvents Interest, PollCallback Ready)> _watched = [];

    public int Watched => _watched.Count;

    public int Callbacks { get; private set; }

    /// <summary>Served once a turn, as the daemon's loop does.</summary>
    public VarlinkTurns? Turns { get; set; }

    public void Add(int descriptor, PollEvents interest, PollCallback ready) => _watched.Add(descriptor, (interest, ready));

    public void Change(int descriptor, PollEvents interest) => _watched[descriptor] = (interest, _watched[descriptor].Ready);

    public void Remove(int descriptor) => Assert.True(_watched.Remove(descriptor));

    /// <summary>Handles what is ready now; waits at most so long for something to be.</summary>
    public bool Turn(int timeoutMs = 0)
    {
        bool hadWork = Turns?.HasWork == true;
        bool had = Poll(hadWork ? 0 : timeoutMs) || hadWork;
        Turns?.Run();
        return had;
    }

    private bool Poll(int timeoutMs)
    {
        (int Descriptor, PollEvents Interest, PollCallback Ready)[] all = [.. _watched.Select(w => (w.Key, w.Value.Interest, w.Value.Ready))];
        PollFd[] fds = [.. all.Select(w => new PollFd(w.Descriptor, (short)(
            ((w.Interest & PollEvents.Readable) != 0 ? 1 : 0) | ((w.Interest & PollEvents.Writable) != 0 ? 4 : 0)), 0))];
        if (poll(fds, (ulong)fds.Length, timeoutMs) <= 0)
            return false;
        for (int i = 0; i < fds.Length; i++)
        {
            short got = fds[i].Revents;
            PollEvents events = ((got & 1) != 0 ? PollEvents.Readable : 0) | ((got & 4) != 0 ? PollEvents.Writable : 0)
                | ((got & (8 | 16)) != 0 ? PollEvents.HangUp : 0);
            if (events == 0 || !_watched.ContainsKey(all[i].Descriptor))
                continue;
            Callbacks++;
            all[i].Ready(events);
        }
        return true;
    }

    /// <summary>Turns until something is so; fails at the deadline.</summary>
    public void Until(Func<bool> so, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!so())
        {
            Turn(5);
            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, "not within the deadline: " + what);
        }
    }

    /// <summary>Turns until nothing is ready.</summary>
    public void Drain()
    {
        while (Turn())
        {
        }
    }

    [LibraryImport("libc")]
    private static partial int poll([In, Out] PollFd[] fds, ulong count, int timeoutMs);

    private record struct PollFd(int Fd, short Events, short Revents);
}
