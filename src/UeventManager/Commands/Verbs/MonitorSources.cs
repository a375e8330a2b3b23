using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary>Where <c>monitor</c> has its events from besides a daemon. What is null is not offered.</summary>
internal sealed record MonitorSources
{
    /// <summary>Runs the whole pipeline in this process, until the token is cancelled, and connects to it (<c>--standalone</c>).</summary>
    public Func<CommonSettings, CancellationToken, Task<UeventClient>>? Standalone { get; init; }

    /// <summary>The kernel's uevents as they arrive, not settled (<c>--kernel</c>).</summary>
    public Func<CommonSettings, CancellationToken, IAsyncEnumerable<KernelUevent>>? Kernel { get; init; }
}
