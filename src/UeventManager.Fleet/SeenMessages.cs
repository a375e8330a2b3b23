namespace UeventManager.Fleet;

/// <summary>
/// The last messages that were seen, by which a reader that goes on knows the stream again. A server that is killed may have lost the newest messages
/// that it had sent to readers, and gives their sequences to others: to go on behind the last one seen would skip those.
/// </summary>
internal sealed class SeenMessages
{
    private const int Most = 32;
    private readonly Queue<(ulong Sequence, DateTimeOffset Time)> _last = new();
    private bool _isKnown = true;

    /// <summary>Behind which message reading goes on, so that some that were seen come again.</summary>
    /// <param name="after">The last that was seen.</param>
    public ulong Begin(ulong after)
    {
        _isKnown = _last.Count == 0;
        return _last.Count == 0 ? after : Math.Max(1, _last.Peek().Sequence - 1);
    }

    /// <summary>Takes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="after">The last that was seen.</param>
    /// <returns>False if the stream is not the one that was seen.</returns>
    public bool IsSame(FleetMessage message, ulong after)
    {
        if (message.Sequence <= after)
        {
            foreach ((ulong sequence, DateTimeOffset time) in _last)
            {
                if (sequence != message.Sequence)
                    continue;
                _isKnown = true;
                return time == message.Time;
            }
            return true;
        }
        if (!_isKnown)
            return false;
        _last.Enqueue((message.Sequence, message.Time));
        if (_last.Count > Most)
            _last.Dequeue();
        return true;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _last.Clear();
        _isKnown = true;
    }
}
