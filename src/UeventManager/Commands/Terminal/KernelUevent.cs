namespace UeventManager.Commands.Terminal;

/// <summary>A uevent as the kernel sent it.</summary>
/// <param name="Action">The action.</param>
/// <param name="Devpath">The devpath.</param>
/// <param name="Subsystem">The subsystem.</param>
/// <param name="Seqnum">The kernel's number.</param>
/// <param name="ArrivedUsec">When it arrived, CLOCK_MONOTONIC.</param>
/// <param name="Properties">All its properties, in the kernel's order.</param>
internal sealed record KernelUevent(
    string Action, string Devpath, string Subsystem, long? Seqnum, long ArrivedUsec, IReadOnlyList<KeyValuePair<string, string>> Properties);
