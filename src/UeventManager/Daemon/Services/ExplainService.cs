using System.Buffers;
using System.Text;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.History;
using UeventManager.Core.Uevents;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Names;
using UeventManager.Sysfs;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>The method <c>Explain</c>: why a device was announced, or was not.</summary>
internal sealed class ExplainService(Pipeline pipeline, DeviceNames names, SysfsTree tree)
{
    private const string Name = "org.ueventmanager.Devices";

    /// <summary>Registers the method.</summary>
    public void Register(VarlinkDispatcher dispatcher, ReadyGate gate) =>
        dispatcher.Handle($"{Name}.Explain", gate.WhenOpen(Explain));

    private void Explain(VarlinkCall call)
    {
        var name = call.Text("device")!;
        if (names.Find(name, pipeline.Engine.Devices) is { } device)
            call.Reply(ExplainWriter.Write(pipeline.Engine.Explain(device)));
        else if (FindGone(name) is { } gone)
            call.Reply(ExplainWriter.Write(pipeline.Engine.Explain(gone)));
        else
            call.Error($"{Name}.NoSuchDevice", NoSuchDevice(name, WhatSysfsHas(name)));
    }

    private GoneDevice? FindGone(string name)
    {
        var (key, devPath) = (names.Resolve(name).Key, Encoding.UTF8.GetBytes(names.DevPathOf(name) ?? ""));
        var named = key.Kind == DeviceKeyKind.Name && key.Text.Split(':', 2) is [var subsystem, var sysName] ? (Subsystem: subsystem, SysName: Encoding.UTF8.GetBytes(sysName)) : default;
        foreach (var gone in pipeline.Engine.Gone)
        {
            var path = gone.Path.AsSpan();
            if (path.SequenceEqual(devPath) || (named.Subsystem == gone.Subsystem && DevPaths.SysName(path).SequenceEqual(named.SysName)))
                return gone;
        }
        return null;
    }

    // A device unknown to the daemon may still exist: then no uevent reported it, or it is not a device.
    private string WhatSysfsHas(string name)
    {
        var (key, _) = names.Resolve(name);
        if (key.Kind is DeviceKeyKind.Node or DeviceKeyKind.Number)
            return "the kernel has announced no device with such a node";
        if ((names.DevPathOf(name) is { } path ? Find(path) : Find(key)) is not { } found)
            return "neither the kernel nor sysfs knows it";
        if (!TreePath.Exists(tree, found + "/uevent"))
            return "it is in sysfs, but sends no uevents (it has no uevent file)";
        return found.StartsWith("/devices/", StringComparison.Ordinal) && TreePath.Exists(tree, found + "/subsystem")
            ? "it is in sysfs, but the kernel has sent no uevent for it (ueventctl trigger makes the kernel send one)"
            : "it is in sysfs, but is a kobject and not a device: its events pass at once, and nothing is kept about it";
    }

    private string? Find(in DeviceKey key) =>
        key.Text.Split(':', 2) is [var subsystem, var sysName] && IsName(subsystem) && IsName(sysName)
            ? Find($"/class/{subsystem}/{sysName}") ?? Find($"/bus/{subsystem}/devices/{sysName}")
            : null;

    // The path without symlinks, if it is in the tree; nothing is reported about paths outside.
    private string? Find(string path) =>
        TreePath.Resolve(tree, "/", path.Trim('/'), followLast: true, out _) is { Length: > 1 } found && TreePath.Exists(tree, found) ? found : null;

    private static bool IsName(string text) => text is not ("" or "." or "..") && !text.Contains('/');

    private static ReadOnlySpan<byte> NoSuchDevice(string name, string reason)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("device"u8, name);
            json.WriteString("reason"u8, reason);
            json.WriteEndObject();
        }
        return output.WrittenSpan;
    }
}
