using System.Text;

namespace UeventManager.Udev;

/// <summary>
/// udev's directory in udevd's stead: the database that clients of libudev read of devices which they open by themselves, and the tags by which they
/// enumerate. Entries are written aside and renamed.
/// </summary>
internal sealed class UdevDirectory
{
    private readonly string _data;
    private readonly string _tags;
    private readonly string _queue;

    private UdevDirectory(string root)
    {
        Root = root;
        (_data, _tags, _queue) = (Path.Combine(root, "data"), Path.Combine(root, "tags"), Path.Combine(root, "queue"));
    }

    /// <summary>Where it is.</summary>
    public string Root { get; }

    /// <summary>The socket <c>control</c>.</summary>
    public string ControlPath => Path.Combine(Root, "control");

    /// <summary>What the forwarder itself keeps; that it is there tells that no udevd made this directory.</summary>
    public string OwnPath => Path.Combine(Root, "uevent-manager");

    /// <summary>Makes the directory.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static UdevDirectory Open(string root)
    {
        var directory = new UdevDirectory(root);
        try
        {
            foreach (var path in (ReadOnlySpan<string>)[root, directory._data, directory._tags, directory.OwnPath])
                Directory.CreateDirectory(path);
            return directory;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{root}: {e.Message} (run it as root, or name another --run-udev)", e);
        }
    }

    /// <summary>Writes a device's entry and its tags.</summary>
    public void Write(string id, string text, IReadOnlyList<string> tags)
    {
        var path = Path.Combine(_data, Escaped(id));
        // '.' first: libudev and udevadm skip such names.
        var aside = Path.Combine(_data, ".#" + Escaped(id));
        File.WriteAllText(aside, text, new UTF8Encoding(false));
        File.Move(aside, path, overwrite: true);
        foreach (var tag in tags)
        {
            var directory = Path.Combine(_tags, tag);
            if (!File.Exists(Path.Combine(directory, Escaped(id))))
            {
                Directory.CreateDirectory(directory);
                File.Create(Path.Combine(directory, Escaped(id))).Dispose();
            }
        }
    }

    /// <summary>The entry, or null.</summary>
    public string? Read(string id)
    {
        try
        {
            return File.ReadAllText(Path.Combine(_data, Escaped(id)));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Deletes a device's entry and its tags.</summary>
    public void Delete(string id, IReadOnlyList<string> tags)
    {
        File.Delete(Path.Combine(_data, Escaped(id)));
        foreach (var tag in tags)
        {
            if (Directory.Exists(Path.Combine(_tags, tag)))
                File.Delete(Path.Combine(_tags, tag, Escaped(id)));
        }
    }

    /// <summary>Deletes all entries but some: those of devices that are gone.</summary>
    public void DeleteAllBut(IReadOnlySet<string> ids, IReadOnlyList<string> tags)
    {
        foreach (var file in Directory.EnumerateFiles(_data))
        {
            if (!ids.Contains(Path.GetFileName(file)))
                Delete(Path.GetFileName(file), tags);
        }
    }

    /// <summary>Says that something is still to be told, or that nothing is.</summary>
    public void SetPending(bool pending)
    {
        if (pending)
            File.Create(_queue).Dispose();
        else
            File.Delete(_queue);
    }

    // As sysfs writes it, a name's '/' is '!': no name has one.
    private static string Escaped(string id) => id.Replace('/', '!');
}
