using System.Buffers;
using System.Text;

namespace UeventManager.Varlink;

/// <summary>How a client stands in the way of others by doing nothing.</summary>
internal enum Stall
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It takes nothing of what waits for it.</summary>
    Unread,

    /// <summary>It has begun a request and does not go on.</summary>
    HalfRequest,
}

internal sealed partial class VarlinkConnection
{
    // A request's parameters, taken apart: twelve bytes for each token, of which the shortest has two.
    private const int BytesOfParsedByte = 6;
    private const int PageBytes = 4096;

    private Stall _stall;
    private long _progress;
    private long _progressBefore;
    private long _stalledUsec;
    private int _callBytes;
    private bool _isSuspect;

    /// <summary>Bytes beyond a page or two that it makes us keep, as last counted.</summary>
    internal long ChargedBytes { get; private set; }

    private bool IsHalf => _input.Length > 0 && _current is null && _output.Length == 0 && !_input.HasFrame;

    /// <summary>Closes the connection in its next turn, because something was thrown while it was served.</summary>
    internal void Fail(Exception e)
    {
        _dispatcher.Turns.CountFailure(Peer, e);
        Condemn();
    }

    /// <summary>Gives back what the connection holds, and closes it in its next turn.</summary>
    /// <param name="limit">What its client is told, unless it is in the middle of a reply.</param>
    internal void CondemnOverBudget(long limit)
    {
        if (_output.Length == 0 && !_peerGone)
            TellLimit(limit);
        Condemn();
    }

    /// <summary>Closes the connection if its client has not got on for too long.</summary>
    /// <param name="nowUsec">Now.</param>
    /// <returns>Why it was closed.</returns>
    internal Stall CloseIfStalled(long nowUsec)
    {
        Stall stall = _output.Length > 0 ? Stall.Unread : IsHalf ? Stall.HalfRequest : Stall.None;
        if (stall != _stall || _progress != _progressBefore)
            (_stall, _progressBefore, _stalledUsec) = (stall, _progress, nowUsec);
        Charge();
        if (stall == Stall.None || nowUsec - _stalledUsec < (stall == Stall.Unread ? _limits.StallUsec : _limits.HalfRequestUsec))
            return Stall.None;
        Close();
        return stall;
    }

    // Counted when something may have changed: after a turn, and after what is sent outside of one.
    private void Charge()
    {
        if (_listener is null)
            return;
        bool suspect = !_isClosed && (_output.Length > 0 || IsHalf);
        if (suspect != _isSuspect)
        {
            _isSuspect = suspect;
            _listener.Suspect(this, suspect);
        }
        long held = _isClosed || _condemned ? 0 : _input.HeldBytes + _output.HeldBytes + (_current is null ? 0 : _callBytes);
        long more = held - ChargedBytes;
        ChargedBytes = held;
        if (more != 0 && _account is not null)
            _listener.Accounts.Charge(_account, more);
    }

    private void Condemn()
    {
        _condemned = true;
        SetPeerGone();
        _input.Clear();
        Charge();
        Arrange();
    }

    private void TellLimit(long limit)
    {
        var frame = new ArrayBufferWriter<byte>();
        ReplyFrame.WriteError(frame, _limits.OverBudgetError, Encoding.UTF8.GetBytes($"{{\"limit\":{limit}}}"));
        SocketCalls.Send(_descriptor, frame.WrittenSpan);
    }
}
