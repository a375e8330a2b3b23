using System.Text.Json;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// A filtered subscription on its way from its cursor to the present: it goes through the ring a piece at a time, and knows which devices belong to
/// the filter at its place. Its selection is byte for byte what the live subscription would have got.
/// </summary>
/// <param name="ring">The ring.</param>
/// <param name="filter">The subscriber's filter.</param>
/// <param name="stateless">True for a subscriber without a state, for which devices do not enter or leave.</param>
/// <param name="next">The first entry.</param>
internal sealed class Replay(EventRing ring, DeviceFilter filter, bool stateless, long next)
{
    /// <summary>Entries of one piece, less than a millisecond; fewer for a filter that costs more (<see cref="DeviceFilter.Steps"/>).</summary>
    public const int EntriesPerPiece = 256;

    private readonly Dictionary<long, bool>? _members = filter.CanChange && !stateless ? [] : null;
    private readonly EventText _one = new();
    private readonly ByteBuffer _output = new(1024);

    /// <summary>The next entry.</summary>
    public long Next { get; private set; } = next;

    /// <summary>True at the end of the ring.</summary>
    public bool IsAtEnd => Next >= ring.Next;

    /// <summary>True if the last entry does not contain what the live subscription would have got: the replay cannot continue.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Judges the next entry.</summary>
    /// <param name="own">The text for the subscriber; null for the entry as it is.</param>
    /// <returns>True if the subscriber gets something.</returns>
    public bool Take(out byte[]? own)
    {
        own = null;
        var number = Next++;
        var tag = ring.TagOf(number);
        if (tag.Subsystem is not null && tag.Action != UeventAction.Move && filter.IsOfTag && _members is null)
            return filter.Wants(tag);
        try
        {
            return Judge(number, out own);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or IndexOutOfRangeException or InvalidOperationException)
        {
            // The entry was handed over by another run, and is invalid although its checksum is right.
            IsLost = true;
            return false;
        }
    }

    private bool Judge(long number, out byte[]? own)
    {
        own = null;
        _output.Clear();
        var asItIs = true;
        var notes = new EventNotes(ring.NotesOf(number));
        var events = ring[number];
        while (_one.TryRead(ref events, out var text))
        {
            notes.MoveNext();
            if (_one.Action == UeventAction.Move && notes.DeviceId != 0)
                asItIs &= TellMove(text, notes);
            else
                asItIs &= Tell(text, notes);
        }
        if (_output.Length > 0 && !asItIs)
            own = _output.Written.ToArray();
        return _output.Length > 0 && !IsLost;
    }

    private bool Tell(ReadOnlySpan<byte> text, in EventNotes notes)
    {
        if (!IsSelected(notes, out var action))
            return false;
        if (_output.Length > 0)
            _output.Append((byte)',');
        _one.Write(_output, text, action);
        return action == _one.Action;
    }

    private bool TellMove(ReadOnlySpan<byte> text, in EventNotes notes)
    {
        var move = new MoveEvent(text, notes);
        IsLost |= move.HasTooMany;
        // The ancestors of a device from before a move to another directory are not stored.
        IsLost |= filter.AsksParents && _members is not null && move.IsBelowAnother && move.Devices.Any(device => !_members.ContainsKey(device.DeviceId));
        foreach (var device in move.Devices)
            device.WasMember = _members is not null && (_members.TryGetValue(device.DeviceId, out var member) ? member : device.WasWanted(filter));
        var asItIs = move.Write(filter, _members is not null, _output);
        foreach (var device in move.Devices)
            _members?[device.DeviceId] = device.IsMember;
        return asItIs;
    }

    private bool IsSelected(in EventNotes notes, out UeventAction action)
    {
        action = _one.Action;
        var view = View(notes, notes.HasAfter ? notes.After : _one.Properties, _one.Attributes);
        var wanted = filter.Wants(view);
        if (_members is null || notes.DeviceId == 0)
            return wanted && filter.Wants(view, action, _one.Properties);
        if (!_members.TryGetValue(notes.DeviceId, out var member))
            member = action != UeventAction.Add && WasMember(notes);
        (_members[notes.DeviceId], var isTold) = Membership.After(wanted, member, ref action);
        return isTold && filter.Wants(view, action, _one.Properties);
    }

    private bool WasMember(in EventNotes notes)
    {
        var own = notes.HasBefore ? notes.Before : notes.HasAfter ? notes.After : _one.Properties;
        return filter.Wants(View(notes, own, notes.HasAttributesBefore ? notes.ReadAttributesBefore() : _one.Attributes));
    }

    private DeviceView View(in EventNotes notes, ReadOnlySpan<byte> own, IReadOnlyList<KeyValuePair<string, string>>? attributes) => new()
    {
        Path = _one.Path,
        Subsystem = _one.Subsystem,
        Properties = _one.Properties,
        OwnProperties = own,
        Findings = attributes is null ? Findings.None : Findings.None with { Attributes = attributes },
        Above = notes.Above,
    };
}
