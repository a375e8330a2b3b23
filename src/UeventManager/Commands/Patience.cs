using System.Net.Sockets;
using UeventManager.Client;

namespace UeventManager.Commands;

/// <summary>
/// Calls the daemon for commands that wait: until their timeout they also wait for a daemon that has not started yet or is restarting. The daemon
/// answers from the present state, so a repeated call loses nothing.
/// </summary>
/// <param name="context">The command's context.</param>
/// <param name="client">The client; it need not be connected.</param>
/// <param name="timeout">The time for all calls together.</param>
/// <param name="isQuiet">True if the caller itself reports that the daemon is away.</param>
internal sealed class Patience(CommandContext context, UeventClient client, TimeSpan timeout, bool isQuiet = false)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(500);
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private int _away;

    /// <summary>Makes a call, repeatedly if necessary.</summary>
    /// <param name="call">The call, which gets the remaining time.</param>
    /// <exception cref="DaemonUnreachableException">There was no daemon at the timeout.</exception>
    public async Task<T> CallAsync<T>(Func<UeventClient, TimeSpan, Task<T>> call)
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(20);
        while (true)
        {
            try
            {
                T result = await call(client, Left()).ConfigureAwait(false);
                if (Interlocked.Exchange(ref _away, 0) != 0 && !isQuiet)
                    context.Say("connected to the daemon again");
                return result;
            }
            catch (DaemonUnreachableException e) when (MayPass(e) && Left() > TimeSpan.Zero)
            {
                // Several calls lose the daemon at the same time; that is reported once.
                if (Interlocked.Exchange(ref _away, 1) == 0 && !isQuiet)
                    context.Say($"{e.Message}; trying until the timeout (Ctrl-C ends)");
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
