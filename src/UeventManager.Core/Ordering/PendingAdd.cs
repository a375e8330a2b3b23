namespace UeventManager.Core.Ordering;

/// <summary>An add that is not released, and what was decided of it.</summary>
internal sealed class PendingAdd
{
    private PendingEvent? _event;

    /// <summary>The add. While it waits it is its device's only event.</summary>
    public PendingEvent Event => _event!;

    /// <summary>True while there is one.</summary>
    public bool IsSet => _event is not null;

    /// <summary>Decided by a look, by its timeout, or by hand.</summary>
    public bool IsDecided { get; private set; }

    /// <summary>Monotonic across reuse; a queued drain is valid only for this value.</summary>
    public long Decision { get; private set; }

    /// <summary>Nothing but other devices keeps it: it is decided and drained, or had nothing to be looked at.</summary>
    public bool IsComplete => Event.Complete;

    /// <summary>Decided, and what may be queued in the socket is not stepped yet.</summary>
    public bool IsDraining => IsDecided && !Event.Complete;

    /// <summary>It is to be released by hand.</summary>
    public bool ByHand { get; private set; }

    /// <summary>The uevent file of the deciding look, if it was read.</summary>
    public UeventText? File { get; private set; }

    /// <summary>The deciding look asked for the uevent file.</summary>
    public bool WithFile { get; private set; }

    /// <summary>What the newest datagram said, where the file was laid over it: the file may be another instance's.</summary>
    public byte[]? Bare { get; private set; }

    /// <summary>The group that it is complete for and waits with.</summary>
    public Group? MemberOf { get; private set; }

    /// <summary>Something has happened since the look that decided it: what it found may be different now.</summary>
    public bool IsDisturbed { get; private set; }

    /// <summary>How often it was decided.</summary>
    public int Decided { get; private set; }

    /// <summary>An add has come.</summary>
    public void Begin(PendingEvent add) => _event = add;

    /// <summary>Something happens to its device, or to one beside it.</summary>
    public void Disturb() => IsDisturbed = true;

    /// <summary>It is released, or over.</summary>
    public void End()
    {
        _event = null;
        (IsDecided, ByHand, File, WithFile, Bare, MemberOf) = (false, false, null, false, null, null);
        (IsDisturbed, Decided) = (false, 0);
    }

    /// <summary>What the look read that will decide it, laid over what the datagram says.</summary>
    public void TakeFile(UeventText? file, bool asked)
    {
        (File, WithFile, Bare) = (file, asked, null);
        if (file is { } text)
            Event.Overlay(text);
    }

    /// <summary>It is to be announced with these findings, unless what is queued in the socket says otherwise.</summary>
    public void Decide(Findings findings, bool leadsGroup)
    {
        (Event.Findings, Event.Complete, Event.LeadsGroup) = (findings, false, leadsGroup);
        (IsDecided, IsDisturbed) = (true, false);
        Decision++;
        Decided++;
    }

    /// <summary>What was decided was drained: it keeps its turn from now on.</summary>
    public void Complete() => Event.Complete = true;

    /// <summary>What was decided is void; it is looked at again.</summary>
    public void Void()
    {
        (IsDecided, File, WithFile) = (false, null, false);
        (Event.Complete, Event.LeadsGroup) = (false, false);
    }

    /// <summary>Something else is said of the device while the add waits.</summary>
    public void Renew(ReadOnlySpan<byte> properties)
    {
        Event.Properties.Set(properties);
        Event.FileOf = default;
        Bare = null;
        if (File is not { } file)
            return;
        Bare = properties.ToArray();
        // The file was read before: a driver that it does not name may have been bound since.
        Event.Overlay(file with { IsWhole = false });
    }

    /// <summary>A scan says something else of the directory that it read.</summary>
    public void Renew(PendingEvent scanned)
    {
        Event.Properties.Set(scanned.Properties.Span);
        Event.FileOf = scanned.FileOf;
    }

    /// <summary>A later add of another instance is the one that waits: its time counts from now on.</summary>
    public void RenewLife(long seqnum, long nowUsec) => (Event.Seqnum, Event.ArrivedUsec, Event.Udev) =
        (seqnum, nowUsec, Event.Udev with { Seqnum = Math.Max(seqnum, Event.Udev.Seqnum), BornUsec = Event.Udev.SurelySinceUsec });

    /// <summary>Takes away the file of the former instance.</summary>
    public void DropFile()
    {
        if (Bare is { } bare)
            Event.Properties.Set(bare);
    }

    /// <summary>Releases it by hand, whatever looks find meanwhile.</summary>
    public void ReleaseByHand() => ByHand = true;

    /// <summary>It waits with a group, or does no more.</summary>
    public void Join(Group? group) => MemberOf = group;
}
