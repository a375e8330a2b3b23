using System.Buffers;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Names;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>
/// The methods that answer later, <c>Wait</c> and <c>Settle</c>. A connection has one call at a time, so one wait; the number of waits is limited in
/// all and for each user. A wait ends when its connection closes.
/// </summary>
internal sealed class WaitService(Pipeline pipeline, KernelInput kernel, DeviceNames names, SeqnumFile seqnum, ConditionReaders readers)
{
    /// <summary>The most waiting calls.</summary>
    public const int MaxWaits = 1024;

    /// <summary>The number of waits reserved for root and the daemon's own user.</summary>
    public const int ReservedWaits = 64;

    /// <summary>The most waiting calls of one user.</summary>
    public const int MaxWaitsPerUid = 512;

    /// <summary>The default timeout of a call, in microseconds: the longest timeout of a rule, 10 min.</summary>
    public const long DefaultTimeoutUsec = 600_000_000;

    /// <summary>The time for waits between two receives, in microseconds; the rest is done in the next turn.</summary>
    private const long TurnUsec = 300;

    // The number of devices encoded at once.
    private const int FewDevices = 64;

    private const string Name = "org.ueventmanager.Devices";
    private const long LongestTimeoutUsec = 86_400_000_000;
    private readonly List<VarlinkCall> _calls = [];
    private readonly List<PendingSettle> _settles = [];

    private ConditionWaits Conditions => field ??= new ConditionWaits(pipeline, readers) { Answer = Answer, Expire = TimedOut, Deny = Denied };

    /// <summary>True while a call waits, perhaps for events that are still in the kernel's queue.</summary>
    public bool HasCallers => _calls.Count > 0;

    /// <summary>When <see cref="Turn"/> must be called; <see cref="long.MaxValue"/> if nothing is due.</summary>
    public long NextDueUsec => Math.Min(
        Math.Min(pipeline.Waiters.NextDueUsec, Conditions.NextDueUsec), _settles.Count == 0 ? long.MaxValue : _settles.Min(settle => settle.DeadlineUsec));

    /// <summary>Registers the methods.</summary>
    public void Register(VarlinkDispatcher dispatcher, ReadyGate gate)
    {
        dispatcher.Handle($"{Name}.Wait", gate.WhenOpen(Wait));
        dispatcher.Handle($"{Name}.Settle", gate.WhenOpen(Settle));
    }

    /// <summary>Answers fulfilled calls, and ends calls at their deadlines.</summary>
    public void Turn(long nowUsec)
    {
        if (pipeline.Waiters.NextDueUsec <= nowUsec)
            pipeline.Waiters.Timer(nowUsec, () => Monotonic.NowUsec - nowUsec < TurnUsec);
        Conditions.Turn(nowUsec);
        for (var i = _settles.Count - 1; i >= 0; i--)
        {
            var settle = _settles[i];
            if (IsReached(settle))
                End(settle, () => settle.Call.Reply(default));
            else if (settle.DeadlineUsec <= nowUsec)
                End(settle, () => TimedOut(settle.Call, settle.Missing()));
        }
    }

    private bool IsReached(PendingSettle settle)
    {
        try
        {
            return settle.IsReached(pipeline.Engine, kernel);
        }
        catch (Exception e)
        {
            settle.Call.Fail(e);
            return false;
        }
    }

    private void Wait(VarlinkCall call)
    {
        var name = call.Text("device");
        if (!FilterReader.TryRead(call, out var filter) || !TryDeadline(call, out var deadline) || !TryUntil(call, out var removed) || !TryCount(call, out var count)
            || !ConditionParameter.TryRead(call, out var conditions))
            return;
        if (name is not null && !names.IsName(name))
            Refuse(call, "device");
        else if ((name is null) == (filter is null))
            Refuse(call, name is null ? "device" : "filter");
        else if (count is not null && (filter is null || removed))
            Refuse(call, "count");
        else if (conditions is not null && (removed || count > ConditionWait.MaxDevices))
            Refuse(call, "conditions");
        else if (!HasRoom(call))
            return;
        else if (conditions is not null)
            Begin(call, conditions, count ?? 1, deadline, (answer, expire) => NewWait(call, name, filter, count ?? 1, removed: false, deadline, answer, expire));
        else
            Begin(call, NewWait(call, name, filter, count ?? 1, removed, deadline, found => Answer(call, found), missing => TimedOut(call, missing)));
    }

