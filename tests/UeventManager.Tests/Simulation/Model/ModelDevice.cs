using UeventManager.Core.Settle;

namespace UeventManager.Tests.Simulation.Model;

/// <summary>One incarnation of a device's directory. It outlives its removal, so that a handle on it can be asked.</summary>
internal sealed class ModelDevice(string path, string subsystem, ulong inode)
{
    private readonly SortedDictionary<string, ModelFile> _files = new(StringComparer.Ordinal);

    public string Path { get; set; } = path;

    public string Subsystem { get; } = subsystem;

    public ulong Inode { get; } = inode;

    public DeviceInstance Instance => new(Inode, 0);

    public bool Exists { get; set; } = true;

    /// <summary>SEQNUM of the last event that the kernel sent of it.</summary>
    public long NewestSeqnum { get; set; }

    /// <summary>SEQNUM of the last event that udevd is done with.</summary>
    public long UdevDone { get; set; }

    /// <summary>What no other living device has; 0 if it has none.</summary>
    public int Number { get; set; }

    /// <summary>Content of the <c>uevent</c> file.</summary>
    public string Uevent { get; set; } = "";

    /// <summary>True while a read of that file hangs.</summary>
    public bool UeventBlocks { get; set; }

    /// <summary>What kind of device it is, for the rules of the simulation.</summary>
    public char Letter => Path[Path.LastIndexOf('/') + 1];

    public IEnumerable<string> Names => _files.Keys;

    public ModelFile? Find(string name)
    {
        if (name == "uevent")
            return new ModelFile { Value = Uevent, Blocks = UeventBlocks };
        return _files.GetValueOrDefault(name);
    }

    public ModelDevice Write(string name, string value)
    {
        _files[name] = new ModelFile { Value = value };
        return this;
    }

    public ModelDevice Link(string name, string target, bool dangling = false)
    {
        _files[name] = new ModelFile { Target = target, Dangling = dangling };
        return this;
    }

    /// <summary>A symlink to another device.</summary>
    public ModelDevice Link(string name, ModelDevice target) => Put(name, new ModelFile { Leads = target });

    public ModelDevice Put(string name, ModelFile file)
    {
        _files[name] = file;
        return this;
    }

    public ModelDevice Delete(string name)
    {
        _files.Remove(name);
        return this;
    }
}
