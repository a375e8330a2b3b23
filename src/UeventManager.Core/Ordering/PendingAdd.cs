namespace UeventManager.Core.Ordering;

/// <summary>An add that is not released, and the decision about it.</summary>
internal sealed class PendingAdd
{
    private PendingEvent? _event;

    /// <summary>The add. A waiting add is its device's only event.</summary>
    public PendingEvent Event => _event!;

    /// <summary>True while there is an add.</summary>
    public bool IsSet => _event is not null;

    /// <summary>True if a look, the timeout, or a release by hand has decided the add.</summary>
    public bool IsDecided { get; private set; }

    /// <summary>Monotonic across reuse; a queued drain is valid only for this value.</summary>
    public long Decision { get; private set; }

    /// <summary>True if only other devices hold the add: it is decided and drained, or needed no look.</summary>
    public bool IsComplete => Event.Complete;

    /// <summary>True while the add is decided, but events queued in the socket are not stepped yet.</summary>
    public bool IsDraining => IsDecided && !Event.Complete;

    /// <summary>True if the add was released by hand.</summary>
    public bool ByHand { get; private set; }

    /// <summary>The uevent file of the deciding look, if it was read.</summary>
    public UeventText? File { get; private set; }

    /// <summary>True if the deciding look asked for the uevent file.</summary>
    public bool WithFile { get; private set; }

    /// <summary>The newest datagram's properties without the uevent file, which may belong to another instance.</summary>
    public byte[]? Bare { get; private set; }

    /// <summary>The group that the complete add waits for.</summary>
    public Group? MemberOf { get; private set; }

    /// <summary>True if something happened since the deciding look: its answers may be outdated.</summary>
    public bool IsDisturbed { get; private set; }

    /// <summary>The number of decisions so far.</summary>
    public int Decided { get; private set; }

    /// <summary>
    /// The properties of single events before the newest one: each <c>ACTION=…</c>, and the newest <c>SYNTH_UUID=…</c>; null if there are none.
    /// </summary>
    public IReadOnlyList<string>? Earlier { get; set; }

    /// <summary>Begins with an add.</summary>
    public void Begin(PendingEvent add) => _event = add;

    /// <summary>Notes an event of the device or of one nearby.</summary>
    public void Disturb() => IsDisturbed = true;

    /// <summary>Ends the add: it is released, or its device is gone.</summary>
    public void End()
    {
        _event = null;
        (IsDecided, ByHand, File, WithFile, Bare, MemberOf) = (false, false, null, false, null, null);
        Earlier = null;
        (IsDisturbed, Decided) = (false, 0);
    }

    /// <summary>Takes the uevent file of the deciding look and lays it over the datagram's properties.</summary>
    public void TakeFile(UeventText? file, bool asked)
    {
        (File, WithFile, Bare) = (file, asked, null);
        if (file is { } text)
            Event.Overlay(text);
    }

    /// <summary>Decides the announcement with these findings, unless an event queued in the socket contradicts it.</summary>
    public void Decide(Findings findings, bool leadsGroup)
    {
        (Event.Findings, Event.Complete, Event.LeadsGroup) = (findings, false, leadsGroup);
        (IsDecided, IsDisturbed) = (true, false);
        Decision++;
        Decided++;
    }

    /// <summary>Notes that the decision is drained: from now on the add keeps its turn.</summary>
    public void Complete() => Event.Complete = true;

    /// <summary>Voids the decision; another look follows.</summary>
    public void Void()
    {
        (IsDecided, File, WithFile) = (false, null, false);
        (Event.Complete, Event.LeadsGroup) = (false, false);
    }

    /// <summary>Takes the properties of another event while the add waits.</summary>
    /// <param name="properties">Its properties.</param>
    /// <param name="notesEarlier">True if a rule may ask for the action of an earlier event.</param>
    public void Renew(ReadOnlySpan<byte> properties, bool notesEarlier)
    {
        NoteEarlier(notesEarlier);
        Event.Properties.Set(properties);
        Event.FileOf = default;
        Bare = null;
        if (File is not { } file)
            return;
        Bare = properties.ToArray();
        // The file is older than this event: a driver that it does not name may have been bound since.
        Event.Overlay(file with { IsWhole = false });
    }

    /// <summary>Takes the properties that a scan read.</summary>
    /// <param name="scanned">The scan's result.</param>
    /// <param name="notesEarlier">True if a rule may ask for the action of an earlier event.</param>
    public void Renew(PendingEvent scanned, bool notesEarlier)
    {
        NoteEarlier(notesEarlier);
        Event.Properties.Set(scanned.Properties.Span);
        Event.FileOf = scanned.FileOf;
    }

    /// <summary>Makes a later add of another instance the waiting one: its timeout counts from now on.</summary>
    public void RenewLife(long seqnum, long nowUsec) => (Earlier, Event.Seqnum, Event.ArrivedUsec, Event.Udev) =
        (null, seqnum, nowUsec, Event.Udev with { Seqnum = Math.Max(seqnum, Event.Udev.Seqnum), BornUsec = Event.Udev.SurelySinceUsec });

    /// <summary>Removes the previous instance's uevent file from the properties.</summary>
    public void DropFile()
    {
        if (Bare is { } bare)
            Event.Properties.Set(bare);
    }

    /// <summary>Releases the add by hand, whatever looks find meanwhile.</summary>
    public void ReleaseByHand() => ByHand = true;

    /// <summary>Sets the group that the add waits with, or none.</summary>
    public void Join(Group? group) => MemberOf = group;

    private void NoteEarlier(bool isAsked)
    {
        if (!isAsked)
            return;
        NoteEarlier("ACTION");
        NoteEarlier("SYNTH_UUID");
    }

    // A random SYNTH_UUID comes with each synthetic event, so only the newest is kept.
    private void NoteEarlier(string key)
    {
        if (Event.Properties.Text(key) is not { } value || $"{key}={value}" is var entry && Earlier?.Contains(entry) == true)
            return;
        Earlier = [.. (Earlier ?? []).Where(known => key == "ACTION" || !known.StartsWith(key, StringComparison.Ordinal)), entry];
    }
}
