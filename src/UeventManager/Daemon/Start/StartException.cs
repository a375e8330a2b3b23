namespace UeventManager.Daemon.Start;

/// <summary>The daemon cannot start: something in its environment must be changed first, as the lines say.</summary>
/// <param name="lines">The problems, one line each.</param>
internal sealed class StartException(IReadOnlyList<string> lines) : Exception(string.Join(Environment.NewLine, lines))
{
    /// <summary>The problems, one line each.</summary>
    public IReadOnlyList<string> Lines { get; } = lines;
}
