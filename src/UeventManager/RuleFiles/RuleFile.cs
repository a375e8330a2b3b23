namespace UeventManager.RuleFiles;

/// <summary>Reads the bytes of a rule file, whatever kind of file it is: without blocking, and not beyond the limit.</summary>
internal static class RuleFile
{
    /// <summary>The target of a symlink that switches off the files of its name.</summary>
    private const string Mask = "/dev/null";

    /// <summary>True for a symlink to <c>/dev/null</c>.</summary>
    public static bool IsMask(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName == Mask;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Reads the content; null after a problem.</summary>
    public static byte[]? Read(string path, ProblemList problems)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.LinkTarget is { } target)
            {
                file = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
                if (!file.Exists && !Directory.Exists(file.FullName))
                {
                    problems.Add($"a symlink to {Quoted.Of(target)}, which does not exist");
                    return null;
                }
            }
            if (Refusal(file) is { } refusal)
                return Refuse(problems, refusal);
            return Content(file) ?? Refuse(problems, "it grew while it was read");
        }
        catch (UnauthorizedAccessException)
        {
            return Refuse(problems, "cannot be read: permission denied");
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            return Refuse(problems, $"cannot be read: {e.Message}");
        }
    }

    private static string TooLarge => $"larger than {RuleSchema.MaxFileBytes >> 20} MiB";

    // Opening a FIFO waits for a writer, and opening a device may have effects, so neither is opened. stat(2) reports the length 0 for both, and for
    // sockets: a file with a length is regular.
    private static string? Refusal(FileInfo file) =>
        Directory.Exists(file.FullName) ? "a directory, not a rule file"
        : !file.Exists ? "no such file"
        : file.Length == 0 ? "empty, or not a regular file"
        : file.Length > RuleSchema.MaxFileBytes ? TooLarge
        : null;

    private static byte[]? Content(FileInfo file)
    {
        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[(int)file.Length + 1];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length == buffer.Length ? null : buffer[..length];
    }

    private static byte[]? Refuse(ProblemList problems, string message)
    {
        problems.Add(message);
        return null;
    }
}
