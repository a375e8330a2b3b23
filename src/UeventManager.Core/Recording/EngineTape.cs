using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>Writes every input of an engine, and digests of its commands. <see cref="TapeReplay"/> gives the same inputs to another engine.</summary>
/// <param name="to">The writer.</param>
public sealed class EngineTape(TapeWriter to) : IEngineTap
{
    // A state is split into pieces, so that its lines are no longer than other lines may be.
    private const int StatePiece = 1 << 20;

    /// <summary>Called before each frame, except those with a step's commands: all frames written until then are complete.</summary>
    public Action? Beginning { get; set; }

    /// <summary>Called with rules that are put in force.</summary>
    public Action<RuleSet>? RulesBegin { get; set; }

    /// <summary>Writes the rules and the state of an engine when its recording starts.</summary>
    /// <param name="rules">Its rules.</param>
    /// <param name="state">The result of <see cref="UeventEngine.Rebase"/>.</param>
    /// <param name="nowUsec">The time.</param>
    public void Start(RuleSet rules, ReadOnlySpan<byte> state, long nowUsec)
    {
        Rules(rules);
        while (true)
        {
            var piece = state[..Math.Min(state.Length, StatePiece)];
            state = state[piece.Length..];
            Begin(TapeKind.State);
            to.Number(nowUsec);
            to.Flag(!state.IsEmpty);
            to.Bytes(piece);
            to.End();
            if (state.IsEmpty)
                return;
        }
    }

    /// <summary>Writes events that were delivered before the recording started: one or more JSON objects, separated by commas.</summary>
    public void Told(ReadOnlySpan<byte> events)
    {
        Begin(TapeKind.Told);
        to.Bytes(events);
        to.End();
    }

    /// <summary>Writes the end of the recording.</summary>
    /// <param name="nowUsec">The time.</param>
    /// <param name="why">The reason, unless the recording ended normally.</param>
    public void Finish(long nowUsec, string? why)
    {
        Begin(TapeKind.End);
        to.Number(nowUsec);
        to.Text(why);
        to.End();
    }

    /// <inheritdoc/>
    public void Wakeup() => Write(TapeKind.Wakeup);

    /// <inheritdoc/>
    public void Realtime(long usec) => Write(TapeKind.Realtime, usec);

    /// <inheritdoc/>
    public void SentSince(long likelyUsec, long surelyUsec) => Write(TapeKind.SentSince, likelyUsec, surelyUsec);

    /// <inheritdoc/>
    public void Stepped(in Uevent uevent, bool isDevice, long nowUsec, bool isBus, bool isContested)
    {
        Begin(TapeKind.Uevent);
        to.Number(nowUsec);
        to.Number((isDevice ? 1 : 0) | (isBus ? 2 : 0) | (isContested ? 4 : 0));
        // The subsystem of the device's link, if it differs from the event's.
        to.Bytes(uevent.Subsystem);
        to.Number(uevent.Action.Utf8().Length + uevent.DevPath.Length + 2 + uevent.Properties.Length);
        to.Raw(uevent.Action.Utf8());
        to.Raw("@"u8);
        to.Raw(uevent.DevPath);
        to.Raw("\0"u8);
        to.Raw(uevent.Properties);
        to.End();
    }

    /// <inheritdoc/>
    public void UdevSaid(in UdevMessage message, long nowUsec)
    {
        Begin(TapeKind.UdevSaid);
        to.Number(nowUsec);
        to.Number((long)message.Action);
        to.Number(message.Seqnum);
        to.Number((message.IsForwarded ? 1 : 0) | (message.WorkerFailed ? 2 : 0));
        to.Bytes(message.DevPath);
        to.Bytes(message.Subsystem);
        to.Bytes(message.Properties);
        to.End();
    }

    /// <inheritdoc/>
    public void UdevLost(long nowUsec) => Write(TapeKind.UdevLost, nowUsec);

    /// <inheritdoc/>
    public void ListensToUdev(bool goesOn) => Write(TapeKind.ListensToUdev, goesOn ? 1 : 0);

    /// <inheritdoc/>
    public void Answered(Look look, long id, long nowUsec)
    {
        Begin(TapeKind.Answered);
        to.Number(nowUsec);
        to.Number(id);
        // The answers to a look that was given up are not used.
        to.Flag(look.Id == id);
        if (look.Id == id)
            Answers(look);
        to.End();
    }

