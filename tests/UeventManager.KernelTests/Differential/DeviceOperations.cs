namespace UeventManager.KernelTests.Differential;

/// <summary>What happens to devices: each operation finds what it can act on now, or does nothing.</summary>
internal sealed class DeviceOperations(World world)
{
    private const string Driver = "/bus/bus/drivers/d";
    private const int Tops = 4;
    private const int Children = 5;
    private const int Grandchildren = 3;
    private readonly GroupOperations _groups = new(world);
    private readonly Dictionary<string, string> _subsystems = new(StringComparer.Ordinal);

    /// <summary>Every path at which an ordinary device may be.</summary>
    public IEnumerable<string> Paths()
    {
        foreach (var top in Enumerable.Range(0, Tops).Select(number => $"/devices/t{number}"))
        {
            yield return top;
            foreach (var child in Enumerable.Range(0, Children).Select(number => $"{top}/k{number}"))
            {
                yield return child;
                foreach (var number in Enumerable.Range(0, Grandchildren))
                {
                    yield return $"{child}/g{number}";
                    // A directory between that is not a device, as class_dir_create_and_add() makes.
                    yield return $"{child}/between/g{number}";
                }
            }
        }
    }

    public void Carry(Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Create:
                Create(operation);
                break;
            case OperationKind.Remove when Any(operation) is { } device:
                Remove(operation, device);
                break;
            case OperationKind.Recreate when Any(operation) is { } device:
                Remove(operation, device);
                Make(operation, device.DevPath);
                break;
            case OperationKind.Attribute when Anyone(operation) is { } device:
                Attribute(operation, device);
                break;
            case OperationKind.Complete when Anyone(operation) is { } device:
                Complete(device);
                if (operation.Chance(40, 2))
                    world.Say("change", device);
                break;
            case OperationKind.Change when Anyone(operation) is { } device:
                Change(operation, device);
                break;
            case OperationKind.Bind when Anyone(operation) is { } device:
                Bind(operation, device);
                break;
            case OperationKind.Move when Any(operation) is { } device:
                Move(operation, device);
                break;
            case OperationKind.Member:
                _groups.Carry(operation, Complete);
                break;
            case OperationKind.Illegal:
                Lie(operation);
                break;
            case OperationKind.Silent:
                ActSilently(operation);
                break;
            case OperationKind.Kobject:
                world.SayOfKobject(operation.Chance(50, 1) ? "add" : "remove", "/devices/t0/queues/rx-0", "queues");
                world.SayOfKobject("change", "/module/m", "module");
                break;
            case OperationKind.Storm when Anyone(operation) is { } device:
                for (var count = 20 + operation.Next(150, 1); count > 0; count--)
                    world.Say("change", device);
                break;
        }
    }

    private ModelDevice? Any(Operation operation) =>
        operation.Pick(world.Devices.Values.Where(device => device.Subsystem != ModelRules.Group), device => device.DevPath);

    private ModelDevice? Anyone(Operation operation) => operation.Pick(world.Devices.Values, device => device.DevPath);

    private void Create(Operation operation)
    {
        if (operation.Pick(Paths().Where(IsFree)) is { } path)
            Make(operation, path);
    }

    private bool IsFree(string path)
    {
        var depth = path.Count(c => c == '/');
        return !world.Devices.ContainsKey(path) && (depth == 2 || world.Devices.ContainsKey(ParentOf(path)));
    }

    private static string ParentOf(string path) => path[..path.LastIndexOf('/')].Replace("/between", "", StringComparison.Ordinal);

    private void Make(Operation operation, string path)
    {
        if (!IsFree(path))
            return;
        string[] tags = ["x", "y", "z"];
        var subsystem = operation.Pick(ModelRules.Classes.Append(ModelRules.Bus).Where(each => MayBeAt(path, each)), 10)!;
        if (!IsFreeName(subsystem, path))
            subsystem = ModelRules.Classes.FirstOrDefault(other => IsFreeName(other, path));
        if (subsystem is null || !MayBeAt(path, subsystem))
            return;
        _subsystems[path] = subsystem;
        var device = world.Make(path, subsystem, DevTypeOf(subsystem), tags[operation.Next(3, 12)]);
        if (operation.Chance(40, 13))
            Complete(device);
        if (operation.Chance(operation.Kind == OperationKind.Silent ? 0 : 100, 14))
            world.Say("add", device);
    }

    // Two devices of a subsystem with one name would have one link in its directory.
    private bool IsFreeName(string subsystem, string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return !world.Devices.Values.Any(device => device.Subsystem == subsystem && device.SysName == name);
    }

    // A lie tells the right type of what is at its path.
    private static string DevTypeOf(string subsystem) => subsystem is "one" or ModelRules.Bus ? "b" : "a";

    private bool MayBeAt(string path, string subsystem) =>
        world.IsLegal || !Knobs.Tolerated.HasFlag(Tolerance.StaleSubsystem) || !_subsystems.TryGetValue(path, out var before) || before == subsystem;

    private void Remove(Operation operation, ModelDevice device)
    {
        // device_del() sends the uevent before kobject_del() deletes the directory; children went before.
        var together = operation.Chance(50, 5);
        foreach (var below in world.Subtree(device.DevPath).Reverse())
        {
            world.Say("remove", below);
            if (!together)
                world.Delete(below);
        }
        if (together)
            world.Delete(device);
    }

    private void Complete(ModelDevice device)
    {
        world.Write(device, "ready", "1\n");
        world.Write(device, "state", "ok\n");
        world.Write(device, "busy", null);
        world.Link(device, "driver", Driver);
    }

    private void Attribute(Operation operation, ModelDevice device)
    {
        var on = operation.Chance(60, 2);
        switch (operation.Next(5, 1))
        {
            case 0:
                world.Write(device, "ready", on ? "1\n" : null);
                break;
            case 1:
                world.Write(device, "state", on ? "ok\n" : "no\n");
                break;
            case 2:
                world.Write(device, "busy", on ? null : "1\n");
                break;
            case 3:
                world.Link(device, "driver", on ? Driver : null);
                break;
            default:
                Grow(device);
                break;
        }
    }

    private void Grow(ModelDevice device)
    {
        device.Generation++;
        world.Write(device, "gen", $"{device.Generation}\n");
    }

    private void Change(Operation operation, ModelDevice device)
    {
        string[] tags = ["x", "y", "z"];
        if (operation.Chance(40, 1))
        {
            device.Tag = tags[operation.Next(3, 2)];
            world.Write(device, "uevent", string.Concat(device.Properties.Select(line => line + "\n")));
        }
        if (operation.Chance(40, 3))
            Grow(device);
        for (var count = operation.Chance(20, 4) ? 3 : 1; count > 0; count--)
            world.Say("change", device);
    }

    private void Bind(Operation operation, ModelDevice device)
    {
        var bind = operation.Chance(60, 1);
        world.Link(device, "driver", bind ? Driver : null);
        Grow(device);
        world.Say(bind ? "bind" : operation.Chance(80, 2) ? "unbind" : "offline", device);
    }

    private void Move(Operation operation, ModelDevice device)
    {
        var depth = device.DevPath.Count(c => c == '/');
        var old = device.DevPath;
        var target = operation.Pick(
            Paths().Where(path => path.Count(c => c == '/') == depth && IsFree(path) && !World.IsBelow(path, old)
                && (path[(path.LastIndexOf('/') + 1)..] == device.SysName || IsFreeName(device.Subsystem, path))),
            1);
        if (target is null || world.Subtree(old).Any(below => !MayBeAt(target + below.DevPath[old.Length..], below.Subsystem)))
            return;
        foreach (var below in world.Subtree(old))
            _subsystems[target + below.DevPath[old.Length..]] = below.Subsystem;
        world.Rename(device, target);
        world.Say("move", device, old);
    }

    private void Lie(Operation operation)
    {
        var here = Any(operation);
        var free = operation.Pick(Paths().Where(path => !world.Devices.ContainsKey(path)), 2)!;
        var dead = operation.Next(20, 3);
        _subsystems.TryAdd(free, "bare");
        switch (operation.Next(8, 1))
        {
            case 0 when here is not null:
                world.Trigger(here);
                break;
            case 1:
                world.Lie("remove", free, _subsystems[free], dead);
                break;
            case 2 when here is not null:
                world.Lie("remove", here.DevPath, here.Subsystem, here.Id);
                break;
            case 3:
                world.Lie(operation.Chance(50, 4) ? "add" : "change", free, _subsystems[free], dead);
                break;
            case 4 when here is not null && here.Subsystem == _subsystems[free] && world.Subtree(here.DevPath).Count == 1:
                world.Lie("move", free, _subsystems[free], here.Id, here.DevPath);
                break;
            case 5 when here is not null:
                world.Lie("add", here.DevPath, here.Subsystem, dead);
                break;
            case 6:
                world.Lie("move", free, _subsystems[free], dead, "/devices/nowhere");
                break;
            default:
                world.Lie("bind", free, _subsystems[free], dead);
                break;
        }
    }

    private void ActSilently(Operation operation)
    {
        var here = Any(operation);
        if (here is not null && operation.Chance(60, 1))
            world.DeleteSilently(here);
        if (here is not null && operation.Chance(60, 2))
            Make(operation, here.DevPath);
        else
            Create(operation);
    }
}
