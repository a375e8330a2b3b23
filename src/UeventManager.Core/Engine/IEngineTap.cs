using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

/// <summary>
/// Takes note of everything that an engine is told: a method for each of <see cref="UeventEngine"/>'s that may change what it decides, called before the
/// engine does anything. An engine that gets the same inputs in the same order decides the same.
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

    /// <summary><see cref="UeventEngine.Answered"/>: the answers stand in the look.</summary>
    void Answered(Look look, long id, long nowUsec);

    /// <summary>Some answers of a look are there, and the others are read elsewhere: what is reported of it meanwhile names those that are there.</summary>
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

    /// <summary>What a step wants done, before any of it is carried out.</summary>
    void Gave(IReadOnlyList<EngineCommand> commands);
}
