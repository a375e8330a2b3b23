using System.Diagnostics.CodeAnalysis;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <content>The state, for clients that read it in pieces.</content>
public sealed partial class Publisher
{
    // Pages that others may take too: some megabytes. Later readers encode what they need.
    private const int MaxPages = 64;

    private readonly PastDevices _past = new(devices);
    private readonly Dictionary<(Cut Cut, int At), (byte[] Page, int Next)> _pages = [];
    private readonly Queue<(Cut Cut, int At)> _pagesInOrder = new();
    private readonly ByteBuffer _page = new();

    /// <summary>Bytes that are kept of what has changed since the oldest reader of the state began.</summary>
    public long PastBytes => _past.Bytes;

    /// <summary>Begins to read the devices as they are now. Between two steps of the engine only.</summary>
    /// <param name="filter">Which; null for all.</param>
    /// <param name="unsettled">True for those too that wait.</param>
    public StateWalk Walk(DeviceFilter? filter, bool unsettled) => _past.Begin(filter, unsettled, LastCursor);

    /// <summary>Begins to read some devices as they are now.</summary>
    /// <param name="some">Which, in which order; it is not changed any more.</param>
    public StateWalk Walk(Device[] some) => _past.Begin(some, LastCursor);

    /// <summary>The next page of the state at this moment, encoded once for all readers that come to the same place while it is kept.</summary>
    /// <returns>False if the pages of this walk are its own.</returns>
    internal bool TrySharedPage(DevicePages pages, [NotNullWhen(true)] out byte[]? page)
    {
        page = null;
        var walk = pages.Walk;
        if (!walk.IsShared)
            return false;
        var place = (walk.Cut, walk.At);
        if (_pages.TryGetValue(place, out var known))
        {
            (page, walk.At) = known;
            return true;
        }
        _page.Clear();
        // Without a filter each piece is a page.
        _ = pages.Next(_page);
        page = _page.Written.ToArray();
        if (_pagesInOrder.Count == MaxPages)
            _pages.Remove(_pagesInOrder.Dequeue());
        _pagesInOrder.Enqueue(place);
        _pages.Add(place, (page, walk.At));
        return true;
    }

    /// <summary>There is something new for a subscriber.</summary>
    internal void Wake() => News++;

    /// <summary>Nobody reads on.</summary>
    public void EndWalk(StateWalk walk)
    {
        walk.End();
        if (_past.Walks.Count > 0 || _pages.Count == 0)
            return;
        _pages.Clear();
        _pagesInOrder.Clear();
    }
}
