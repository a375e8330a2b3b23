using UeventManager.Client;

namespace UeventManager.Commands;

/// <summary>Where <c>monitor</c> has its events from besides a daemon. What is null is not offered.</summary>
public sealed record MonitorSources
{
    /// <summary>Runs the whole pipeline in this process, until the token is cancelled, and connects to it (<c>--standalone</c>).</summary>
    public Func<CommonSettings, CancellationToken, Task<UeventClient>>? Standalone { get; init; }

    /// <summary>The kernel's uevents as they arrive, not settled (<c>--kernel</c>).</summary>
    public Func<CommonSettings, CancellationToken, IAsyncEnumerable<KernelUevent>>? Kernel { get; init; }
}

/// <summary>A uevent as the kernel sent it.</summary>
/// <param name="Action">The action.</param>
/// <param name="Devpath">The devpath.</param>
/// <param name="Subsystem">The subsystem.</param>
/// <param name="Seqnum">The kernel's number.</param>
/// <param name="ArrivedUsec">When it arrived, CLOCK_MONOTONIC.</param>
/// <param name="Properties">All its properties, in the kernel's order.</param>
public sealed record KernelUevent(
    string Action, string Devpath, string Subsystem, long? Seqnum, long ArrivedUsec, IReadOnlyList<KeyValuePair<string, string>> Properties);
