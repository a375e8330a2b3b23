using Microsoft.Extensions.Logging;

namespace UeventManager.Tests.Daemon;

/// <summary>Keeps the lines that were logged.</summary>
internal sealed class SeenLog : ILogger
{
    private readonly Lock _one = new();
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_one)
                return [.. _lines];
        }
    }

    /// <summary>Called with each line, on the thread that logs it.</summary>
    public Action<string>? Logging { get; set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception) + exception;
        lock (_one)
            _lines.Add(line);
        Logging?.Invoke(line);
    }
}
