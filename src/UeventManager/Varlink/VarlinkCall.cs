using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace UeventManager.Varlink;

/// <summary>
/// One call, from its request to its last reply. Replies may come at any time on the poller's thread. <see cref="Drained"/> and
/// <see cref="Closed"/> are raised in the connection's turns only, never from inside a reply.
/// </summary>
internal sealed class VarlinkCall
{
    private readonly VarlinkConnection _connection;
    private readonly VarlinkRequest _request;
    private Func<bool>? _step;

    internal VarlinkCall(VarlinkConnection connection, VarlinkRequest request)
    {
        _connection = connection;
        _request = request;
    }

    /// <summary>The full name of the method, as <c>org.ueventmanager.Devices.List</c>.</summary>
    public string Method => _request.Method;

    /// <summary>The parameters: an object, empty if there were none. A member may be null, which means the same as absent.</summary>
    public JsonElement Parameters => _request.Parameters;

    /// <summary>True if several replies may be sent.</summary>
    public bool More => _request.More;

    /// <summary>True if nothing is ever sent; the call is ended by a reply all the same.</summary>
    public bool Oneway => _request.Oneway;

    /// <summary>The caller.</summary>
    public PeerCredentials Peer => _connection.Peer;

    /// <summary>True after the last reply or an error, and after the peer went.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>True if the client has read nearly all that it was sent.</summary>
    public bool IsNearlyRead => _connection.IsNearlyRead;

    /// <summary>True while bytes wait for the client to read. A stream sends nothing then; <see cref="Drained"/> tells it when to go on.</summary>
    public bool HasPendingOutput => _connection.PendingOutputBytes > 0;

    /// <summary>Bytes that wait for the client to read.</summary>
    public int PendingOutputBytes => _connection.PendingOutputBytes;

    /// <summary>Raised when the pending output has gone to the kernel: a stream pulls its next frame. Not while there is <see cref="Work"/>.</summary>
    public Action? Drained { get; set; }

    /// <summary>Raised once if the peer goes before the last reply. Nothing can be sent any more.</summary>
    public Action? Closed { get; set; }

    internal bool IsUpgrade => _request.Upgrade;

    /// <summary>Sends a reply.</summary>
    /// <param name="parameters">A JSON object in UTF-8; empty means none.</param>
    /// <param name="continues">True if more replies follow, only for a call with <see cref="More"/>.</param>
    /// <returns>
    /// False if it was not taken: the peer is gone, or, with <paramref name="continues"/>, the output buffer is full; then try again at
    /// <see cref="Drained"/>. A last reply to a living peer is always taken.
    /// </returns>
    /// <exception cref="InvalidOperationException">The call is finished, or continues a call without <c>more</c>.</exception>
    public bool Reply(ReadOnlySpan<byte> parameters, bool continues = false)
    {
        ThrowIfWrong(continues);
        IsFinished = !continues;
        return _connection.SendReply(this, parameters, continues);
    }

    /// <summary>
    /// Sends a part of a reply that is already in wire form, the first one from its brace on and the last one with its NUL: so that a long reply is
    /// nowhere as a whole. Between two parts nothing else may be sent.
    /// </summary>
    /// <param name="bytes">The part.</param>
    /// <param name="isLast">True if it ends the reply, and the call.</param>
    /// <returns>False if it was not taken: the peer is gone.</returns>
    /// <exception cref="InvalidOperationException">The call is finished.</exception>
    public bool ReplyPart(ReadOnlySpan<byte> bytes, bool isLast)
    {
        ThrowIfWrong(continues: false);
        IsFinished = isLast;
        return _connection.SendPart(this, bytes, isLast);
    }

    /// <summary>
    /// Another descriptor of the connection, for sending replies with <c>continues</c> from another thread; until it has sent all of them whole nobody else
    /// may send anything.
    /// </summary>
    public SafeFileHandle Duplicate() => _connection.Duplicate();

