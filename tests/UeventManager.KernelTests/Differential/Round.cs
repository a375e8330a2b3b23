using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Differential;

/// <summary>One daemon, one tree and some subscribers from their beginning to their end.</summary>
internal sealed partial class Round : IDisposable
{
    private const int MostOperationsFrozen = 12;
    private const int MostOperationsDown = 8;
    private readonly Plan _plan;
    private readonly Sandbox _sandbox;
    private readonly Journal _journal = new();
    private readonly ScratchDirectory _rules = new("rules");
    private readonly World _world;
    private readonly DeviceOperations _devices;
    private readonly Truth _truth;
    private readonly List<Replica> _replicas = [];
    private readonly List<PendingWait> _waits = [];
    private readonly List<string> _logs = [];
    private DaemonProcess? _daemon;
    private bool _isUp;
    private bool _isFrozen;
    private bool _knowsNothingSince;
    private long _seqnum;
    private int _since;

    public Round(Plan plan, Sandbox sandbox)
    {
        (_plan, _sandbox) = (plan, sandbox);
        _world = new World(sandbox, _journal, plan.Rules[0]) { IsLegal = !plan.Features.HasFlag(Features.Illegal) };
        _devices = new DeviceOperations(_world);
        _truth = new Truth(_world, plan.CountsSeqnum);
        plan.Rules[0].WriteTo(_rules.Path);
    }

    /// <summary>Carries out the operations, and then holds that everybody knows the truth.</summary>
    public void Run()
    {
        foreach (var operation in _plan.Operations)
        {
            _journal.Note($"#{operation.Number} {operation.Kind}");
            MakeAvailable(operation);
            Carry(operation);
            AssertAlive();
        }
        Quiesce();
        Stop();
    }

    /// <summary>All that helps to understand a failure.</summary>
    public string Report()
    {
        var rules = string.Concat(_plan.Rules.Index().Select(each =>
            $"=== rules {each.Index}\n" + string.Concat(ModelRules.Classes.Append(ModelRules.Bus).Append(ModelRules.Group).Select(each.Item.Yaml))));
        var replicas = string.Concat(_replicas.Select(replica => $"=== {replica}\n{replica.Tail(400)}\n"));
        var logs = string.Concat(_logs.Append(_daemon?.Log ?? "").Select(log => $"=== log\n{log}\n"));
        return $"{_plan}\n=== journal\n{_journal}\n{replicas}{rules}{logs}";
    }

    /// <summary>What the last daemon has logged, to its end if it is ending.</summary>
    public string LogToTheEnd()
    {
        if (_daemon is null || _isFrozen)
            return "";
        if (SpinWait.SpinUntil(() => _daemon.HasExited, Deadline.Seconds(2).Remaining))
            _daemon.WaitForExit();
        return _daemon.Log;
    }

    public string Tail(int lines) => _journal.Tail(lines);

    public void Dispose()
    {
        _waits.ForEach(wait => wait.Dispose());
        _replicas.ForEach(replica => replica.Dispose());
        if (_isFrozen)
            _daemon?.Thaw();
        _daemon?.Dispose();
        _world.Dispose();
        _rules.Dispose();
    }

    // What needs an answer needs a daemon that runs; and none stays stopped for long.
    private void MakeAvailable(Operation operation)
    {
        var needsAnswer = operation.Kind is OperationKind.Reload or OperationKind.Settle or OperationKind.Wait or OperationKind.Quiesce
            or OperationKind.Stop or OperationKind.Kill or OperationKind.Reconnect;
        _since++;
        if (_isFrozen && (needsAnswer || _since > MostOperationsFrozen))
            Thaw();
        if (!_isUp && (needsAnswer || _since > MostOperationsDown))
            Start(operation);
    }

