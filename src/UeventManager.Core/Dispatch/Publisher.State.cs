using System.Diagnostics.CodeAnalysis;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <content>The state for clients that read it in pieces.</content>
public sealed partial class Publisher
{
    // Pages shared by several readers: some megabytes. Later readers encode their own.
    private const int MaxPages = 64;

    private readonly PastDevices _past = new(devices);
    private readonly Dictionary<(Cut Cut, int At), (byte[] Page, int Next)> _pages = [];
    private readonly Queue<(Cut Cut, int At)> _pagesInOrder = new();
    private readonly ByteBuffer _page = new();

    /// <summary>The bytes of device copies for readers of the state.</summary>
    public long PastBytes => _past.Bytes;

    /// <summary>Begins to read the devices as of now. Only between two steps of the engine.</summary>
    /// <param name="filter">Selects devices; null for all.</param>
    /// <param name="unsettled">True to include waiting devices.</param>
    public StateWalk Walk(DeviceFilter? filter, bool unsettled) => _past.Begin(filter, unsettled, LastCursor);

    /// <summary>Begins to read some devices as they are now.</summary>
    /// <param name="some">The devices, in order; the array must not change any more.</param>
    public StateWalk Walk(Device[] some) => _past.Begin(some, LastCursor);

    /// <summary>The next page of the state, encoded once for all readers that reach the same place while it is kept.</summary>
    /// <returns>False if this walk's pages cannot be shared.</returns>
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

    /// <summary>Notes that a subscriber has something new to get.</summary>
    internal void Wake() => News++;

    /// <summary>Ends a walk.</summary>
    public void EndWalk(StateWalk walk)
    {
        walk.End();
        if (_past.Walks.Count > 0 || _pages.Count == 0)
            return;
        _pages.Clear();
        _pagesInOrder.Clear();
    }
}
