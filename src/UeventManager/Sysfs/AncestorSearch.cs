using System.Text;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Sysfs;

/// <summary>
/// Searches upwards from a device for the nearest device of some kind. Directories without a subsystem, such as <c>net/</c> or <c>block/</c>, are not
/// devices.
/// </summary>
/// <param name="ask">Asks one device a question.</param>
internal sealed class AncestorSearch(Func<DeviceDirectory, DeviceIdentity, SysfsQuery, Answer> ask)
{
    /// <summary>The facts about the ancestor; absent if there is none, or if the device was removed meanwhile.</summary>
    public Answer Ask(DeviceDirectory device, string devPath, AncestorQuery query)
    {
        for (var path = DevPaths.Above(devPath); path is not null; path = DevPaths.Above(path))
        {
            var answer = Ask(device.Tree, path, query);
            // The ancestors' paths start at the root, so they may belong to a successor of the device.
            if (answer.Exists && device.CheckAlive() is var error and not 0)
                return LookErrors.Unknown(error) is var errno and not 0 ? Answer.Unknown(errno) : Answer.Absent;
            if (answer.Exists || answer.CouldNotLook)
                return answer;
        }
        return Answer.Absent;
    }

    private Answer Ask(SysfsTree tree, string path, AncestorQuery query)
    {
        using var directory = DeviceDirectory.TryOpen(tree, path, out var errno);
        if (directory is null)
            return LookErrors.Unknown(-errno) is var unknown and not 0 ? Answer.Unknown(unknown) : Answer.Absent;
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        var error = SubsystemLink.ReadAt(directory.Descriptor, "subsystem\0"u8, buffer, out var name, out _);
        if (error < 0)
            return LookErrors.Unknown(error) is var unknown and not 0 ? Answer.Unknown(unknown) : Answer.Absent;
        var subsystem = Encoding.UTF8.GetString(name);
        if (query.Subsystem is { } wanted && !wanted.Matches(subsystem))
            return Answer.Absent;
        var identity = new DeviceIdentity(path, subsystem);
        var uevent = query.WithProperties ? ask(directory, identity, BareAttachment.UeventFile) : Answer.Present;
        if (uevent.CouldNotLook)
            return uevent;
        if (!query.Fits(subsystem, uevent.Value))
            return Answer.Absent;
        var facts = new LookFacts { DevPath = path, SysName = path[(path.LastIndexOf('/') + 1)..], File = uevent.Value };
        facts.Reset(query.Table.Count);
        foreach (var one in query.Table.Queries)
        {
            var answer = ask(directory, identity, one);
            if (answer.CouldNotLook)
                return answer;
            facts.Put(one.Slot, answer);
        }
        return new Answer { Asked = true, Exists = true, LinkTarget = path, Ancestor = facts };
    }
}
