using System.Text;

namespace UeventManager.Commands.Arguments;

/// <summary>A file of arguments: words as in a shell, over as many lines as one likes; lines that begin with <c>#</c> are comments.</summary>
internal static class ArgumentFile
{
    /// <summary>Longest file, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads one.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="FormatException">It is not a list of arguments.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            // To open a pipe that nobody writes to blocks its thread for ever; the process ends without it.
            string content = await Task.Run(() => ReadText(path), cancel).WaitAsync(cancel).ConfigureAwait(false);
            string text = string.Join('\n', content.Split('\n').Where(static line => !line.TrimStart().StartsWith('#')));
            // One more word than there is stands for what might follow.
            List<string> words = ShellWords.Split(text + "\n", out char open);
            return open == '\0' ? words.SkipLast(1).ToArray() : throw new FormatException($"{path}: a quote ({open}) is not closed");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"{path}: no such file", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: {(Directory.Exists(path) ? "a directory (name a file)" : "permission denied")}", e);
        }
    }

    // What is not a plain file has no length, and may have no end.
    private static string ReadText(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] bytes = new byte[MaxBytes + 1];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= MaxBytes ? Encoding.UTF8.GetString(bytes, 0, length) : throw new IOException($"{path}: longer than {MaxBytes >> 10} KiB");
    }
}
