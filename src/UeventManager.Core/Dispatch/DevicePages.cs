using System.Text;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Dispatch;

/// <summary>The result of one piece of a walk.</summary>
public enum PagePiece
{
    /// <summary>No wanted device was found. Continue.</summary>
    Nothing,

    /// <summary>A page; more may follow.</summary>
    Page,

    /// <summary>The last page.</summary>
    LastPage,
}

/// <summary>Encodes the devices of a walk as pages, a bounded piece at a time.</summary>
public sealed class DevicePages
{
    /// <summary>The steps of one piece, some 100 to 200 microseconds.</summary>
    public const int StepsPerPiece = 1024;

    /// <summary>
    /// The length beyond which a page takes no further device, in bytes: it limits the data that waits for a client that does not read.
    /// </summary>
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

    /// <summary>The walk.</summary>
    public StateWalk Walk { get; }

    /// <summary>Called for each announced device in the pages.</summary>
    internal Action<Device>? Read { get; init; }

    /// <summary>The replies of <c>Subscribe</c> with the state, as whole frames.</summary>
    /// <param name="walk">The walk.</param>
    /// <param name="read">Called for each announced device in the pages.</param>
    internal static DevicePages OfState(StateWalk walk, Action<Device>? read) => new(
        walk, "{\"parameters\":{\"state\":[", "]},\"continues\":true}\0", $"],\"ready\":true,\"cursor\":\"{walk.Cursor}\"}},\"continues\":true}}\0")
    {
        Read = read,
    };

    /// <summary>The parameters of the replies of <c>List</c>, without their envelope.</summary>
    public static DevicePages OfList(StateWalk walk) => new(walk, "{\"devices\":[", "]}", $"],\"cursor\":\"{walk.Cursor}\"}}");

    /// <summary>One reply with a cursor: a whole frame in consecutive parts.</summary>
    public static DevicePages OfWhole(StateWalk walk) => new(walk, "{\"parameters\":{\"devices\":[", "", $"],\"cursor\":\"{walk.Cursor}\"}}}}\0", isOne: true);

    /// <summary>One reply without a cursor: a whole frame in consecutive parts.</summary>
    public static DevicePages OfDevices(StateWalk walk) => new(walk, "{\"parameters\":{\"devices\":[", "", "]}}\0", isOne: true);

    /// <summary>Makes the next piece.</summary>
    /// <param name="to">Receives the piece.</param>
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

    /// <summary>Counts the bytes of the next piece without start and end.</summary>
    /// <param name="bytes">The count is added here.</param>
    /// <returns>True if the walk has ended; it then starts anew.</returns>
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
