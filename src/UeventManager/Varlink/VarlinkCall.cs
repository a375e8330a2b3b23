using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace UeventManager.Varlink;

/// <summary>
/// One call, from its request to its last reply. Replies may be sent at any time on the poller's thread. <see cref="Drained"/> and
/// <see cref="Closed"/> are called only in the connection's turns, never from inside a reply.
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

    /// <summary>True if nothing is ever sent; a reply ends the call nevertheless.</summary>
    public bool Oneway => _request.Oneway;

    /// <summary>The caller.</summary>
    public PeerCredentials Peer => _connection.Peer;

    /// <summary>True after the last reply or an error, and after the peer closed.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>True if the client has read nearly everything that was sent.</summary>
    public bool IsNearlyRead => _connection.IsNearlyRead;

    /// <summary>
    /// True while sent bytes wait for the client to read. A stream then sends nothing; <see cref="Drained"/> tells when to continue.
    /// </summary>
    public bool HasPendingOutput => _connection.PendingOutputBytes > 0;

    /// <summary>The number of bytes that wait for the client to read.</summary>
    public int PendingOutputBytes => _connection.PendingOutputBytes;

    /// <summary>
    /// Called when the kernel has taken the pending output: a stream then sends its next frame. Not called while there is <see cref="Work"/>.
    /// </summary>
    public Action? Drained { get; set; }

    /// <summary>Called once if the peer closes before the last reply. Nothing can be sent any more.</summary>
    public Action? Closed { get; set; }

    internal bool IsUpgrade => _request.Upgrade;

    /// <summary>Sends a reply.</summary>
    /// <param name="parameters">A JSON object in UTF-8; empty means none.</param>
    /// <param name="continues">True if more replies follow, only for a call with <see cref="More"/>.</param>
    /// <returns>False if the reply was not taken: the peer has closed, or, with <paramref name="continues"/>, the output buffer is full; then try
    /// again at <see cref="Drained"/>. A last reply to a connected peer is always taken.</returns>
    /// <exception cref="InvalidOperationException">The call is finished, or continues a call without <c>more</c>.</exception>
    public bool Reply(ReadOnlySpan<byte> parameters, bool continues = false)
    {
        ThrowIfWrong(continues);
        IsFinished = !continues;
        return _connection.SendReply(this, parameters, continues);
    }

    /// <summary>
    /// Sends a part of a reply in wire form, from the opening brace in the first part to the NUL in the last, so that a long reply is never in memory
    /// as a whole. Between two parts nothing else may be sent.
    /// </summary>
    /// <param name="bytes">The part.</param>
    /// <param name="isLast">True if it ends the reply, and the call.</param>
    /// <returns>False if the part was not taken: the peer has closed.</returns>
    /// <exception cref="InvalidOperationException">The call is finished.</exception>
    public bool ReplyPart(ReadOnlySpan<byte> bytes, bool isLast)
    {
        ThrowIfWrong(continues: false);
        IsFinished = isLast;
        return _connection.SendPart(this, bytes, isLast);
    }

    /// <summary>
    /// Duplicates the connection's descriptor, to send replies with <c>continues</c> from another thread; until that thread has sent complete
    /// replies, no other code may send.
    /// </summary>
    public SafeFileHandle Duplicate() => _connection.Duplicate();

    /// <summary>Closes the connection, because a reply that has begun cannot be completed.</summary>
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
    /// Sends replies in wire form, as <see cref="ReplyFrame"/> writes them, all with <c>continues</c>, so that a reply is encoded once for many
    /// subscribers.
    /// </summary>
    /// <param name="frames">One or more whole frames, each with its NUL.</param>
    /// <returns>False if nothing was taken, as for <see cref="Reply"/>.</returns>
    /// <exception cref="InvalidOperationException">The call is finished, or has no <c>more</c>.</exception>
    public bool SendFrames(ReadOnlySpan<byte> frames)
    {
        ThrowIfWrong(continues: true);
        return _connection.TrySend(frames);
    }

    /// <summary>Sends frames that other clients get too: the part that this client does not take at once is not copied for it.</summary>
    /// <param name="frames">One or more whole frames.</param>
    /// <returns>False if nothing was taken, as for <see cref="Reply"/>.</returns>
    /// <exception cref="InvalidOperationException">The call is finished, or has no <c>more</c>.</exception>
    public bool SendFrames(SharedFrames frames)
    {
        ThrowIfWrong(continues: true);
        return _connection.TrySend(frames);
    }

    /// <summary>
    /// Sends a long answer in pieces, so that no other client waits for all of it. <paramref name="step"/> is called in the connection's turns, never
    /// from inside this method, while the call is unfinished and the kernel has taken everything sent before (<see cref="HasPendingOutput"/> is
    /// false): several times in a turn if there is time, then again in the next turn. Uevents are stepped between turns, so data that a step keeps
    /// for the next one must stay valid when the state changes.
    /// </summary>
    /// <param name="step">Does a bounded piece of at most some 200 µs, and returns true after the last one: when it has ended the call (by
    /// <see cref="Reply"/> or <see cref="Error"/>), or when a stream continues by other means (<see cref="Drained"/> is then called again). An
    /// exception closes the connection, is counted and is logged. If the client closes, the step is not called again, and <see cref="Closed"/> is. A
    /// step may call this method to hand over to another step; its own return value is then ignored.</param>
    /// <exception cref="InvalidOperationException">The call is finished.</exception>
    public void Work(Func<bool> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        ThrowIfWrong(continues: false);
        _step = step;
        _connection.Arrange();
    }

    /// <summary>
    /// Runs an action for this call outside of its connection's turns, such as the end of a wait: an exception closes the connection, as in a turn,
    /// and does not reach the caller.
    /// </summary>
    /// <param name="action">The action.</param>
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

    /// <summary>Closes the connection because of an exception elsewhere; counted and logged as in <see cref="Attempt"/>.</summary>
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
            throw new InvalidOperationException($"{Method} was called without 'more' and has only one reply.");
    }
}
