using System.Net.Sockets;
using System.Text;
using UeventManager.Client;

namespace UeventManager.Tests.Client;

public sealed class BlockingStreamTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"uevent-blocking-{Guid.NewGuid():N}");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public BlockingStreamTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(_path));
        _listener.Listen();
    }

    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public async Task What_is_asynchronous_elsewhere_is_done_when_it_returns()
    {
        await using var stream = BlockingStream.Connect(_path);
        using Socket peer = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.True(stream.WriteAsync("ask"u8.ToArray(), TestContext.Current.CancellationToken).AsTask().IsCompletedSuccessfully);
        byte[] asked = new byte[8];
        Assert.Equal("ask", Encoding.UTF8.GetString(asked, 0, peer.Receive(asked)));
        peer.Send("answer"u8);
        byte[] buffer = new byte[8];
        Task<int> read = stream.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask();
        Assert.True(read.IsCompletedSuccessfully);
        Assert.Equal("answer", Encoding.UTF8.GetString(buffer, 0, await read));
        peer.Shutdown(SocketShutdown.Both);
        Assert.Equal(0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Who_cancels_wakes_a_reader()
    {
        await using var stream = BlockingStream.Connect(_path);
        using var cancel = new CancellationTokenSource();
        var reading = new TaskCompletionSource();
        Task<int> read = Task.Run(async () =>
        {
            reading.SetResult();
            return await stream.ReadAsync(new byte[8], cancel.Token);
        });
        await reading.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_client_on_it_says_that_the_daemon_went()
    {
        await using var client = new UeventClient(_ => Task.FromResult<Stream>(BlockingStream.Connect(_path)));
        Task<Socket> accepted = _listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask();
        Task<DaemonStatus> asked = Task.Run(() => client.StatusAsync());
        (await accepted).Dispose();
        await Assert.ThrowsAsync<DaemonUnreachableException>(() => asked.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Without_a_daemon_it_says_what_to_do()
    {
        DaemonUnreachableException missing = Assert.Throws<DaemonUnreachableException>(() => BlockingStream.Connect(_path + "-none"));
        Assert.Contains("start the daemon", missing.Message, StringComparison.Ordinal);
        using var deaf = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        deaf.Bind(new UnixDomainSocketEndPoint(_path + "-deaf"));
        DaemonUnreachableException refused = Assert.Throws<DaemonUnreachableException>(() => BlockingStream.Connect(_path + "-deaf"));
        Assert.Contains("no daemon is listening", refused.Message, StringComparison.Ordinal);
    }
}
