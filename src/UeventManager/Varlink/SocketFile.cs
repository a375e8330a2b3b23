namespace UeventManager.Varlink;

/// <summary>
/// The file of a socket that this process has bound. The kernel keeps the file's inode while the socket is open, so another file at the same path,
/// such as a newer daemon's, has another inode.
/// </summary>
internal sealed class SocketFile
{
    private readonly FileIdentity? _identity;

    private SocketFile(string path, FileIdentity? identity)
    {
        Path = path;
        _identity = identity;
    }

    /// <summary>The path.</summary>
    public string Path { get; }

    /// <summary>The file of a socket that was bound a moment ago.</summary>
    /// <param name="path">The path; it may be relative, and the working directory may change later.</param>
    /// <returns>The file.</returns>
    public static SocketFile JustBound(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = System.IO.Path.GetFullPath(path);
        return new SocketFile(full, FileIdentity.At(full));
    }

    /// <summary>Removes the file if it is still the same. Call it while the socket is open.</summary>
    /// <returns>The reason why our file stays; null if it does not.</returns>
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
