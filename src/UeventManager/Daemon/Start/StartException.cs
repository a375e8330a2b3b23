namespace UeventManager.Daemon.Start;

/// <summary>The daemon cannot start: something in its environment must be changed first, and the lines say what.</summary>
/// <param name="lines">One line each.</param>
internal sealed class StartException(IReadOnlyList<string> lines) : Exception(string.Join(Environment.NewLine, lines))
{
    /// <summary>What is wrong, one line each.</summary>
    public IReadOnlyList<string> Lines { get; } = lines;
}
