using System.Net.Sockets;
using UeventManager.Client;

namespace UeventManager.Commands;

/// <summary>
/// Makes calls that wait for something anyway: until their time is over they wait for the daemon too, one that is not up yet and one that is
/// restarted. The daemon answers from what is there, so a call that is made again loses nothing.
/// </summary>
/// <param name="context">The command.</param>
/// <param name="client">The client; it need not be connected.</param>
/// <param name="timeout">How long all of it may take.</param>
/// <param name="isQuiet">True if the caller reports itself that the daemon is away.</param>
internal sealed class Patience(CommandContext context, UeventClient client, TimeSpan timeout, bool isQuiet = false)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(500);
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private int _away;

    /// <summary>Makes a call, as often as it takes.</summary>
    /// <param name="call">The call, with the time that is left for it.</param>
    /// <exception cref="DaemonUnreachableException">There was no daemon when the time was over.</exception>
    public async Task<T> CallAsync<T>(Func<UeventClient, TimeSpan, Task<T>> call)
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(20);
        while (true)
        {
            try
            {
                T result = await call(client, Left()).ConfigureAwait(false);
                if (Interlocked.Exchange(ref _away, 0) != 0 && !isQuiet)
                    context.Say("the daemon is there again");
                return result;
            }
            catch (DaemonUnreachableException e) when (MayPass(e) && Left() > TimeSpan.Zero)
            {
                // Several calls lose it at the same time, and that is said once.
                if (Interlocked.Exchange(ref _away, 1) == 0 && !isQuiet)
                    context.Say($"{e.Message}; trying until the time is over (Ctrl-C ends)");
            }
            TimeSpan left = Left();
            await Task.Delay(delay < left ? delay : left, context.Cancel).ConfigureAwait(false);
            delay = delay * 2 < s_longest ? delay * 2 : s_longest;
        }
    }

    private TimeSpan Left() => timeout - TimeProvider.System.GetElapsedTime(_started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    // Without the right to connect, waiting does not help.
    private static bool MayPass(DaemonUnreachableException e) =>
        e.InnerException is not (ArgumentException or SocketException { SocketErrorCode: SocketError.AccessDenied });
}