    private void Carry(Operation operation)
    {
        switch (operation.Kind)
        {
            case OperationKind.Freeze when _isUp && !_isFrozen:
                _daemon!.Freeze();
                (_isFrozen, _since) = (true, 0);
                break;
            case OperationKind.Thaw when _isFrozen:
                Thaw();
                break;
            case OperationKind.Reload:
                Reload(operation);
                break;
            case OperationKind.Stop:
                Stop();
                break;
            case OperationKind.Kill:
                Kill();
                break;
            case OperationKind.Start when !_isUp:
                Start(operation);
                break;
            case OperationKind.Reconnect:
                Reconnect(operation);
                break;
            case OperationKind.Read:
                Read(operation);
                break;
            case OperationKind.Settle:
                SettleAndLook();
                break;
            case OperationKind.Wait:
                Wait(operation);
                break;
            case OperationKind.Pause:
                Pause(operation);
                break;
            case OperationKind.Quiesce:
                Quiesce();
                break;
            default:
                _devices.Carry(operation);
                break;
        }
    }

    private void Start(Operation operation)
    {
        // Without the number nobody knows what the kernel sent while nobody listened, and then no cursor goes on.
        _knowsNothingSince |= !_plan.CountsSeqnum || _world.WriteSeqnum() != _seqnum;
        if (_daemon is null)
        {
            string[] buffer = _plan.Buffer == 0 ? [] : ["--receive-buffer", $"{_plan.Buffer}"];
            _daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _world.Root, Arguments = ["--rules", _rules.Path, .. buffer] });
            for (var number = 0; number < _plan.Subscribers; number++)
                _replicas.Add(NewReplica(number));
        }
        else
        {
            _logs.Add(_daemon.Log);
            _daemon.StartAgain();
        }
        (_isUp, _since) = (true, 0);
        foreach (var (index, replica) in _replicas.Index())
            Connect(replica, operation.Chance(75, 40 + index), operation.Chance(30, 60 + index), _knowsNothingSince);
        _knowsNothingSince = false;
    }

    private void Thaw()
    {
        _daemon!.Thaw();
        (_isFrozen, _since) = (false, 0);
    }

    private void Reload(Operation operation)
    {
        var rules = _plan.Rules[operation.Next(_plan.Rules.Count, 1)];
        rules.WriteTo(_rules.Path);
        _world.ChangeRules(rules);
        using var probe = _daemon!.Connect();
        probe.Call("org.ueventmanager.Control.Reload", new { });
    }

    private void Stop()
    {
        DropWaits();
        if (_plan.CountsSeqnum)
            _seqnum = _world.WriteSeqnum();
        var code = _daemon!.Terminate(Deadline.Seconds(60));
        (_isUp, _since) = (false, 0);
        ReadToTheEnd();
        if (code != 0)
            throw new ViolationException($"exit: SIGTERM ended the daemon with {code}; it said: {_daemon.Log}");
    }

    private void Kill()
    {
        DropWaits();
        _daemon!.Kill();
        (_isUp, _since, _knowsNothingSince) = (false, 0, true);
        ReadToTheEnd();
    }

    private void SettleAndLook()
    {
        _truth.Settle(_daemon!);
        if (_world.IsHealed)
            _truth.Check(_daemon!.List());
        else
            _journal.Note("  settled");
    }

    private void Wait(Operation operation)
    {
        var path = operation.Pick(_devices.Paths(), 1)!;
        var until = operation.Chance(25, 2) ? "removed" : "settled";
        _journal.Note($"  wait for {path} until {until}");
        if (operation.Chance(50, 3))
            _waits.Add(new PendingWait(_daemon!, path, until));
        else
            _truth.CheckWait(_daemon!, path, until, 1000 * operation.Next(50, 4));
    }

    private void Quiesce()
    {
        if (_isFrozen)
            Thaw();
        if (!_isUp)
            Start(new Operation(-1, OperationKind.Quiesce, _plan.Seed));
        _world.Heal();
        _truth.HoldAtQuiescence(_daemon!, _replicas, _waits);
        DropWaits();
    }

    private void DropWaits()
    {
        _waits.ForEach(wait => wait.Dispose());
        _waits.Clear();
    }

    private void AssertAlive()
    {
        if (_isUp && _daemon!.HasExited)
            throw new ViolationException($"exit: the daemon ended by itself with {_daemon.WaitForExit()}; it said: {_daemon.Log}");
    }
}
