using System.Globalization;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Differential;

/// <summary>
/// The tree, what the kernel has said of it, and what the test knows of each device. Everything is done and read on one thread: what a
/// subscriber gets can be judged by what is noted when it is read.
/// </summary>
internal sealed class World : IDisposable
{
    private readonly FakeSysfs _sysfs = new();
    private readonly UeventInjector _injector;
    private readonly Journal _journal;
    private readonly Dictionary<string, ModelDevice> _devices = new(StringComparer.Ordinal);
    private readonly Dictionary<int, ModelDevice> _everyone = [];
    private readonly Dictionary<string, int> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ModelDevice> _goneSilently = new(StringComparer.Ordinal);
    private readonly List<Sending> _sent = [new Sending("", -1, "", 0, IsLie: true)];

    public World(Sandbox sandbox, Journal journal, ModelRules rules)
    {
        _injector = new UeventInjector(sandbox);
        _journal = journal;
        Rules = rules;
        foreach (var subsystem in ModelRules.Classes.Append(ModelRules.Group))
            Directory.CreateDirectory($"{Root}/class/{subsystem}");
        _sysfs.AddBus(ModelRules.Bus);
        Directory.CreateDirectory($"{Root}/bus/{ModelRules.Bus}/drivers/d");
        Directory.CreateDirectory($"{Root}/devices/g");
    }

    public string Root => _sysfs.Root;

    public ModelRules Rules { get; private set; }

    /// <summary>The directories that are devices now, by path.</summary>
    public IReadOnlyDictionary<string, ModelDevice> Devices => _devices;

    /// <summary>Paths of which the last word of the kernel was not that they are gone.</summary>
    public IEnumerable<string> Told => _told.Keys;

    /// <summary>The kernel has said exactly what is there.</summary>
    public bool IsHealed =>
        _devices.Count == _told.Count && _devices.Values.All(device => _told.TryGetValue(device.DevPath, out var id) && id == device.Id);

    /// <summary>Uevents sent so far.</summary>
    public int Sent => _sent.Count - 1;

    public ModelDevice? ById(int id) => _everyone.GetValueOrDefault(id);

    public Sending SentAs(int number) => _sent[number];

    /// <summary>Copies the kernel's own number of the last uevent to where the daemon looks for it, and returns it.</summary>
    public long WriteSeqnum()
    {
        var seqnum = long.Parse(File.ReadAllText("/sys/kernel/uevent_seqnum"), CultureInfo.InvariantCulture);
        _sysfs.SetSeqnum(seqnum);
        return seqnum;
    }

    /// <summary>Other rules are in force from now on; what is there is noted under both.</summary>
    public void ChangeRules(ModelRules rules)
    {
        Rules = rules;
        LookAtAll();
    }

    public ModelDevice Make(string devpath, string subsystem, string devType, string tag)
    {
        var device = new ModelDevice(_everyone.Count + 1, devpath, subsystem, devType, tag);
        _everyone.Add(device.Id, device);
        if (_goneSilently.Remove(devpath, out var before))
            before.TakenFor = device;
        var home = subsystem == ModelRules.Bus ? "/bus/bus" : $"/class/{subsystem}";
        var draft = $"{Root}/draft{devpath[devpath.LastIndexOf('/')..]}";
        Directory.CreateDirectory(draft);
        File.WriteAllLines(draft + "/uevent", device.Properties);
        File.WriteAllText(draft + "/gen", "0\n");
        File.CreateSymbolicLink(draft + "/subsystem", Relative(devpath, home));
        Directory.CreateDirectory(Path.GetDirectoryName(Root + devpath)!);
        _devices.Add(devpath, device);
        Directory.Move(draft, Root + devpath);
        device.Look(Rules, Root);
        _journal.Note($"  mkdir {devpath} instance {device.Id} {subsystem} {devType} {tag}");
        return device;
    }

