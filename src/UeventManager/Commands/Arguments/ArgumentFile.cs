using System.Text;

namespace UeventManager.Commands.Arguments;

/// <summary>A file of arguments: words as in a shell, on any number of lines; lines that begin with <c>#</c> are comments.</summary>
internal static class ArgumentFile
{
    /// <summary>The longest file, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="FormatException">It is not a list of arguments.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(string path, CancellationToken cancel)
    {
        // Opening a pipe without a writer blocks its thread for ever; the process ends without that thread.
        string content = await Task.Run(() => Encoding.UTF8.GetString(InputFile.Read(path, MaxBytes)), cancel).WaitAsync(cancel).ConfigureAwait(false);
        string text = string.Join('\n', content.Split('\n').Where(static line => !line.TrimStart().StartsWith('#')));
        // The splitter returns one more word, for what might follow.
        List<string> words = ShellWords.Split(text + "\n", out char open);
        return open == '\0' ? words.SkipLast(1).ToArray() : throw new FormatException($"{path}: a quote ({open}) is not closed");
    }
}
