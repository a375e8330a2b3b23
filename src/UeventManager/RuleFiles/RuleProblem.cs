namespace UeventManager.RuleFiles;

/// <summary>One mistake in a rule file, or a file or directory that cannot be used.</summary>
/// <param name="File">The path, as it was named to the loader.</param>
/// <param name="Line">Line from 1, or 0 if the problem is not at one place of the file.</param>
/// <param name="Column">Column from 1, in UTF-16 units, or 0.</param>
/// <param name="Message">What is wrong, and what would be right.</param>
public sealed record RuleProblem(string File, int Line, int Column, string Message)
{
    /// <summary>What is wrong, on one line, whatever the file has of control characters.</summary>
    public string Message { get; } = Printable.Text(Message);

    /// <summary>The form that editors and compilers share: <c>file:line:column: message</c>.</summary>
    public override string ToString() => Line == 0 ? $"{Printable.Text(File)}: {Message}" : $"{Printable.Text(File)}:{Line}:{Column}: {Message}";
}
