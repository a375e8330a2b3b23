namespace UeventManager.Varlink;

/// <summary>
/// The file of a socket that this process has bound. The kernel keeps its inode as long as the socket is open, so that another file at the same
/// path, as of a daemon that was started there since, is told from it.
/// </summary>
internal sealed class SocketFile
{
    private readonly FileIdentity? _identity;

    private SocketFile(string path, FileIdentity? identity)
    {
        Path = path;
        _identity = identity;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The file that a socket was bound to a moment ago.</summary>
    /// <param name="path">Its path; may be relative, and the working directory may change.</param>
    /// <returns>The file.</returns>
    public static SocketFile JustBound(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = System.IO.Path.GetFullPath(path);
        return new SocketFile(full, FileIdentity.At(full));
    }

    /// <summary>Removes it, if it is still there. To be called while the socket is open.</summary>
    /// <returns>Why it stays although it is ours; null if it does not.</returns>
    public string? Remove()
    {
        if (_identity is null || FileIdentity.At(Path) != _identity)
            return null;
        try
        {
            File.Delete(Path);
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
