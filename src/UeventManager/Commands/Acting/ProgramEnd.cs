namespace UeventManager.Commands.Acting;

/// <summary>The end of a program.</summary>
/// <param name="Status">The exit status; 128 plus the signal's number after a signal; null if it was not started.</param>
/// <param name="TimedOut">True if it was ended at its timeout.</param>
/// <param name="LastLine">The last line of its standard error, or why it could not be started.</param>
internal sealed record ProgramEnd(int? Status, bool TimedOut, string? LastLine)
{
    /// <summary>True if it succeeded.</summary>
    public bool IsGood => Status == 0 && !TimedOut;

    /// <summary>For the log.</summary>
    public override string ToString() => (Status is null ? "it could not be started" : TimedOut ? "it took too long and was ended" : $"exit status {Status}")
        + (LastLine is { Length: > 0 } line ? $": {line}" : "");
}
