namespace UeventManager.Varlink;

/// <summary>An interface file, parsed.</summary>
/// <param name="Name">The interface's name, as <c>org.ueventmanager.Devices</c>.</param>
/// <param name="Text">The file, verbatim.</param>
/// <param name="Comment">The comment before the interface's name.</param>
internal sealed record VarlinkInterface(string Name, string Text, string Comment)
{
    /// <summary>The named types.</summary>
    public IReadOnlyDictionary<string, VarlinkDeclaration> Types { get; internal init; } = new Dictionary<string, VarlinkDeclaration>();

    /// <summary>The methods.</summary>
    public IReadOnlyDictionary<string, VarlinkMethod> Methods { get; internal init; } = new Dictionary<string, VarlinkMethod>();

    /// <summary>The errors.</summary>
    public IReadOnlyDictionary<string, VarlinkDeclaration> Errors { get; internal init; } = new Dictionary<string, VarlinkDeclaration>();

    /// <summary>Parses an interface file.</summary>
    /// <param name="text">The whole file.</param>
    /// <returns>The interface, all its references resolved.</returns>
    /// <exception cref="VarlinkFormatException">The text is not an interface file.</exception>
    public static VarlinkInterface Parse(string text) => new VarlinkParser(text).Parse();
}

/// <summary>A text is no Varlink interface file.</summary>
internal sealed class VarlinkFormatException : FormatException
{
    /// <summary>Creates the exception for a place in the text.</summary>
    /// <param name="line">The line, from 1.</param>
    /// <param name="column">The column, from 1.</param>
    /// <param name="message">The error.</param>
    public VarlinkFormatException(int line, int column, string message)
        : base($"{line}:{column}: {message}")
    {
        Line = line;
        Column = column;
    }

    /// <summary>The line, from 1.</summary>
    public int Line { get; }

    /// <summary>The column, from 1.</summary>
    public int Column { get; }
}
