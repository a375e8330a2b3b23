using System.Buffers;
using System.Text;

namespace UeventManager.Varlink;

/// <summary>The ways in which an inactive client can obstruct others.</summary>
internal enum Stall
{
    /// <summary>The client is not stalled.</summary>
    None,

    /// <summary>The client reads nothing of its pending output.</summary>
    Unread,

    /// <summary>The client has begun a request and does not complete it.</summary>
    HalfRequest,
}

internal sealed partial class VarlinkConnection
{
    // The size of parsed parameters: twelve bytes for each token, and the shortest token has two.
    private const int BytesOfParsedByte = 6;
    private const int PageBytes = 4096;

    private Stall _stall;
    private long _progress;
    private long _progressBefore;
    private long _stalledUsec;
    private int _callBytes;
    private bool _isSuspect;

    /// <summary>The bytes beyond a page or two that the connection holds, as last counted.</summary>
    internal long ChargedBytes { get; private set; }

    private bool IsHalf => _input.Length > 0 && _current is null && _output.Length == 0 && !_input.HasFrame;

    /// <summary>Closes the connection in its next turn, because serving it threw an exception.</summary>
    internal void Fail(Exception e)
    {
        _dispatcher.Turns.CountFailure(Peer, e);
        Condemn();
    }

    /// <summary>Frees the connection's bytes, and closes it in its next turn.</summary>
    /// <param name="limit">The limit that the client is told, unless it is in the middle of a reply.</param>
    internal void CondemnOverBudget(long limit)
    {
        if (_output.Length == 0 && !_peerGone)
            TellLimit(limit);
        Condemn();
    }

    /// <summary>Closes the connection if its client has been stalled for too long.</summary>
    /// <param name="nowUsec">Now.</param>
    /// <returns>The reason for closing.</returns>
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

    // Counted when the bytes may have changed: after a turn, and after a send outside of one.
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