    private DeviceWait NewWait(
        VarlinkCall call, string? name, DeviceFilter? filter, int count, bool removed, long deadline, Action<IReadOnlyList<Device>> answer, Action<IReadOnlyList<string>> expire) => name is null
        ? new FilteredWait(filter!, count, removed, deadline) { Answer = found => call.Attempt(() => answer(found)), Expire = missing => call.Attempt(() => expire(missing)), Failed = call.Fail }
        : new NamedWait(name, () => names.Resolve(name), removed, deadline) { Answer = found => call.Attempt(() => answer(found)), Expire = missing => call.Attempt(() => expire(missing)), Failed = call.Fail };

    private void Begin(VarlinkCall call, ConditionSet conditions, int count, long deadline, Func<Action<IReadOnlyList<Device>>, Action<IReadOnlyList<string>>, DeviceWait> settling)
    {
        ConditionWait? wait = null;
        wait = new ConditionWait(call, conditions, count, deadline) { First = found => settling(found, missing => Conditions.TimedOut(wait!, missing)) };
        _calls.Add(call);
        call.Closed = () =>
        {
            _calls.Remove(call);
            Conditions.Remove(wait);
        };
        Conditions.Add(wait);
    }

    private void Denied(VarlinkCall call)
    {
        _calls.Remove(call);
        call.Error(VarlinkError.PermissionDenied);
    }

    private void Begin(VarlinkCall call, DeviceWait wait)
    {
        _calls.Add(call);
        call.Closed = () =>
        {
            _calls.Remove(call);
            pipeline.Waiters.Remove(wait);
        };
        pipeline.Waiters.Add(wait, Monotonic.NowUsec);
    }

    private void Settle(VarlinkCall call)
    {
        if (!FilterReader.TryRead(call, out var filter) || !TryDeadline(call, out var deadline) || !HasRoom(call))
            return;
        var settle = new PendingSettle(call, filter, deadline, kernel.MarkQueue(), seqnum.Read());
        _calls.Add(call);
        _settles.Add(settle);
        call.Closed = () =>
        {
            _calls.Remove(call);
            _settles.Remove(settle);
        };
    }

    private void End(PendingSettle settle, Action answer)
    {
        _settles.Remove(settle);
        _calls.Remove(settle.Call);
        settle.Call.Attempt(answer);
    }

    private void Answer(VarlinkCall call, IReadOnlyList<Device> found)
    {
        _calls.Remove(call);
        if (found.Count > FewDevices)
        {
            ListReply.Begin(call, pipeline.Publisher, pipeline.Publisher.Walk([.. found]));
            return;
        }
        var output = new ArrayBufferWriter<byte>();
        output.Write("{\"devices\":["u8);
        for (var i = 0; i < found.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            output.Write(pipeline.Publisher.Encode(DeviceView.OfAnnounced(found[i])));
        }
        output.Write("]}"u8);
        call.Reply(output.WrittenSpan);
    }

    private void TimedOut(VarlinkCall call, IReadOnlyList<string> missing)
    {
        _calls.Remove(call);
        call.Error($"{Name}.Timeout", VarlinkError.Parameter("missing", missing));
    }

    private bool HasRoom(VarlinkCall call)
    {
        const int Open = MaxWaits - ReservedWaits;
        var limit = _calls.Count >= MaxWaits ? MaxWaits
            : !ControlAccess.IsGranted(call.Peer) && _calls.Count(one => !ControlAccess.IsGranted(one.Peer)) >= Open ? Open
            : _calls.Count(one => one.Peer.Uid == call.Peer.Uid) >= MaxWaitsPerUid ? MaxWaitsPerUid
            : 0;
        if (limit > 0)
            call.Error($"{Name}.TooManyWaits", System.Text.Encoding.UTF8.GetBytes($"{{\"limit\":{limit}}}"));
        return limit == 0;
    }

    private static bool TryDeadline(VarlinkCall call, out long deadlineUsec)
    {
        var timeout = call.Number("timeoutUsec") ?? DefaultTimeoutUsec;
        deadlineUsec = Monotonic.NowUsec + Math.Min(timeout, LongestTimeoutUsec);
        return timeout >= 0 || Refuse(call, "timeoutUsec");
    }

    private static bool TryUntil(VarlinkCall call, out bool removed)
    {
        var until = call.Text("until");
        removed = until == "removed";
        return until is null or "settled" or "removed" || Refuse(call, "until");
    }

    private static bool TryCount(VarlinkCall call, out int? count)
    {
        var given = call.Number("count");
        count = given is >= 1 and <= FilteredWait.MaxDevices ? (int)given : null;
        return given is null || count is not null || Refuse(call, "count");
    }

    private static bool Refuse(VarlinkCall call, string parameter)
    {
        call.Error(VarlinkError.InvalidParameter, VarlinkError.Parameter("parameter", parameter));
        return false;
    }
}
