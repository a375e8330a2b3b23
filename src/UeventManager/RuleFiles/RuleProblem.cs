namespace UeventManager.RuleFiles;

/// <summary>An error in a rule file, a file or directory that cannot be used, or a warning.</summary>
/// <param name="File">The path, as it was given to the loader.</param>
/// <param name="Line">Line from 1, or 0 if the problem is not at one place of the file.</param>
/// <param name="Column">Column from 1, in UTF-16 units, or 0 if only the line is known.</param>
/// <param name="Message">The error, and how to correct it.</param>
internal sealed record RuleProblem(string File, int Line, int Column, string Message)
{
    /// <summary>The message on one line, with the file's control characters escaped.</summary>
    public string Message { get; } = Printable.Text(Message);

    /// <summary>True for something that is allowed but hardly intended.</summary>
    public bool IsWarning { get; init; }

    /// <summary>The form that editors and compilers share: <c>file:line:column: message</c>.</summary>
    public override string ToString() =>
        $"{Printable.Text(File)}{(Line == 0 ? "" : $":{Line}")}{(Column == 0 ? "" : $":{Column}")}: {(IsWarning ? "warning: " : "")}{Message}";
}
