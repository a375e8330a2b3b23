using UeventManager.Core.Dispatch;
using UeventManager.Core.Engine;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;
using UeventManager.Handover;
using UeventManager.Systemd;

namespace UeventManager.Daemon.Loop;

/// <summary>
/// Hands this run's state over to the next one, so that cursors stay valid: in memory that the service manager keeps, else in a file. It is used
/// once: after a later crash there is none, and every cursor gets its gap.
/// </summary>
/// <param name="path">The file; null for no hand-over.</param>
/// <param name="service">The service manager, if there is one.</param>
/// <param name="log">The log.</param>
internal sealed class StateHandover(string? path, ServiceContext? service, DaemonLog log)
{
    private const int BarrierMsec = 5000;
    private HandoverPlace? _place;
    private (UeventEngine Engine, Publisher Publisher, ListeningPlace End)? _unused;

    /// <summary>True if the previous run's state was restored.</summary>
    public bool IsRestored { get; private set; }

    /// <summary>The number of datagrams that the kernel's socket had lost when the previous run ended (SO_MEMINFO).</summary>
    public uint Drops { get; private set; }

    /// <summary>Creates the engine and the publisher with the previous run's state, or without any.</summary>
    public (UeventEngine Engine, Publisher Publisher) Begin(RuleSet rules, HandoverPlace place, ListeningPlace listening)
    {
        _place = place;
        foreach (var left in TakeOver())
        {
            using (left)
            {
                if (!IsRestored && TryRestore(left, rules, listening) is { } restored)
                {
                    // The whole hand-over was read into memory, some tens of megabytes that are not needed any more.
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    return restored;
                }
            }
        }
        var engine = new UeventEngine(rules);
        if (listening.Udev != 0)
            engine.ListenToUdev(goesOn: true);
        return (engine, new Publisher(engine.Devices, NewEpoch()));
    }

    /// <summary>Notes that a run has begun with the result of <see cref="Begin"/>: from now on only <see cref="Save"/> leaves a hand-over.</summary>
    public void IsUsed() => _unused = null;

    /// <summary>Puts the previous run's hand-over back if no run has begun with it.</summary>
    public void PutBack()
    {
        if (_unused is { } left)
            Save(left.Engine, left.Publisher, Drops, left.End);
        _unused = null;
    }

    /// <summary>Hands the state over to the next run. Called on the engine's thread at its end.</summary>
    public void Save(UeventEngine engine, Publisher publisher, uint drops, ListeningPlace listening)
    {
        if (path is null || _place is null || !publisher.CanSave)
            return;
        try
        {
            if (!engine.CanSave)
                throw new IOException($"there are more than {UeventEngine.MaxHandedOver} devices");
            var isKept = service?.Notifier is { } notifier && TryKeepInMemory(notifier, Write);
            // An inherited variable may name a service manager that is not ours, or none.
            if (!isKept || service is not { KeepsDescriptors: true })
                HandoverFile.Write(path, Write);
            log.HandedOver(engine.Devices.Count, publisher.Ring.Next - publisher.Ring.First);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.NotHandedOver(WithPath(e.Message));
        }

        void Write(Stream to) => HandoverFormat.Write(to, _place, snapshot =>
        {
            snapshot.Clock(Monotonic.NowUsec, Monotonic.Name);
            snapshot.Number(drops);
            snapshot.Number((long)listening.Socket);
            snapshot.Number(listening.Seqnum);
            snapshot.Number((long)listening.Udev);
            engine.Save(snapshot);
            publisher.Save(snapshot);
        });
    }

    private static ulong NewEpoch() => BitConverter.ToUInt64(Guid.NewGuid().ToByteArray());

    // The system's message about a file often names the file already.
    private string WithPath(string reason) =>
        path is not null && reason.Contains(path, StringComparison.Ordinal) ? reason : $"{path ?? PassedDescriptors.StateName}: {reason}";

    private static bool TryKeepInMemory(ServiceNotifier notifier, Action<Stream> write)
    {
        try
        {
            using var memory = HandoverFile.InMemory("uevent-manager-state");
            write(memory);
            return notifier.Store(PassedDescriptors.StateName, (int)memory.SafeFileHandle.DangerousGetHandle()) && notifier.Barrier(BarrierMsec);
        }
        catch (IOException)
        {
            return false;
        }
    }

    // Takes all hand-overs, also unused ones, so that none is found a second time.
    private List<Stream> TakeOver()
    {
        var found = new List<Stream>();
        if (service?.Passed.Take(PassedKind.File, PassedDescriptors.StateName) is { } kept)
        {
            found.Add(HandoverFile.Open(kept));
            service.Notifier?.Discard(PassedDescriptors.StateName);
        }
        if (path is null)
            return found;
        if (HandoverFile.TakeOver(path, out var file) is { } refusal)
            log.NotRestored(WithPath(refusal));
        if (file is not null)
            found.Add(file);
        return found;
    }

    private (UeventEngine, Publisher)? TryRestore(Stream left, RuleSet rules, ListeningPlace listening)
    {
        try
        {
            var refusal = HandoverFormat.Read(left, _place!, out var snapshot);
            if (snapshot is null)
            {
                log.NotRestored(WithPath(refusal!));
                return null;
            }
            // Before anything is created from it: a hand-over that crashes the start must not do so at every start.
            HandoverFormat.Spoil(left);
            left.Position = HandoverFormat.HeaderBytes;
            var engine = new UeventEngine(rules);
            var publisher = new Publisher(engine.Devices, 0);
            var clock = snapshot.Clock(Monotonic.NowUsec, Monotonic.Name);
            var drops = snapshot.Count() is var count and <= uint.MaxValue ? (uint)count : throw new SnapshotException("a counter is larger than 32 bits");
            var end = new ListeningPlace((ulong)snapshot.Number(), snapshot.Number(), (ulong)snapshot.Number());
            engine.Restore(snapshot, listening.MayHaveMissed(end));
            publisher.Restore(snapshot);
            snapshot.End();
            (IsRestored, Drops) = (true, drops);
            if (listening.Udev != 0)
                engine.ListenToUdev(listening.HearsAllOfUdev(end));
            if (!clock.GoesOn)
            {
                publisher.HasOtherClock(clock.NowUsec);
                log.OtherClock();
            }
            if (listening.MayHaveMissed(end))
            {
                publisher.Interrupt(NewEpoch());
                log.MayHaveMissed();
            }
            _unused = (engine, publisher, end);
            return (engine, publisher);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever fails while its content is read: the hand-over is accepted as a whole or not at all.
            log.NotRestored(WithPath(e.Message));
            return null;
        }
    }
}
