namespace UeventManager.KernelTests.Harness;

/// <summary>A bare reader of group 1: what a subscriber would have without the daemon.</summary>
public sealed class UeventReader(Sandbox sandbox) : IDisposable
{
    private readonly UeventSocket _socket = UeventSocket.Open(sandbox, groups: 1);

    /// <summary>The next uevent that <paramref name="wanted"/> accepts, with the port it came from.</summary>
    public (uint SenderPort, Dictionary<string, string> Properties) Next(Func<Dictionary<string, string>, bool> wanted, Deadline deadline)
    {
        var buffer = new byte[8192];
        while (true)
        {
            var count = _socket.TryReceive(buffer, out var port);
            if (count < 0)
            {
                Assert.True(_socket.WaitReadable(deadline), $"no such uevent within {deadline}");
                continue;
            }

            var properties = UeventText.Decode(buffer.AsSpan(0, count));
            if (wanted(properties))
                return (port, properties);
        }
    }

    public void Dispose() => _socket.Dispose();
}
