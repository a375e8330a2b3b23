namespace UeventManager.Commands.Arguments;

/// <summary>A file of arguments: words as in a shell, over as many lines as one likes; lines that begin with <c>#</c> are comments.</summary>
internal static class ArgumentFile
{
    /// <summary>Longest file, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Reads one.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<string> Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new IOException($"{path}: longer than {MaxBytes >> 10} KiB");
            string text = string.Join('\n', File.ReadAllLines(path).Where(static line => !line.TrimStart().StartsWith('#')));
            // One more word than there is stands for what might follow.
            return ShellWords.Split(text + "\n").SkipLast(1).ToArray();
        }
        catch (FileNotFoundException e)
        {
            throw new IOException($"{path}: no such file", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new IOException($"{path}: no such file", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: permission denied", e);
        }
    }
}
