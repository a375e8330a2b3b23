namespace UeventManager.Commands;

/// <summary>The exit statuses of <c>ueventctl</c>.</summary>
internal static class ExitStatus
{
    /// <summary>Success.</summary>
    public const int Done = 0;

    /// <summary>Failure; a line on stderr gives the reason.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>The timeout passed before the awaited state.</summary>
    public const int TimedOut = 3;

    /// <summary>The daemon cannot be reached.</summary>
    public const int Unreachable = 4;

    /// <summary>Interrupted by SIGINT: 128 plus the signal's number, as in a shell.</summary>
    public const int Interrupted = 130;
}
