namespace UeventManager.KernelTests.Harness;

/// <summary>One device of a <see cref="FakeSysfs"/>.</summary>
public sealed class FakeDevice
{
    private readonly FakeSysfs _sysfs;

    internal FakeDevice(FakeSysfs sysfs, string devpath, string subsystem, string indexLink)
    {
        _sysfs = sysfs;
        DevPath = devpath;
        Subsystem = subsystem;
        IndexLink = indexLink;
    }

    public string DevPath { get; }

    public string Subsystem { get; }

    public string Path => _sysfs.Root + DevPath;

    /// <summary>The link below class/ or bus/ that leads here.</summary>
    internal string IndexLink { get; }

    /// <summary>Makes an attribute, or gives it another value, in one step: nobody reads a half-written one.</summary>
    public void Write(string attribute, string content)
    {
        var target = Place(attribute);
        var draft = $"{_sysfs.Root}/.draft-{Guid.NewGuid():N}";
        File.WriteAllText(draft, content);
        File.Move(draft, target, overwrite: true);
    }

    public void MakeDirectory(string name) => Directory.CreateDirectory($"{Path}/{name}");

    /// <summary>Makes a relative link, as sysfs does, to a place in the tree such as <c>/bus/pci</c> or <c>/devices/x</c>.</summary>
    public void Link(string name, string target)
    {
        var depth = DevPath.Count(c => c == '/') + name.Count(c => c == '/');
        File.CreateSymbolicLink(Place(name), string.Concat(Enumerable.Repeat("../", depth)) + target[1..]);
    }

    /// <summary>Removes the device and what is below it. The kernel sends the uevent first, see device_del().</summary>
    public void Remove()
    {
        File.Delete(IndexLink);
        Directory.Delete(Path, recursive: true);
    }

    private string Place(string name)
    {
        var place = $"{Path}/{name}";
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(place)!);
        return place;
    }
}
