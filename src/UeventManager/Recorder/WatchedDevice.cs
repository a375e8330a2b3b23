using System.Text;
using Tmds.Linux;
using UeventManager.Core.Recording;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;
using UeventManager.Daemon;
using UeventManager.Sysfs;

namespace UeventManager.Recorder;

/// <summary>
/// Lists a device's entries again and again, because sysfs does not report new entries. A directory with a <c>uevent</c> file belongs to another
/// device, and only its name counts here.
/// </summary>
/// <param name="tree">The tree.</param>
/// <param name="devPath">The device.</param>
/// <param name="depth">The most components of a name.</param>
internal sealed partial class WatchedDevice(SysfsTree tree, string devPath, int depth)
{
    /// <summary>The most watched directories below one device.</summary>
    public const int MaxFolders = 512;

    private readonly List<WatchedFolder> _folders = [new WatchedFolder("")];
    private readonly byte[] _link = new byte[PathText.MaxBytes];
    private DeviceDirectory? _directory;
    private long _generation;

    /// <summary>Its devpath.</summary>
    public string DevPath { get; private set; } = devPath;

    /// <summary>The last component of its <c>subsystem</c> link.</summary>
    public string Subsystem { get; private set; } = "";

    /// <summary>Whether its subsystem is a bus.</summary>
    public bool IsBus { get; private set; }

    /// <summary>Its instance; unknown before the first look.</summary>
    public DeviceInstance Instance { get; private set; }

    /// <summary>When the last look began.</summary>
    public long LookedUsec { get; private set; }

    /// <summary>When its frequent looks began: at its last uevent.</summary>
    public long SinceUsec { get; set; }

    /// <summary>When the next look is due.</summary>
    public long DueUsec { get; set; }

    /// <summary>The open directory; null while it is not looked at.</summary>
    public DeviceDirectory? Directory => _directory;

    /// <summary>The attributes at the last look.</summary>
    public IEnumerable<string> Attributes => _folders.SelectMany(static folder => folder.Entries).Where(static entry => entry.Name.Kind == RecordedKind.Attribute).Select(static entry => entry.Name.Path);

    /// <summary>Takes a new devpath; the directory stays the same.</summary>
    public void MoveTo(string devPath) => DevPath = devPath;

    /// <summary>Pauses its looks; everything known stays.</summary>
    public void Rest()
    {
        _directory?.Dispose();
        _directory = null;
    }

    /// <summary>Opens its directory.</summary>
    /// <returns>False if it does not exist, or belongs to another instance.</returns>
    public bool Open()
    {
        if (_directory is not null)
            return true;
        var opened = DeviceDirectory.TryOpen(tree, DevPath, out _);
        if (opened is null || (Instance.IsKnown && opened.Instance != Instance))
        {
            opened?.Dispose();
            return false;
        }
        (_directory, Instance) = (opened, opened.Instance);
        return true;
    }

    /// <summary>Makes the first look.</summary>
    /// <param name="sinceUsec">When its uevent was received or the look began.</param>
    /// <param name="uevent">Its <c>uevent</c> file, if it was read.</param>
    /// <param name="atStart">True if it existed at the start.</param>
    /// <returns>The line; null if the device is gone.</returns>
    public DeviceLine? FirstLook(long sinceUsec, string? uevent, bool atStart)
    {
        var names = new List<RecordedName>();
        // A new device's names first: those that are still missing may appear within a tenth of a millisecond. Of an ancestor of one the subsystem first:
        // /devices/virtual/net is no device, and listing all that is below it for each new interface would take longer the more there are.
        if (!Open() || (atStart && !ReadSubsystem()) || !List((name, _, _) => names.Add(name), static (_, _, _) => { }) || (!atStart && !ReadSubsystem()))
            return null;
        return new DeviceLine(Monotonic.NowUsec, sinceUsec, DevPath, Subsystem, IsBus, Instance, uevent, names, atStart);
    }

    /// <summary>Makes another look.</summary>
    /// <param name="changed">Receives the names that appeared or disappeared.</param>
    /// <returns>False if the device is gone.</returns>
    public bool Look(Action<NameLine> changed) => Open() && List(
        (name, after, at) => changed(new NameLine(at, after, DevPath, name, Appeared: true)),
        (name, after, at) => changed(new NameLine(at, after, DevPath, name, Appeared: false)));

