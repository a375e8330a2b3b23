namespace UeventManager.Daemon.Edge;

/// <summary>Tells when an incident begins that may be met a thousand times a second: it lasts until it was not met for ten seconds.</summary>
internal sealed class IncidentPace
{
    /// <summary>How long it must not be met to be over, in microseconds.</summary>
    public const long PauseUsec = 10_000_000;

    private long? _lastUsec;

    /// <summary>It was met.</summary>
    /// <returns>True if that begins one.</returns>
    public bool Begins(long nowUsec)
    {
        var begins = _lastUsec is not { } last || nowUsec - last >= PauseUsec;
        _lastUsec = nowUsec;
        return begins;
    }
}
