namespace UeventManager.Udev;

/// <summary>
/// udev's directory, written instead of udevd: the database that clients of libudev read for devices that they open themselves, and the tags for
/// enumeration. Entries are written under another name and renamed.
/// </summary>
internal sealed class UdevDirectory : IDisposable
{
    private readonly string _root;
    private readonly FileDirectory _top;
    private readonly FileDirectory _data;
    private readonly Dictionary<string, FileDirectory> _tags = new(StringComparer.Ordinal);

    private UdevDirectory(string root)
    {
        _root = root;
        OwnPath = Path.Combine(root, "uevent-manager");
        (_top, _data) = (FileDirectory.Open(root), FileDirectory.Open(Path.Combine(root, "data")));
        Directory.CreateDirectory(Path.Combine(root, "tags"));
        Directory.CreateDirectory(OwnPath);
    }

    /// <summary>The socket <c>control</c>.</summary>
    public string ControlPath => Path.Combine(_root, "control");

    /// <summary>The socket <c>io.systemd.Udev</c>.</summary>
    public string VarlinkPath => Path.Combine(_root, "io.systemd.Udev");

    /// <summary>The forwarder's own directory; its existence shows that no udevd created udev's directory.</summary>
    public string OwnPath { get; }

    /// <summary>Creates the directory.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static UdevDirectory Open(string root)
    {
        try
        {
            return new UdevDirectory(root);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{root}: {e.Message} (run it as root, or name another --run-udev)", e);
        }
    }

    /// <summary>Writes a device's entry.</summary>
    public void Write(ReadOnlySpan<byte> id, ReadOnlySpan<byte> entry) => _data.Replace(id, entry);

    /// <summary>Makes a device enumerable by tags.</summary>
    public void Tag(ReadOnlySpan<byte> id, IReadOnlyList<string> tags)
    {
        for (var i = 0; i < tags.Count; i++)
            DirectoryOf(tags[i]).Touch(id);
    }

    /// <summary>The beginning of an entry; empty if there is none.</summary>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> id, Span<byte> buffer) => _data.Read(id, buffer);

    /// <summary>Deletes a device's entry and its tags.</summary>
    public void Delete(ReadOnlySpan<byte> id, IReadOnlyList<string> tags)
    {
        for (var i = 0; i < tags.Count; i++)
            DirectoryOf(tags[i]).Delete(id);
        _data.Delete(id);
    }

    /// <summary>Deletes the remains of an earlier run: entries of removed devices, and tags without devices.</summary>
    /// <param name="ids">The devices that have an entry, a character for each byte.</param>
    /// <param name="tags">All tags of these devices.</param>
    public void DeleteAllBut(IReadOnlySet<string> ids, IReadOnlyList<string> tags)
    {
        _data.DeleteAllBut(ids);
        foreach (var path in Directory.EnumerateDirectories(Path.Combine(_root, "tags")))
        {
            if (tags.Contains(Path.GetFileName(path), StringComparer.Ordinal))
            {
                DirectoryOf(Path.GetFileName(path)).DeleteAllBut(ids);
                continue;
            }
            using var unused = FileDirectory.Open(path);
            unused.DeleteAllBut(new HashSet<string>(StringComparer.Ordinal));
        }
    }

    /// <summary>Shows whether events are still to be sent.</summary>
    public void SetPending(bool pending)
    {
        if (pending)
            _top.Touch("queue"u8);
        else
            _top.Delete("queue"u8);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _top.Dispose();
        _data.Dispose();
        foreach (var directory in _tags.Values)
            directory.Dispose();
    }

    private FileDirectory DirectoryOf(string tag)
    {
        if (!_tags.TryGetValue(tag, out var directory))
            _tags[tag] = directory = FileDirectory.Open(Path.Combine(_root, "tags", tag));
        return directory;
    }
}