    /// <summary>Deletes a directory without a word of the kernel, now or before the healing.</summary>
    public void DeleteSilently(ModelDevice device)
    {
        foreach (var below in Subtree(device.DevPath))
        {
            // A scan may have found what the kernel has never told of.
            _told.TryAdd(below.DevPath, below.Id);
            _goneSilently[below.DevPath] = below;
        }
        Delete(device);
    }

    /// <summary>Deletes a directory without a word of the kernel.</summary>
    public void Delete(ModelDevice device)
    {
        _journal.Note($"  rmdir {device.DevPath}");
        foreach (var below in Subtree(device.DevPath))
            _devices.Remove(below.DevPath);
        Directory.Delete(Root + device.DevPath, recursive: true);
        LookAtAll();
    }

    /// <summary>Renames a directory without a word of the kernel.</summary>
    public void Rename(ModelDevice device, string devpath)
    {
        _journal.Note($"  rename {device.DevPath} {devpath}");
        var (old, subtree) = (device.DevPath, Subtree(device.DevPath));
        Directory.CreateDirectory(Path.GetDirectoryName(Root + devpath)!);
        foreach (var below in subtree)
        {
            _devices.Remove(below.DevPath);
            below.DevPath = devpath + below.DevPath[old.Length..];
            _devices.Add(below.DevPath, below);
        }
        Directory.Move(Root + old, Root + devpath);
        LookAtAll();
    }

    public void Write(ModelDevice device, string attribute, string? content)
    {
        _journal.Note($"  {device.DevPath}/{attribute} = {content ?? "absent"}");
        var path = $"{Root}{device.DevPath}/{attribute}";
        if (content is null)
        {
            File.Delete(path);
        }
        else
        {
            var draft = $"{Root}/draft-file";
            File.WriteAllText(draft, content);
            File.Move(draft, path, overwrite: true);
        }
        LookAtAll();
    }

    public void Link(ModelDevice device, string name, string? target)
    {
        _journal.Note($"  {device.DevPath}/{name} -> {target ?? "absent"}");
        var path = $"{Root}{device.DevPath}/{name}";
        if (new FileInfo(path).LinkTarget is not null)
            File.Delete(path);
        if (target is not null)
            File.CreateSymbolicLink(path, Relative(device.DevPath, target));
        LookAtAll();
    }

    /// <summary>Has the kernel say what is true of a device.</summary>
    public void Say(string action, ModelDevice device, string? old = null)
    {
        if (action == "remove")
            _told.Remove(device.DevPath);
        else if (old is null && (action == "add" || !_told.TryGetValue(device.DevPath, out var before) || before == device.Id))
            _told[device.DevPath] = device.Id;
        else if (old is null)
            _told[device.DevPath] = -1;
        else
            MoveTold(old, device.DevPath);
        Send(action, device.DevPath, device.Subsystem, device.Id, device.Generation, [.. device.Properties, .. old is null ? Array.Empty<string>() : [$"DEVPATH_OLD={old}"]]);
    }

    /// <summary>Has the kernel repeat an add, as it does for whoever writes to a uevent file (kobject_synth_uevent()).</summary>
    public void Trigger(ModelDevice device)
    {
        if (_told.GetValueOrDefault(device.DevPath) != device.Id)
            _told[device.DevPath] = _told.ContainsKey(device.DevPath) ? -1 : device.Id;
        Send("add", device.DevPath, device.Subsystem, device.Id, device.Generation, [.. device.Properties, "SYNTH_UUID=0"]);
    }

    /// <summary>The kernel says all that there is to say, and nothing else.</summary>
    public required bool IsLegal { get; init; }

