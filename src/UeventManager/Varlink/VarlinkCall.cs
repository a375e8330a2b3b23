using System.Text.Json;

namespace UeventManager.Varlink;

/// <summary>
/// One call, from its request to its last reply. Replies may come at any time on the poller's thread. <see cref="Drained"/> and
/// <see cref="Closed"/> are raised from the poller's callback only, never from inside a reply.
/// </summary>
public sealed class VarlinkCall
{
    private readonly VarlinkConnection _connection;
    private readonly VarlinkRequest _request;

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

    /// <summary>Who called.</summary>
    public PeerCredentials Peer => _connection.Peer;

    /// <summary>True after the last reply or an error, and after the peer went.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>True if the client has read nearly all that it was sent.</summary>
    public bool IsNearlyRead => _connection.IsNearlyRead;

    /// <summary>True while bytes wait for the client to read. A stream sends nothing then; <see cref="Drained"/> tells it when to go on.</summary>
    public bool HasPendingOutput => _connection.PendingOutputBytes > 0;

    /// <summary>Bytes that wait for the client to read.</summary>
    public int PendingOutputBytes => _connection.PendingOutputBytes;

    /// <summary>Raised when the pending output has gone to the kernel: a stream pulls its next frame.</summary>
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

    internal void RaiseClosed()
    {
        IsFinished = true;
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
