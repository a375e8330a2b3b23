namespace UeventManager.Daemon.Edge;

/// <summary>Tells when an incident begins that may occur a thousand times a second: it lasts until it has not occurred for ten seconds.</summary>
internal sealed class IncidentPace
{
    /// <summary>The time without an occurrence after which it is over, in microseconds.</summary>
    public const long PauseUsec = 10_000_000;

    private long? _lastUsec;

    /// <summary>Notes an occurrence.</summary>
    /// <returns>True if an incident begins.</returns>
    public bool Begins(long nowUsec)
    {
        var begins = _lastUsec is not { } last || nowUsec - last >= PauseUsec;
        _lastUsec = nowUsec;
        return begins;
    }
}
