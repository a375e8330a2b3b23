using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Names;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>Interface org.ueventmanager.Control, for <see cref="ControlAccess"/>.</summary>
internal sealed class ControlService(Pipeline pipeline, DeviceNames names, RuleReload reload, DaemonLog log, Action<Action> post)
{
    private const string Name = "org.ueventmanager.Control";

    /// <summary>Registers the methods.</summary>
    public void Register(VarlinkDispatcher dispatcher, ReadyGate gate)
    {
        dispatcher.Add(EmbeddedInterfaces.Read(Name));
        dispatcher.Handle($"{Name}.Reload", gate.WhenOpen(Reload), VarlinkMethodFlags.Privileged);
        dispatcher.Handle($"{Name}.Release", gate.WhenOpen(Release), VarlinkMethodFlags.Privileged);
    }

    private void Reload(VarlinkCall call) => reload.Begin((rules, problems) =>
    {
        // The caller may have closed while the files were read; the rules are in force nevertheless.
        if (!call.IsFinished)
            call.Attempt(() => Answer(call, rules, problems));
    });

    private static void Answer(VarlinkCall call, int rules, IReadOnlyList<string>? problems)
    {
        if (problems is null)
            call.Reply(Encoding.UTF8.GetBytes($"{{\"rules\":{rules}}}"));
        else
            call.Error($"{Name}.RulesInvalid", VarlinkError.Parameter("errors", problems));
    }

    // Not in the connection's turn, because this steps the engine, and an exception in a turn is blamed on the connection.
    private void Release(VarlinkCall call) => post(() =>
    {
        if (!call.IsFinished && Find(call) is { } device)
            Release(call, device);
    });

    private Device? Find(VarlinkCall call)
    {
        Device? found = null;
        call.Attempt(() =>
        {
            var name = call.Text("device")!;
            if (names.Find(name, pipeline.Engine.Devices) is { State: not DeviceState.Dropped } device)
                found = device;
            else
                call.Error($"{Name}.NoSuchDevice", VarlinkError.Parameter("device", name));
        });
        return found;
    }

    private void Release(VarlinkCall call, Device device)
    {
        // A device that waits for nothing is already announced, as the caller wants it.
        var released = pipeline.Engine.ReleaseByHand(device, Monotonic.NowUsec);
        if (released)
            log.Released(device.DevPath, call.Peer.Uid);
        pipeline.Run();
        if (!call.IsFinished)
            call.Attempt(() => call.Reply(released ? "{\"released\":true}"u8 : "{\"released\":false}"u8));
    }
}
