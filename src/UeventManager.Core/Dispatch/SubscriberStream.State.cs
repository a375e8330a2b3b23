using System.Collections;
using System.Diagnostics.CodeAnalysis;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <content>The state, which is read while events go on, and the devices that belong to the filter.</content>
public sealed partial class SubscriberStream
{
    // What it has not read yet of the state at its cut; or of the devices of its filter at the end of a replay.
    private DevicePages? _pages;
    private bool _readsMembersOnly;

    // Whose membership is known, by Device.Index, until all have been read: that of the others is as it was at the cut.
    private BitArray? _decided;

    /// <summary>
    /// True while it is on its way to now, by the state or by a replay: then <see cref="NextFrame"/> makes a bounded piece, may find nothing and still
    /// be called again.
    /// </summary>
    public bool HasWork => (_replay is not null || _pages is not null) && !_overflowed && !_muted;

    internal void PutState()
    {
        if (_publisher.IsCarrying)
        {
            Mute();
            return;
        }
        _members?.SetAll(false);
        _next = _publisher.Ring.Next;
        BeginReading(membersOnly: false);
    }

    /// <summary>Ends what it reads: it has it, or does not want it any more.</summary>
    internal void EndReading()
    {
        if (_pages is { } pages)
            _publisher.EndWalk(pages.Walk);
        (_pages, _decided) = (null, null);
    }

    private void BeginReading(bool membersOnly)
    {
        EndReading();
        var walk = _publisher.Walk(Filter, Unsettled && !membersOnly);
        walk.Lost = OnLost;
        _pages = DevicePages.OfState(walk, _members is null ? null : Remember);
        _readsMembersOnly = membersOnly;
        _decided = _members is null ? null : new BitArray(_members.Length);
    }

    // So much has changed since that nobody keeps it: the same as if it had been events.
    private void OnLost()
    {
        Overflow(_publisher.Ring.Next);
        _publisher.Wake();
    }

    private bool TryTakeStatePage([NotNullWhen(true)] out byte[]? page)
    {
        page = null;
        if (_muted || _readsMembersOnly || _pages is not { } pages || !_publisher.TrySharedPage(pages, out page))
            return false;
        if (pages.Walk.IsAtEnd)
            EndReading();
        return page.Length > 0;
    }

    private bool WriteState(DevicePages pages, ByteBuffer output)
    {
        var piece = pages.Next(output);
        if (piece == PagePiece.LastPage)
            EndReading();
        return piece != PagePiece.Nothing;
    }

    private void ReadMembers(StateWalk walk)
    {
        var steps = DevicePages.StepsPerPiece;
        while (walk.TryNext(ref steps, out var device, out _))
            Remember(device);
        if (walk.IsAtEnd)
            EndReading();
    }

    private bool IsMember(Device device) =>
        _pages is { } pages && !IsSet(_decided!, device.Index) ? pages.Walk.HasWanted(device) : IsSet(_members!, device.Index);

    // An event that was published since knows better; the index may even be another device's now.
    private void Remember(Device device)
    {
        if (!IsSet(_decided!, device.Index))
            SetMember(device.Index, true);
    }

    private void SetMember(int index, bool value)
    {
        Set(_members!, index, value);
        if (_decided is not null)
            Set(_decided, index, true);
    }

    private static bool IsSet(BitArray bits, int index) => index < bits.Length && bits[index];

    private static void Set(BitArray bits, int index, bool value)
    {
        if (index >= bits.Length)
            bits.Length = Math.Max(index + 1, bits.Length * 2);
        bits[index] = value;
    }
}
