namespace UeventManager.Core.Dispatch;

/// <content>Subscribers without a filter at the same place share one reply.</content>
public sealed partial class Publisher
{
    private long _sharedFrom = -1;
    private long _sharedTo;
    private long _sharedBytes;

    /// <summary>Whether the last written reply is also this stream's next one; the stream then advances.</summary>
    public bool TryReuse(SubscriberStream stream)
    {
        if (stream.SharedPosition is not (>= 0 and var from) || from != _sharedFrom || _sharedTo != Ring.Next)
            return false;
        stream.Advance(_sharedTo, _sharedBytes);
        return true;
    }

    /// <summary>Writes a stream's next reply with its NUL.</summary>
    /// <returns>False if there is nothing to send.</returns>
    public bool Write(SubscriberStream stream, ByteBuffer output)
    {
        var (from, before) = (stream.SharedPosition, stream.QueuedBytes);
        var any = stream.NextFrame(output);
        (_sharedFrom, _sharedTo, _sharedBytes) = (from, stream.SharedPosition, before - stream.QueuedBytes);
        return any;
    }

    /// <summary>Forgets the last reply, because its bytes are overwritten.</summary>
    public void ForgetWritten() => _sharedFrom = -1;
}
