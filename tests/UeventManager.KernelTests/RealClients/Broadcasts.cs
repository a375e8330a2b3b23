using System.Collections.Concurrent;
using System.Text;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.RealClients;

/// <summary>When what was told to a sandbox's libudev programs reached them.</summary>
internal sealed class Broadcasts : IDisposable
{
    private const int UdevGroup = 2;

    private readonly UeventSocket _socket;
    private readonly ConcurrentQueue<(long Usec, string Text)> _told = [];
    private readonly Thread _thread;
    private volatile bool _ends;

    public Broadcasts(Sandbox sandbox)
    {
        _socket = UeventSocket.Open(sandbox, UdevGroup);
        _thread = new Thread(Run);
        _thread.Start();
    }

    /// <summary>Time of the first message with a text, microseconds of CLOCK_MONOTONIC.</summary>
    public long WhenTold(string text)
    {
        bool Has((long Usec, string Text) one) => one.Text.Contains(text, StringComparison.Ordinal);
        Eventually.Holds(() => _told.Any(Has), Deadline.Default, $"a message with {text}");
        return _told.First(Has).Usec;
    }

    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        _socket.Dispose();
    }

    private void Run()
    {
        var buffer = new byte[8192];
        while (!_ends)
        {
            if (!_socket.WaitReadable(Deadline.Exactly(TimeSpan.FromMilliseconds(100))))
                continue;
            var usec = MonotonicClock.Usec;
            while (_socket.TryReceive(buffer, out _) is var count and > 0)
                _told.Enqueue((usec, Encoding.UTF8.GetString(buffer, 0, count)));
        }
    }
}