    /// <summary>Has the kernel say something that is not true, or not any more.</summary>
    public void Lie(string action, string devpath, string subsystem, int instance, string? old = null)
    {
        foreach (var path in new[] { devpath, old }.OfType<string>())
        {
            foreach (var below in _told.Keys.Where(known => IsBelow(known, path)).ToList())
                _told[below] = -1;
            _told[path] = -1;
        }
        Send(action, devpath, subsystem, instance, 0, [$"INSTANCE={instance}", "TAG=lie", $"DEVTYPE={(subsystem is "one" or ModelRules.Bus ? "b" : "a")}", .. old is null ? Array.Empty<string>() : [$"DEVPATH_OLD={old}"]], isLie: true);
    }

    public void SayOfKobject(string action, string path, string subsystem)
    {
        _journal.Note($"  {action}@{path} ({subsystem}, no device)");
        _injector.Send(action, path, subsystem);
    }

    /// <summary>The device and all below it, parents first.</summary>
    public IReadOnlyList<ModelDevice> Subtree(string devpath) =>
        [.. _devices.Values.Where(device => device.DevPath == devpath || IsBelow(device.DevPath, devpath)).OrderBy(device => device.DevPath, StringComparer.Ordinal)];

    public static bool IsBelow(string path, string above) => path.Length > above.Length && path[above.Length] == '/' && path.StartsWith(above, StringComparison.Ordinal);

    /// <summary>Has the kernel say of each path what is true at the end, whatever it said before.</summary>
    public void Heal()
    {
        _journal.Note("heal");
        foreach (var path in _told.Keys.Where(path => !_devices.TryGetValue(path, out var device) || device.Id != _told[path]).OrderByDescending(path => path.Length).ToList())
        {
            if (!_told.ContainsKey(path))
                continue;
            var subsystem = ById(_told[path])?.Subsystem ?? _devices.GetValueOrDefault(path)?.Subsystem ?? "bare";
            var id = _told[path];
            // The daemon takes what is below with it.
            foreach (var below in _told.Keys.Where(known => IsBelow(known, path)).ToList())
                _told.Remove(below);
            _told.Remove(path);
            var device = ById(id) ?? _devices.GetValueOrDefault(path);
            Send("remove", path, subsystem, id, 0, device?.Properties ?? ["INSTANCE=-1", "TAG=lie", "DEVTYPE=a"], isLie: true);
        }
        foreach (var device in _devices.Values.OrderBy(device => device.DevPath, StringComparer.Ordinal).ToList())
        {
            if (!_told.ContainsKey(device.DevPath))
                Say("add", device);
        }
    }

    public void Dispose()
    {
        _injector.Dispose();
        _sysfs.Dispose();
    }

    private void Send(string action, string devpath, string subsystem, int instance, int generation, IReadOnlyList<string> properties, bool isLie = false)
    {
        _sent.Add(new Sending(action, instance, devpath, generation, isLie));
        _journal.Note($"  {action}@{devpath} {string.Join(' ', properties)} SENT={Sent}");
        _injector.Send(action, devpath, subsystem, [.. properties, $"SENT={Sent}"]);
    }

    private void MoveTold(string old, string devpath)
    {
        foreach (var path in _told.Keys.Where(known => known == old || IsBelow(known, old)).ToList())
        {
            _told.Remove(path, out var id);
            _told[devpath + path[old.Length..]] = id;
        }
        // If it was not known before, this is as good as its add.
        if (!_told.TryGetValue(devpath, out var known))
            _told[devpath] = _devices[devpath].Id;
        else if (known != _devices[devpath].Id)
            _told[devpath] = -1;
    }

    // A member's completeness depends on its leader's directory: all are few.
    private void LookAtAll()
    {
        foreach (var device in _devices.Values)
            device.Look(Rules, Root);
    }

    private static string Relative(string devpath, string target) => string.Concat(Enumerable.Repeat("../", devpath.Count(c => c == '/'))) + target[1..];

    /// <summary>A uevent as it was sent: its device's instance, the generation that its attribute had then, and whether it was untrue.</summary>
    internal readonly record struct Sending(string Action, int Instance, string DevPath, int Generation, bool IsLie);
}
