namespace UeventManager.Commands;

/// <summary>What <c>ueventctl</c> exits with.</summary>
internal static class ExitStatus
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed; the line on stderr says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>What was waited for did not come in time.</summary>
    public const int TimedOut = 3;

    /// <summary>The daemon cannot be reached.</summary>
    public const int Unreachable = 4;

    /// <summary>Interrupted by SIGINT, as a shell says it: 128 and the signal's number.</summary>
    public const int Interrupted = 130;
}
