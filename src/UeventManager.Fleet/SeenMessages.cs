namespace UeventManager.Fleet;

/// <summary>
/// The last messages seen, by which a reader recognises the stream when it continues. A killed server may have lost the newest messages that it had
/// sent to readers, and may give their sequences to others: a reader that continued right after the last one would skip those.
/// </summary>
internal sealed class SeenMessages
{
    private const int Most = 32;
    private readonly Queue<(ulong Sequence, DateTimeOffset Time)> _last = new();
    private bool _isKnown = true;

    /// <summary>The place at which reading continues, such that some known messages come again.</summary>
    /// <param name="after">The sequence of the last message seen.</param>
    public ulong Begin(ulong after)
    {
        _isKnown = _last.Count == 0;
        return _last.Count == 0 ? after : Math.Max(1, _last.Peek().Sequence - 1);
    }

    /// <summary>Checks a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="after">The sequence of the last message seen.</param>
    /// <returns>False if the stream is not the one seen before.</returns>
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

    /// <summary>Forgets all messages.</summary>
    public void Clear()
    {
        _last.Clear();
        _isKnown = true;
    }
}
