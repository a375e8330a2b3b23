using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using UeventManager.Commands.Retelling;

namespace UeventManager.Tests.Commands.Retelling;

/// <summary>Which of udevd's workers wait, and the answer that each gets.</summary>
public sealed class BlockedWorkersTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("blocked").FullName;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private readonly HashSet<long> _announced = [];

    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData(1, 64L << 30, 6)]
    [InlineData(2, 64L << 30, 6)]
    [InlineData(64, 256L << 30, 48)]
    // So little memory that udevd has few workers itself.
    [InlineData(64, 1L << 30, 2)]
    [InlineData(64, 1L << 20, 1)]
    public void A_third_of_udevds_workers_may_wait(int processors, long memory, int expected) => Assert.Equal(expected, BlockedWorkers.Most(processors, memory));

    [Fact]
    public async Task Each_worker_gets_the_answer_for_its_own_event_also_if_two_ask_for_one_device()
    {
        using var workers = Start(most: 9);
        var (first, second, other) = (Ask(7), Ask(7), Ask(8));
        await Wait(workers, 3);
        Tell(workers, 7);
        Assert.Equal("settled", await first);
        Assert.Equal("settled", await second);
        await Wait(workers, 1);
        Assert.False(other.IsCompleted, "nothing was announced of it");
        Assert.Equal("settled", await Ask(7));
        Tell(workers, 8);
        Assert.Equal("settled", await other);
        await Wait(workers, 0);
        Assert.Equal((3L, 0L), (workers.Held, workers.GaveUp));
    }

    [Fact]
    public async Task Workers_beyond_the_limit_pass_at_once_and_none_waits_without_a_daemon()
    {
        using var workers = Start(most: 2);
        var waiting = new[] { Ask(1), Ask(1) };
        await Wait(workers, 2);
        Assert.Equal("open", await Ask(2));
        workers.Open(false);
        Assert.Equal(["open", "open"], await Task.WhenAll(waiting));
        Assert.Equal("open", await Ask(3));
        await Wait(workers, 0);
        Assert.Equal((0L, 4L), (workers.Held, workers.GaveUp));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("99999999999999999999999")]
    public async Task A_request_without_a_bounded_number_is_accepted(string line)
    {
        using var workers = Start(most: 2);
        Assert.Equal("open", await Ask(line + "\n"));
    }

    private BlockedWorkers Start(int most)
    {
        var workers = new BlockedWorkers(Path.Combine(_directory, "s"), most, _gate, seqnum => _announced.Contains(seqnum) ? true : null, TestTime.Seconds(30));
        workers.Open(true);
        _ = workers.ServeAsync(_ending.Token);
        return workers;
    }

    private static async Task Wait(BlockedWorkers workers, int count)
    {
        var since = Stopwatch.StartNew();
        while (workers.Waiting != count)
        {
            Assert.True(since.Elapsed < TestTime.Seconds(30), $"{workers.Waiting} wait");
            await Task.Yield();
        }
    }

    private void Tell(BlockedWorkers workers, long seqnum)
    {
        lock (_gate)
        {
            _announced.Add(seqnum);
            workers.Tell(seqnum, isSettled: true);
        }
    }

    private Task<string> Ask(long seqnum) => Ask($"{seqnum}\n");

    private async Task<string> Ask(string line)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_directory, "s")), _ending.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes(line), _ending.Token);
        var answer = new byte[64];
        return Encoding.ASCII.GetString(answer.AsSpan(0, await socket.ReceiveAsync(answer, _ending.Token)));
    }
}
