using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace UeventManager.Daemon.Start;

/// <summary>
/// Formats a line of the log for its reader. The journal knows the time and the sender of a line, and takes its priority from <c>&lt;N&gt;</c>
/// (sd-daemon(3)); other readers need the time, and the level as a word.
/// </summary>
/// <param name="reader">The reader.</param>
/// <param name="time">The clock.</param>
internal sealed class LogFormatter(LogReader reader, TimeProvider time) : ConsoleFormatter(FormatterName)
{
    /// <summary>The formatter's name.</summary>
    public const string FormatterName = "uevent-manager";

    /// <summary>The reader of standard error: the journal, if <c>$JOURNAL_STREAM</c> names it; else a terminal or a file.</summary>
    public static LogReader ReaderOfStandardError() =>
        FileIdentity.Parse(Environment.GetEnvironmentVariable("JOURNAL_STREAM")) is { } journal && FileIdentity.Of(2) == journal ? LogReader.Journal
        : Console.IsErrorRedirected ? LogReader.File
        : LogReader.Terminal;

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var text = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var word = logEntry.LogLevel switch { LogLevel.Critical => "critical: ", LogLevel.Error => "error: ", LogLevel.Warning => "warning: ", LogLevel.Information => "", _ => "debug: " };
        var now = time.GetLocalNow();
        textWriter.Write(reader switch
        {
            LogReader.Journal => $"<{Priority(logEntry.LogLevel)}>{text}\n",
            LogReader.Terminal => string.Create(CultureInfo.InvariantCulture, $"{now:HH:mm:ss.fff}  {word}{text}\n"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{now:yyyy-MM-ddTHH:mm:ss.fffzzz} {word}{text}\n"),
        });
    }

    private static int Priority(LogLevel level) => level switch { LogLevel.Critical => 2, LogLevel.Error => 3, LogLevel.Warning => 4, LogLevel.Information => 6, _ => 7 };
}

/// <summary>The reader of the log.</summary>
internal enum LogReader
{
    /// <summary>systemd's journal.</summary>
    Journal,

    /// <summary>A person at a terminal.</summary>
    Terminal,

    /// <summary>A file, or a pipe to another program.</summary>
    File,
}
