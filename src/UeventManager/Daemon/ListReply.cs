using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>Sends the replies of a <c>List</c> as fast as the client takes them.</summary>
internal sealed class ListReply(VarlinkCall call, IReadOnlyList<byte[]> replies)
{
    private int _next;

    public void Send()
    {
        if (!call.More)
        {
            // Several pages were made of it; the caller wants one.
            call.Reply(Join(replies));
            return;
        }
        call.Drained = SendMore;
        SendMore();
    }

    private void SendMore()
    {
        while (!call.IsFinished && !call.HasPendingOutput && _next < replies.Count)
        {
            var last = _next == replies.Count - 1;
            call.Reply(replies[_next++], continues: !last);
        }
    }

    private static byte[] Join(IReadOnlyList<byte[]> pages)
    {
        if (pages.Count == 1)
            return pages[0];
        // {"devices":[ … ]} + {"devices":[ … ],"cursor":…}: the lists become one.
        var start = "{\"devices\":["u8.Length;
        var joined = new List<byte>(pages.Sum(p => p.Length));
        for (var i = 0; i < pages.Count; i++)
        {
            var from = i == 0 ? 0 : start;
            var to = i == pages.Count - 1 ? pages[i].Length : pages[i].Length - 2;
            joined.AddRange(pages[i].AsSpan(from, to - from));
            if (i < pages.Count - 1)
                joined.Add((byte)',');
        }
        return [.. joined];
    }
}
