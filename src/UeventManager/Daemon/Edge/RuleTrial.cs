using UeventManager.Core.Driving;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Daemon.Names;
using UeventManager.Sysfs;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// Applies the rules to one existing device right now, without a daemon: the daemon's own engine gets the device as a scan would find it, and is
/// asked before anything is announced.
/// </summary>
internal sealed class RuleTrial : IEngineEdge, IDisposable
{
    private const long LimitUsec = 2_000_000;
    private readonly SysfsTree _tree;
    private readonly DaemonOptions _options;
    private readonly UeventEngine _engine;
    private readonly LookAnswerer _looks;
    private readonly EngineDriver _driver;
    private readonly AutoResetEvent _wake = new(false);

    public RuleTrial(DaemonOptions options, RuleSet rules)
    {
        _options = options;
        _tree = SysfsRoot.Open(options);
        _engine = new UeventEngine(rules);
        _driver = new EngineDriver(_engine, this);
        _looks = new LookAnswerer(_tree, options, () => _wake.Set());
    }

    /// <summary>Looks at a device.</summary>
    /// <param name="name">Any form of its name.</param>
    /// <returns>Null if there is no such device.</returns>
    public TrialResult? Run(string name)
    {
        if (Find(name) is not { } found)
            return null;
        _engine.Reconcile();
        _engine.BeginWakeup();
        _engine.Scanned(1, [new Core.Reconcile.ScannedDevice(found.Path, found.Subsystem, found.Instance, found.Uevent)], Monotonic.NowUsec);
        _driver.CarryOut();
        var device = _engine.Devices.Find(found.Path)!;
        var began = Monotonic.NowUsec;
        while (Unfinished(device, began))
            Turn();
        return TrialResult.Of(device);
    }

    // The tree is left to the finalizer: a hanging read still uses it when it returns.
    public void Dispose()
    {
        _looks.Dispose();
        _wake.Dispose();
    }

    long IEngineEdge.NowUsec => Monotonic.NowUsec;

    bool IEngineEdge.Answer(in EngineCommand probe) => _looks.Answer(probe.Device!, probe.Look!, probe.Number);

    // Nothing is delivered to subscribers.
    void IEngineEdge.Execute(in EngineCommand command)
    {
        if (command.Kind == CommandKind.Abandon)
            _looks.Abandon(command.Number);
    }

    void IEngineEdge.Executed(IReadOnlyList<EngineCommand> commands)
    {
    }

    // One finished look suffices, except for conditions that must stay the same for a while.
    private static bool Unfinished(Device device, long began)
    {
        var waited = Monotonic.NowUsec - began;
        if (device.Pending is not { } wait || wait.Events[0].Findings.Rule is not null || waited > LimitUsec + (wait.Rule?.LongestStableUsec ?? 0))
            return false;
        return wait.IsLooking || (wait.Rule is { LongestStableUsec: > 0 } rule && waited < rule.LongestStableUsec * 2 + 50_000);
    }

    private void Turn()
    {
        var due = (_engine.NextDueUsec(Monotonic.NowUsec) - Monotonic.NowUsec) / 1000;
        _wake.WaitOne((int)Math.Clamp(due, 1, 50));
        _engine.BeginWakeup();
        while (_looks.TryTake(out var look, out var id))
            _driver.TakeAnswer(look, id);
        _engine.Timer(Monotonic.NowUsec);
        _driver.CarryOut();
    }

    private Sysfs.ScannedDevice? Find(string name)
    {
        var names = new DeviceNames(_tree, _options);
        var (key, devPath) = (names.Resolve(name).Key, names.DevPathOf(name));
        Sysfs.ScannedDevice? found = null;
        SysfsScan.Run(_tree, batch => found ??= batch.FirstOrDefault(d => d.DevPath == devPath || d.Is(key)), CancellationToken.None);
        return found;
    }
}
