using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Uevents;
using UeventManager.Daemon;
using UeventManager.Netlink;

namespace UeventManager.Commands.Verbs;

/// <summary>The kernel's uevents for <c>monitor --kernel</c>, from a socket of its own, so nothing is settled.</summary>
internal static class KernelSource
{
    // Further uevents wait in the socket's buffer: printing is slower than the kernel.
    private const int MaxAhead = 4096;

    public static async IAsyncEnumerable<KernelUevent> Read([EnumeratorCancellation] CancellationToken cancel)
    {
        using var socket = UeventSocket.Open();
        var channel = Channel.CreateBounded<KernelUevent>(new BoundedChannelOptions(MaxAhead) { SingleReader = true, SingleWriter = true });
        var reader = Task.Factory.StartNew(() => Receive(socket, channel.Writer, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await foreach (var uevent in channel.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
            yield return uevent;
        await reader.ConfigureAwait(false);
    }

    private static void Receive(UeventSocket socket, ChannelWriter<KernelUevent> output, CancellationToken cancel)
    {
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                SocketWait.Readable(socket.Descriptor, milliseconds: 100);
                var result = socket.Receive();
                var now = Monotonic.NowUsec;
                for (var i = 0; i < result.Received; i++)
                {
                    var datagram = socket[i];
                    if (datagram.Rejection != DatagramRejection.None || UeventParser.TryParse(datagram.Data, out var uevent) != UeventRejection.None)
                        continue;
                    var raw = Convert(uevent, now);
                    while (!output.TryWrite(raw) && !cancel.IsCancellationRequested)
                        output.WaitToWriteAsync(cancel).AsTask().Wait(cancel);
                }
            }
            output.TryComplete();
        }
        catch (Exception e) when (e is OperationCanceledException or SystemCallException)
        {
            output.TryComplete(e);
        }
    }

    private static KernelUevent Convert(in Uevent uevent, long now)
    {
        var properties = new List<KeyValuePair<string, string>>();
        foreach (var entry in PropertyBlock.Entries(uevent.Properties))
        {
            var equals = entry.IndexOf((byte)'=');
            properties.Add(new(KernelText.Decode(entry[..equals]), KernelText.Decode(entry[(equals + 1)..])));
        }
        return new KernelUevent(
            uevent.Action.Text(),
            KernelText.Decode(uevent.DevPath),
            Encoding.UTF8.GetString(uevent.Subsystem),
            uevent.Seqnum > 0 ? uevent.Seqnum : null,
            now,
            properties);
    }
}
