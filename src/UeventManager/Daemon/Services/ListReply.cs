using UeventManager.Core.Dispatch;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>
/// Answers with devices as fast as the client reads, a page at a time, so that no page is encoded in advance. With <c>more</c> each page is a reply,
/// else the pages are the parts of one reply.
/// </summary>
internal sealed class ListReply
{
    private const string TooSlow = "org.ueventmanager.Devices.TooSlow";

    // Shared, because each page is sent as soon as it is encoded.
    private static readonly ByteBuffer s_page = new();

    private readonly VarlinkCall _call;
    private readonly Publisher _publisher;
    private readonly DevicePages _pages;
    private readonly long _maxBytes;
    private long _bytes;
    private bool _hasBegun;

    private ListReply(VarlinkCall call, Publisher publisher, DevicePages pages, long maxBytes)
    {
        (_call, _publisher, _pages, _maxBytes) = (call, publisher, pages, maxBytes);
        call.Closed = End;
    }

    /// <summary>Answers with all devices of a walk, and its cursor.</summary>
    /// <param name="call">The call.</param>
    /// <param name="publisher">The walk's publisher.</param>
    /// <param name="walk">The walk; this object ends it.</param>
    /// <param name="maxBytes">Without <c>more</c>, a longer answer is refused with ExpectedMore.</param>
    public static void Begin(VarlinkCall call, Publisher publisher, StateWalk walk, long maxBytes)
    {
        var reply = new ListReply(call, publisher, call.More ? DevicePages.OfList(walk) : DevicePages.OfWhole(walk), maxBytes);
        call.Work(call.Oneway ? reply.Nothing : call.More ? reply.Page : reply.Measure);
    }

    /// <summary>Answers with all devices of a walk, in one reply without a cursor.</summary>
    /// <param name="call">The call.</param>
    /// <param name="publisher">The walk's publisher.</param>
    /// <param name="walk">The walk; this object ends it.</param>
    public static void Begin(VarlinkCall call, Publisher publisher, StateWalk walk)
    {
        var reply = new ListReply(call, publisher, DevicePages.OfDevices(walk), long.MaxValue);
        call.Work(call.Oneway ? reply.Nothing : reply.Part);
    }

    private bool Nothing()
    {
        End();
        _call.Reply(default);
        return true;
    }

    private bool Page() => Next(static (reply, isLast) => reply._call.Reply(s_page.Written, continues: !isLast));

    // A reply cannot be taken back once it has begun, so its length is computed before.
    private bool Measure()
    {
        if (_pages.Walk.IsLost)
            return Lost();
        var isAll = _pages.Count(ref _bytes);
        if (_bytes > _maxBytes)
        {
            End();
            _call.Error(VarlinkError.ExpectedMore);
            return true;
        }
        if (isAll)
            _call.Work(Part);
        return false;
    }

    private bool Part() => Next(static (reply, isLast) => reply._hasBegun |= reply._call.ReplyPart(s_page.Written, isLast));

    private bool Next(Action<ListReply, bool> send)
    {
        if (_pages.Walk.IsLost)
            return Lost();
        s_page.Clear();
        var piece = _pages.Next(s_page);
        var isLast = piece == PagePiece.LastPage;
        if (isLast)
            End();
        if (piece != PagePiece.Nothing)
            send(this, isLast);
        return isLast;
    }

    // So much has changed since that what the devices were is not kept any more.
    private bool Lost()
    {
        if (_hasBegun)
            _call.Abort();
        else
            _call.Error(TooSlow);
        return true;
    }

    private void End() => _publisher.EndWalk(_pages.Walk);
}