    /// <inheritdoc/>
    public void HandedOn(Look look, long id)
    {
        Begin(TapeKind.HandedOn);
        to.Number(id);
        Answers(look);
        to.End();
    }

    /// <inheritdoc/>
    public void ReadReturned(Device device, long nowUsec) => Write(TapeKind.ReadReturned, nowUsec, device);

    /// <inheritdoc/>
    public void Drained(long endedLooks, long nowUsec) => Write(TapeKind.Drained, nowUsec, endedLooks);

    /// <inheritdoc/>
    public void Timer(long nowUsec) => Write(TapeKind.Timer, nowUsec);

    /// <inheritdoc/>
    public void Reconciles() => Write(TapeKind.Reconciles);

    /// <inheritdoc/>
    public void Resumed(long nowUsec) => Write(TapeKind.Resumed, nowUsec);

    /// <inheritdoc/>
    public void Overrun(long lost, long nowUsec) => Write(TapeKind.Overrun, nowUsec, lost);

    /// <inheritdoc/>
    public void Scanned(long scan, IReadOnlyList<ScannedDevice> found, long nowUsec)
    {
        Begin(TapeKind.Scanned);
        to.Number(nowUsec);
        to.Number(scan);
        to.Number(found.Count);
        foreach (var device in found)
        {
            to.Bytes(device.Path);
            to.Text(device.Subsystem);
            to.Instance(device.Instance);
            to.Flag(device.IsBus);
            to.Bytes(device.Uevent);
        }
        to.End();
    }

    /// <inheritdoc/>
    public void ScanEnded(long scan, long nowUsec, bool isComplete)
    {
        Begin(TapeKind.ScanEnded);
        to.Number(nowUsec);
        to.Number(scan);
        to.Flag(isComplete);
        to.End();
    }

    /// <inheritdoc/>
    public void Doubted(long nowUsec) => Write(TapeKind.Doubted, nowUsec);

    /// <inheritdoc/>
    public void RulesReplaced(RuleSet rules, long nowUsec)
    {
        RulesBegin?.Invoke(rules);
        Rules(rules);
        Write(TapeKind.RulesReplaced, nowUsec);
    }

    /// <inheritdoc/>
    public void ReleasedByHand(Device device, long nowUsec) => Write(TapeKind.ReleasedByHand, nowUsec, device);

    /// <inheritdoc/>
    public void Gave(IReadOnlyList<EngineCommand> commands)
    {
        if (commands.Count == 0)
            return;
        to.Begin(TapeKind.Gave);
        to.Number(commands.Count);
        for (var i = 0; i < commands.Count; i++)
        {
            var command = commands[i];
            to.Number((long)command.Kind);
            to.Number(command.Device?.Id ?? 0);
            to.Number(command.Number);
            to.Fixed(CommandDigest.Of(command));
        }
        to.End();
    }

    private void Rules(RuleSet rules)
    {
        Begin(TapeKind.Rules);
        to.Number(rules.Sources.Count);
        foreach (var (file, text) in rules.Sources)
        {
            to.Text(file);
            to.Text(text);
        }
        to.End();
    }

    private void Begin(TapeKind kind)
    {
        Beginning?.Invoke();
        to.Begin(kind);
    }

    private void Write(TapeKind kind)
    {
        Begin(kind);
        to.End();
    }

    private void Write(TapeKind kind, long number)
    {
        Begin(kind);
        to.Number(number);
        to.End();
    }

    private void Write(TapeKind kind, long number, long second)
    {
        Begin(kind);
        to.Number(number);
        to.Number(second);
        to.End();
    }

    private void Write(TapeKind kind, long nowUsec, Device device)
    {
        Begin(kind);
        to.Number(nowUsec);
        to.Number(device.InTree ? device.Id : 0);
        to.Bytes(device.Node.Path);
        to.End();
    }

    private void Answers(Look look)
    {
        to.Instance(look.Instance);
        to.Number(look.Errno);
        to.Flag(look.WentToWorker);
        to.Number(look.Ask.Count);
        for (var i = 0; i < look.Ask.Count; i++)
            TapeAnswer.Write(to, look.Ask[i], look.Sheet[look.Ask[i].Slot]);
    }
}
