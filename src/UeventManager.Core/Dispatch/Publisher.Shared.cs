namespace UeventManager.Core.Dispatch;

/// <content>Subscribers without a filter that stand at the same place get the same bytes, made once.</content>
public sealed partial class Publisher
{
    private long _sharedFrom = -1;
    private long _sharedTo;
    private long _sharedBytes;

    /// <summary>Whether the reply that was written last is also the next one of a stream, which has it then.</summary>
    public bool TryReuse(SubscriberStream stream)
    {
        if (stream.SharedPosition is not (>= 0 and var from) || from != _sharedFrom || _sharedTo != Ring.Next)
            return false;
        stream.Advance(_sharedTo, _sharedBytes);
        return true;
    }

    /// <summary>Writes the next reply of a stream with its NUL.</summary>
    /// <returns>False if there is nothing to send.</returns>
    public bool Write(SubscriberStream stream, ByteBuffer output)
    {
        var (from, before) = (stream.SharedPosition, stream.QueuedBytes);
        var any = stream.NextFrame(output);
        (_sharedFrom, _sharedTo, _sharedBytes) = (from, stream.SharedPosition, before - stream.QueuedBytes);
        return any;
    }

    /// <summary>What was written last is gone: its bytes are used for something else.</summary>
    public void ForgetWritten() => _sharedFrom = -1;
}
