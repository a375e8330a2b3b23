using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

/// <summary>
/// Records every input of an engine: one method for each method of <see cref="UeventEngine"/> that may change a decision, called before the engine
/// acts. An engine that gets the same inputs in the same order decides the same.
/// </summary>
public interface IEngineTap
{
    /// <summary><see cref="UeventEngine.BeginWakeup"/>.</summary>
    void Wakeup();

    /// <summary><see cref="UeventEngine.RealtimeUsec"/>.</summary>
    void Realtime(long usec);

    /// <summary><see cref="UeventEngine.SentSince"/>.</summary>
    void SentSince(long likelyUsec, long surelyUsec);

    /// <summary><see cref="UeventEngine.Step"/>.</summary>
    void Stepped(in Uevent uevent, bool isDevice, long nowUsec, bool isBus, bool isContested);

    /// <summary><see cref="UeventEngine.UdevSaid"/>.</summary>
    void UdevSaid(in UdevMessage message, long nowUsec);

    /// <summary><see cref="UeventEngine.UdevLost"/>.</summary>
    void UdevLost(long nowUsec);

    /// <summary><see cref="UeventEngine.ListenToUdev"/>.</summary>
    void ListensToUdev(bool goesOn);

    /// <summary><see cref="UeventEngine.Answered"/>: the look contains the answers.</summary>
    void Answered(Look look, long id, long nowUsec);

    /// <summary>A look has some of its answers, and workers read the others; reports meanwhile name the conditions that are answered.</summary>
    void HandedOn(Look look, long id);

    /// <summary><see cref="UeventEngine.ReadReturned"/>.</summary>
    void ReadReturned(Device device, long nowUsec);

    /// <summary><see cref="UeventEngine.Drained"/>.</summary>
    void Drained(long endedLooks, long nowUsec);

    /// <summary><see cref="UeventEngine.Timer"/>.</summary>
    void Timer(long nowUsec);

    /// <summary><see cref="UeventEngine.Reconcile"/>.</summary>
    void Reconciles();

    /// <summary><see cref="UeventEngine.Resume"/>.</summary>
    void Resumed(long nowUsec);

    /// <summary><see cref="UeventEngine.Overrun"/>.</summary>
    void Overrun(long lost, long nowUsec);

    /// <summary><see cref="UeventEngine.Scanned"/>.</summary>
    void Scanned(long scan, IReadOnlyList<ScannedDevice> found, long nowUsec);

    /// <summary><see cref="UeventEngine.ScanEnded"/>.</summary>
    void ScanEnded(long scan, long nowUsec, bool isComplete);

    /// <summary><see cref="UeventEngine.RescanSoon"/>.</summary>
    void Doubted(long nowUsec);

    /// <summary><see cref="UeventEngine.ReplaceRules"/>.</summary>
    void RulesReplaced(RuleSet rules, long nowUsec);

    /// <summary><see cref="UeventEngine.ReleaseByHand"/>.</summary>
    void ReleasedByHand(Device device, long nowUsec);

    /// <summary>The commands of a step, before the first is carried out.</summary>
    void Gave(IReadOnlyList<EngineCommand> commands);
}