    private bool ReadSubsystem()
    {
        if (SubsystemLink.ReadAt(_directory!.Descriptor, "subsystem\0"u8, _link, out var name, out var isBus) < 0)
            return false;
        (Subsystem, IsBus) = (KernelText.Decode(name), isBus);
        return true;
    }

    private bool List(Action<RecordedName, long, long> appeared, Action<RecordedName, long, long> disappeared)
    {
        LookedUsec = Monotonic.NowUsec;
        _generation++;
        for (var i = 0; i < _folders.Count; i++)
        {
            if (List(_folders[i], appeared, disappeared) || i > 0)
                continue;
            return false;
        }
        return _folders[0].Count > 0 || _directory!.IsAlive();
    }

    // False if the directory does not exist.
    private bool List(WatchedFolder folder, Action<RecordedName, long, long> appeared, Action<RecordedName, long, long> disappeared)
    {
        // A new directory has not been listed before; the listing of its parent shows that it did not exist.
        var (began, before) = (Monotonic.NowUsec, folder.LookedUsec);
        var fresh = new List<(byte[] Name, byte Type)>();
        var fd = ContainedOpen.Beneath(_directory!.Descriptor, folder.PathBytes, LibC.O_RDONLY | LibC.O_DIRECTORY);
        if (fd < 0 && LookErrors.Unknown(fd) != 0)
            return true;
        if (fd >= 0)
        {
            var entries = new DirectoryEntries(fd);
            while (entries.Next())
            {
                if (!folder.See(entries.Name, entries.Type, _generation) && folder.Count + fresh.Count < WatchedFolder.MaxEntries)
                    fresh.Add((entries.Name.ToArray(), entries.Type));
            }
            var isWhole = entries.Errno == 0;
            FileCalls.Close(fd);
            if (!isWhole)
                return true;
        }
        else if (folder.Count == 0)
        {
            return false;
        }
        var ended = Monotonic.NowUsec;
        // In a removed directory kernfs finds nothing, so an empty listing does not mean that each name was removed.
        if (folder.Path.Length == 0 && fresh.Count == 0 && folder.Entries.All(entry => entry.Generation != _generation))
            return false;
        folder.LookedUsec = began;
        foreach (var entry in folder.TakeUnseen(_generation))
        {
            disappeared(entry.Name, before, ended);
            if (entry.Type == LinuxApi.DT_DIR)
                _folders.RemoveAll(one => one.Path == entry.Name.Path);
        }
        foreach (var (name, type) in fresh)
            appeared(Enter(folder, name, type, before), before, ended);
        if (folder.Path.Length > 0 && folder.Has("uevent"u8) && folder.Has("subsystem"u8))
            _folders.Remove(folder);
        return fd >= 0;
    }

    private RecordedName Enter(WatchedFolder folder, byte[] bytes, byte type, long beforeUsec)
    {
        var text = KernelText.Decode(bytes);
        var path = folder.Path.Length == 0 ? text : $"{folder.Path}/{text}";
        var name = type switch
        {
            LinuxApi.DT_DIR => new RecordedName(path, RecordedKind.Folder),
            LinuxApi.DT_LNK => new RecordedName(path, RecordedKind.Link, Target(folder, path)),
            _ => new RecordedName(path, RecordedKind.Attribute),
        };
        folder.Add(bytes, new WatchedEntry(name, type) { Generation = _generation });
        if (type == LinuxApi.DT_DIR && folder.Depth < depth && _folders.Count < MaxFolders && !IsDevice(path))
        {
            _folders.Add(new WatchedFolder(path) { LookedUsec = beforeUsec });
        }
        return name;
    }

    private bool IsDevice(string path) =>
        FileCalls.Access(_directory!.Descriptor, Encoding.UTF8.GetBytes(path + "/uevent\0")) == 0 && FileCalls.Access(_directory.Descriptor, Encoding.UTF8.GetBytes(path + "/subsystem\0")) == 0;

    private string? Target(WatchedFolder folder, string path)
    {
        var length = FileCalls.ReadLink(_directory!.Descriptor, Encoding.UTF8.GetBytes(path + "\0"), _link);
        if (length <= 0)
            return null;
        var text = KernelText.Decode(_link.AsSpan(0, length));
        var parent = folder.Path.Length == 0 ? DevPath : $"{DevPath}/{folder.Path}";
        return tree.IsSysfs ? TreePath.Join(parent, text) : TreePath.Resolve(tree, parent, text, followLast: true, out _);
    }
}
