namespace UeventManager.Commands.Arguments;

/// <summary>Reads a file named by an argument. A pipe or a device has no length, and may have no end.</summary>
internal static class InputFile
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most bytes.</param>
    /// <exception cref="IOException">It cannot be read, or is longer.</exception>
    public static byte[] Read(string path, int maxBytes)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return Read(file, path, maxBytes);
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

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">Its name in errors.</param>
    /// <param name="maxBytes">The most bytes.</param>
    /// <exception cref="IOException">It cannot be read, or is longer.</exception>
    public static byte[] Read(Stream stream, string name, int maxBytes)
    {
        using var content = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        for (int count; (count = stream.Read(buffer)) > 0; content.Write(buffer, 0, count))
        {
            if (content.Length + count > maxBytes)
                throw new IOException($"{name}: longer than {(maxBytes < 1 << 20 ? $"{maxBytes >> 10} KiB" : $"{maxBytes >> 20} MiB")}");
        }
        return content.ToArray();
    }
}
