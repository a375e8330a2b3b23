namespace UeventManager.Commands.Acting;

/// <summary>How a program ended.</summary>
/// <param name="Status">Its exit status; of one that a signal ended 128 and the signal's number; null if it was not started.</param>
/// <param name="TimedOut">True if it was ended because it took too long.</param>
/// <param name="LastLine">The last line that it wrote to standard error, or why it could not be started.</param>
internal sealed record ProgramEnd(int? Status, bool TimedOut, string? LastLine)
{
    /// <summary>True if it did what it should.</summary>
    public bool IsGood => Status == 0 && !TimedOut;

    /// <summary>For the log.</summary>
    public override string ToString() => (Status is null ? "it could not be started" : TimedOut ? "it took too long and was ended" : $"exit status {Status}")
        + (LastLine is { Length: > 0 } line ? $": {line}" : "");
}
