using System.Text;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>What a piece of a walk has made.</summary>
public enum PagePiece
{
    /// <summary>Nothing: what was looked at is not wanted. Go on.</summary>
    Nothing,

    /// <summary>A page, and there may be more.</summary>
    Page,

    /// <summary>The last page.</summary>
    LastPage,
}

/// <summary>Encodes what a walk reads as pages, a bounded piece at a time.</summary>
public sealed class DevicePages
{
    /// <summary>Steps of one piece, some 100 to 200 microseconds.</summary>
    public const int StepsPerPiece = 1024;

    /// <summary>Length beyond which a page takes no further device, in bytes: what waits for a client that does not read.</summary>
    public const int PageBytes = 64 * 1024;

    private readonly byte[] _start;
    private readonly byte[] _end;
    private readonly byte[] _lastEnd;
    private readonly bool _isOne;
    private bool _hasBegun;

    private DevicePages(StateWalk walk, string start, string end, string lastEnd, bool isOne = false)
    {
        (Walk, _isOne) = (walk, isOne);
        (_start, _end, _lastEnd) = (Encoding.UTF8.GetBytes(start), Encoding.UTF8.GetBytes(end), Encoding.UTF8.GetBytes(lastEnd));
    }

    /// <summary>What it reads.</summary>
    public StateWalk Walk { get; }

    /// <summary>Told of each device that has been announced and is among the pages.</summary>
    internal Action<Device>? Read { get; init; }

    /// <summary>The replies of <c>Subscribe</c> with the state, whole frames.</summary>
    /// <param name="walk">What is read.</param>
    /// <param name="read">Told of each device that has been announced and is among the pages.</param>
    internal static DevicePages OfState(StateWalk walk, Action<Device>? read) => new(
        walk, "{\"parameters\":{\"state\":[", "]},\"continues\":true}\0", $"],\"ready\":true,\"cursor\":\"{walk.Cursor}\"}},\"continues\":true}}\0")
    {
        Read = read,
    };

    /// <summary>The parameters of the replies of <c>List</c>, without their envelope.</summary>
    public static DevicePages OfList(StateWalk walk) => new(walk, "{\"devices\":[", "]}", $"],\"cursor\":\"{walk.Cursor}\"}}");

    /// <summary>One reply with a cursor, a whole frame in parts that follow each other.</summary>
    public static DevicePages OfWhole(StateWalk walk) => new(walk, "{\"parameters\":{\"devices\":[", "", $"],\"cursor\":\"{walk.Cursor}\"}}}}\0", isOne: true);

    /// <summary>The same without a cursor.</summary>
    public static DevicePages OfDevices(StateWalk walk) => new(walk, "{\"parameters\":{\"devices\":[", "", "]}}\0", isOne: true);

    /// <summary>Makes the next piece.</summary>
    /// <param name="to">Where it goes.</param>
    public PagePiece Next(ByteBuffer to)
    {
        var steps = StepsPerPiece;
        var any = false;
        while (to.Length < PageBytes && Walk.TryNext(ref steps, out var device, out var view))
        {
            if (Walk.WasAnnounced)
                Read?.Invoke(device);
            if (any || (_isOne && _hasBegun))
                to.Append((byte)',');
            else
                to.Append(_start);
            (any, _hasBegun) = (true, true);
            to.Append(Walk.Encode(view));
        }
        if (Walk.IsAtEnd)
        {
            if (!any && !(_isOne && _hasBegun))
                to.Append(_start);
            to.Append(_lastEnd);
            return PagePiece.LastPage;
        }
        if (!any)
            return PagePiece.Nothing;
        to.Append(_end);
        return PagePiece.Page;
    }

    /// <summary>Only counts what the next piece would be: its bytes without start and end.</summary>
    /// <param name="bytes">The bytes are added to it.</param>
    /// <returns>True if there is nothing left; then the walk begins anew.</returns>
    public bool Count(ref long bytes)
    {
        var steps = StepsPerPiece;
        while (Walk.TryNext(ref steps, out _, out var view))
            bytes += Walk.Encode(view).Length + 1;
        if (!Walk.IsAtEnd)
            return false;
        Walk.Restart();
        return true;
    }
}
