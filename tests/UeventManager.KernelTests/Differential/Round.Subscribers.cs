using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Differential;

/// <content>Its subscribers: who they are, and when they come, read and come again.</content>
internal sealed partial class Round
{
    private Replica NewReplica(int number)
    {
        var draw = new Operation(number, OperationKind.Reconnect, (_plan.Seed * 31) + number);
        var filter = number > 0 && _plan.Features.HasFlag(Features.Filters) && draw.Chance(75, 1) ? FilterModel.Random(draw) : null;
        var (stateless, unsettled) = number == 0 ? (false, false) : (draw.Chance(12, 2), draw.Chance(20, 3));
        return new Replica($"s{number}", filter, stateless, unsettled && !stateless, _world);
    }

    private void Connect(Replica replica, bool resume, bool fromCheckpoint, bool mayBeRestarted)
    {
        List<string> allowed = [];
        if (_plan.Features.HasFlag(Features.Overruns))
            allowed.Add("kernelOverrun");
        if (replica.Filter is { HasPaths: true } && _plan.Features.HasFlag(Features.Moves))
            allowed.Add("cursorUnknown");
        // Who wants no state is told behind that gap what the run before it told, with cursors of that run: until the next event, the gap comes again.
        if (resume && (mayBeRestarted || replica.Stateless))
            allowed.Add("restarted");
        replica.AllowedGaps = allowed;
        _journal.Note($"  {replica.Name} {(resume ? fromCheckpoint ? "resumes from an older place" : "resumes" : "subscribes")}");
        replica.Connect(_daemon!.SocketPath, resume, fromCheckpoint);
        if (mayBeRestarted)
            replica.ForgetCheckpoint();
    }

    private void Reconnect(Operation operation)
    {
        if (operation.Pick(_replicas, each => each.Name) is not { } replica)
            return;
        replica.Read(Deadline.Seconds(0));
        Connect(replica, operation.Chance(75, 1), operation.Chance(30, 2), mayBeRestarted: false);
    }

    private void Read(Operation operation)
    {
        foreach (var replica in _replicas.Where((_, index) => operation.Chance(60, index)))
        {
            replica.Read(Deadline.Seconds(0));
            if (operation.Chance(20, 3))
                replica.Remember();
        }
    }

    private void Pause(Operation operation)
    {
        // Often within a timeout, sometimes past it.
        var wait = Deadline.Seconds(0.001 * (1 + operation.Next(operation.Chance(12, 2) ? 500 : 40, 1)));
        if (!_isFrozen && operation.Pick(_replicas.Where(replica => replica.IsConnected), each => each.Name) is { } replica)
            replica.Read(wait);
    }

    // The end may cut a reply off.
    private void ReadToTheEnd()
    {
        foreach (var replica in _replicas)
        {
            while (replica.IsConnected)
                replica.Read(Deadline.Default, mayClose: true);
        }
    }
}
