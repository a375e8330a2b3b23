using System.Text;
using UeventManager.Core.Recording;
using UeventManager.Core.Settle;

namespace UeventManager.Tests.Recording;

/// <summary>Writes a recording as a person tells it: times are milliseconds from its start.</summary>
internal sealed class RecordingScript
{
    private const long Start = 1_000_000_000;
    private readonly List<RecordedLine> _lines = [];
    private ulong _inode = 100;

    public RecordingHeader Header { get; init; } = new() { Depth = 3, Kernel = "6.12", AtUsec = Start };

    public IReadOnlyList<RecordedLine> Lines => _lines;

    public static long At(double msec) => Start + (long)(msec * 1000);

    public static RecordedName Name(string name) =>
        name.Contains(" -> ", StringComparison.Ordinal) ? new RecordedName(name[..name.IndexOf(" -> ", StringComparison.Ordinal)], RecordedKind.Link, name[(name.IndexOf(" -> ", StringComparison.Ordinal) + 4)..])
        : name.EndsWith('/') ? new RecordedName(name[..^1], RecordedKind.Folder) : new RecordedName(name, RecordedKind.Attribute);

    public RecordingScript Existing(string path, string subsystem, params string[] names)
    {
        _lines.Add(new DeviceLine(At(0), At(0), path, subsystem, false, new DeviceInstance(++_inode, 0), "", [new("uevent", RecordedKind.Attribute), .. names.Select(Name)], AtStart: true));
        return this;
    }

    public RecordingScript Uevent(double msec, string action, string path, string subsystem, params string[] properties)
    {
        var text = $"{action}@{path}\0ACTION={action}\0DEVPATH={path}\0SUBSYSTEM={subsystem}\0{string.Concat(properties.Select(p => p + "\0"))}SEQNUM={_lines.Count + 1}\0";
        _lines.Add(new UeventLine(At(msec), Encoding.UTF8.GetBytes(text), IsDevice: subsystem != "queues", IsBus: false));
        return this;
    }

    /// <summary>An add, and the first look 0.05 ms later.</summary>
    public RecordingScript Add(double msec, string path, string subsystem, string[] names, params string[] properties)
    {
        Uevent(msec, "add", path, subsystem, properties);
        _lines.Add(new DeviceLine(At(msec + 0.05), At(msec), path, subsystem, false, new DeviceInstance(++_inode, 0), null, [new("uevent", RecordedKind.Attribute), .. names.Select(Name)], AtStart: false));
        return this;
    }

    /// <summary>A name appears between a look and one 0.1 ms later.</summary>
    public RecordingScript Appears(double msec, string path, string name) => Write(new NameLine(At(msec), At(msec - 0.1), path, Name(name), Appeared: true));

    public RecordingScript Disappears(double msec, string path, string name) => Write(new NameLine(At(msec), At(msec - 0.1), path, Name(name), Appeared: false));

    public RecordingScript Value(double msec, string path, string name, string value) => Write(new ValueLine(At(msec), At(msec - 0.1), path, name, value, 0, 20));

    public RecordingScript Write(RecordedLine line)
    {
        _lines.Add(line);
        return this;
    }

    public RecordedWorld End(double msec)
    {
        _lines.Add(new EndLine(At(msec)));
        var world = new RecordedWorld(Header);
        foreach (var line in _lines)
            world.Add(line);
        return world;
    }
}
