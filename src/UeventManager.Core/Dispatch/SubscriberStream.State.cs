using System.Collections;
using System.Diagnostics.CodeAnalysis;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <content>The state, which is read while events go on, and the devices that belong to the filter.</content>
public sealed partial class SubscriberStream
{
    // The unread pages of the state as of its cut, or of the filter's devices at the end of a replay.
    private DevicePages? _pages;
    private bool _readsMembersOnly;

    // By Device.Index: devices whose membership is decided before all are read; for the others it is as of the cut.
    private BitArray? _decided;

    /// <summary>
    /// True while it reads the state or replays: <see cref="NextFrame"/> then makes a bounded piece, which may be empty, and must be called again.
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

    /// <summary>Ends reading: everything is read, or not needed any more.</summary>
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

    // Too many changes came since the cut to keep copies of: the same as too many events.
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

    // A later event has decided already; the index may even belong to another device now.
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
