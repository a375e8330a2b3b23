using Microsoft.Extensions.Logging;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Daemon;
using UeventManager.Daemon.Start;

namespace UeventManager.Commands.Verbs;

/// <summary>The whole pipeline in this process, for <c>monitor --standalone</c>.</summary>
internal static class StandaloneSource
{
    /// <summary>Starts the pipeline and connects to it; it ends with the token.</summary>
    public static async Task<UeventClient> ConnectAsync(CommonSettings settings, CancellationToken cancel)
    {
        var logging = LoggerFactory.Create(builder => DaemonHost.AddLogging(builder, LogLevel.Warning));
        try
        {
            var standalone = new Standalone(DaemonCommand.Options(settings), new DaemonLog(logging.CreateLogger("ueventctl")));
            cancel.Register(() =>
            {
                standalone.Dispose();
                logging.Dispose();
            });
            await standalone.Ready.WaitAsync(cancel).ConfigureAwait(false);
            return UeventClient.FromSocket(standalone.Client);
        }
        catch (StartException e)
        {
            throw new IOException(string.Join("; ", e.Lines), e);
        }
    }
}