    /// <summary>Closes the connection: a reply that was begun cannot be ended.</summary>
    public void Abort() => _connection.Abort();

    /// <summary>Ends the call with an error.</summary>
    /// <param name="error">The full name of the error.</param>
    /// <param name="parameters">The error's members as a JSON object in UTF-8; empty means none.</param>
    /// <exception cref="InvalidOperationException">The call is finished.</exception>
    public void Error(string error, ReadOnlySpan<byte> parameters = default)
    {
        ThrowIfWrong(continues: false);
        IsFinished = true;
        _connection.SendError(this, error, parameters);
    }

    /// <summary>
    /// Sends replies that are already in wire form, as <see cref="ReplyFrame"/> writes them, all with <c>continues</c>: so that what is
    /// encoded once can go to many subscribers.
    /// </summary>
    /// <param name="frames">One or more whole frames, each with its NUL.</param>
    /// <returns>False if nothing was taken, as for <see cref="Reply"/>.</returns>
    /// <exception cref="InvalidOperationException">The call is finished, or has no <c>more</c>.</exception>
    public bool SendFrames(ReadOnlySpan<byte> frames)
    {
        ThrowIfWrong(continues: true);
        return _connection.TrySend(frames);
    }

    /// <summary>The same with frames that go to others as well: what this client does not take at once is not copied for it.</summary>
    /// <param name="frames">One or more whole frames.</param>
    /// <returns>False if nothing was taken, as for <see cref="Reply"/>.</returns>
    /// <exception cref="InvalidOperationException">The call is finished, or has no <c>more</c>.</exception>
    public bool SendFrames(SharedFrames frames)
    {
        ThrowIfWrong(continues: true);
        return _connection.TrySend(frames);
    }

    /// <summary>
    /// Makes a long answer in pieces, so that nobody else waits for all of it. <paramref name="step"/> is called in the connection's turns,
    /// never from inside this method, as long as the call is not finished and all that was sent before has gone to the kernel
    /// (<see cref="HasPendingOutput"/> is false): several times in a turn while there is time, then again in the next turn. Between two
    /// turns uevents are stepped, so whatever a step keeps for the next one must stand that the state has changed.
    /// </summary>
    /// <param name="step">
    /// Does a bounded piece, some 200 µs at most, and says whether that was the last: true once it has ended the call (by <see cref="Reply"/>
    /// or <see cref="Error"/>), or once a stream goes on by other means (<see cref="Drained"/> is raised again from then on). What it throws
    /// closes the connection, is counted and is logged. If the client goes, it is not called again; <see cref="Closed"/> is raised. A step
    /// may call this method to hand over to another one; what it returns then counts for nothing.
    /// </param>
    /// <exception cref="InvalidOperationException">The call is finished.</exception>
    public void Work(Func<bool> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        ThrowIfWrong(continues: false);
        _step = step;
        _connection.Arrange();
    }

    /// <summary>
    /// Does something for this call outside of its connection's turns, as when a wait ends or news is sent: what is thrown closes the
    /// connection, as in a turn, and not the caller.
    /// </summary>
    /// <param name="action">What to do.</param>
    public void Attempt(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            action();
        }
        catch (Exception e)
        {
            _connection.Fail(e);
        }
    }

    /// <summary>Closes the connection because of what was thrown for it elsewhere; counted and logged as in <see cref="Attempt"/>.</summary>
    public void Fail(Exception error) => _connection.Fail(error);

    internal bool HasWork => _step is not null;

    internal void DoWork()
    {
        Func<bool> step = _step!;
        if ((step() && _step == step) || IsFinished)
            _step = null;
    }

    internal void RaiseClosed()
    {
        IsFinished = true;
        _step = null;
        Closed?.Invoke();
    }

    private void ThrowIfWrong(bool continues)
    {
        if (IsFinished)
            throw new InvalidOperationException($"{Method} was already answered.");
        if (continues && !More)
            throw new InvalidOperationException($"{Method} was called without 'more' and takes one reply.");
    }
}
