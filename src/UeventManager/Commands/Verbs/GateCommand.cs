using System.CommandLine;
using System.Net.Sockets;
using System.Text;
using UeventManager.Commands.Retelling;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl gate</c>: the program that a udevd worker runs at a blocking gate. It succeeds once the device is complete.</summary>
internal static class GateCommand
{
    // A hanging reteller blocks a worker no longer than one that answers.
    private static readonly TimeSpan Longest = BlockedWorkers.Longest + TimeSpan.FromMilliseconds(500);

    /// <summary>Builds the command.</summary>
    public static Command Build()
    {
        var socket = new Argument<string>("SOCKET") { Description = "The socket of ueventctl retell" };
        var command = new Command("gate", "For udev's rules: wait until the event with $SEQNUM is settled, two seconds at most") { socket };
        command.Hidden = true;
        command.SetAction((parsed, cancel) => AskAsync(parsed.GetValue(socket)!, Environment.GetEnvironmentVariable("SEQNUM"), cancel));
        return command;
    }

    private static async Task<int> AskAsync(string path, string? seqnum, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(seqnum))
            return ExitStatus.Usage;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Longest);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), patience.Token).ConfigureAwait(false);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"{seqnum}\n"), patience.Token).ConfigureAwait(false);
            var answer = new byte[16];
            int length = await socket.ReceiveAsync(answer, patience.Token).ConfigureAwait(false);
            return Encoding.ASCII.GetString(answer, 0, length) == BlockedWorkers.Complete ? ExitStatus.Done : ExitStatus.Failed;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ArgumentException)
        {
            return ExitStatus.Failed;
        }
    }
}
