using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace UeventManager.Daemon.Start;

/// <summary>Hosts the daemon until it is asked to end.</summary>
internal static class DaemonHost
{
    /// <summary>Runs the daemon.</summary>
    /// <param name="options">The options.</param>
    /// <param name="level">The log level.</param>
    /// <param name="say">Receives the reasons why it cannot start, line by line, for a person.</param>
    /// <param name="cancel">Requests the end, which is orderly however far the start has come.</param>
    /// <returns>0 after an orderly end, 1 if it could not start or failed.</returns>
    public static async Task<int> RunAsync(DaemonOptions options, LogLevel level, Action<string> say, CancellationToken cancel)
    {
        // On another thread, while the host is built: nothing else at the start needs the rules.
        var rules = Task.Factory.StartNew(() => RuleDirectories.Read(options), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        AddLogging(builder.Logging, level);
        // Nothing needs validation, for which the host would also start all its metrics.
        builder.Services.RemoveAll<IStartupValidator>();
        FixedOptions<HostOptions>.AddTo(builder.Services, new HostOptions { ShutdownTimeout = TimeSpan.FromSeconds(10) });
        builder.Services.AddSingleton<IHostLifetime, SignalLifetime>();
        builder.Services.AddSingleton(services => new DaemonLog(services.GetRequiredService<ILoggerFactory>().CreateLogger("uevent-manager")));
        builder.Services.AddSingleton(services => new UeventDaemon(rules, options, services.GetRequiredService<DaemonLog>(), services.GetRequiredService<IHostApplicationLifetime>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<UeventDaemon>());
        using var host = builder.Build();
        var daemon = host.Services.GetRequiredService<UeventDaemon>();
        try
        {
            await host.StartAsync(cancel).ConfigureAwait(false);
            await host.WaitForShutdownAsync(cancel).ConfigureAwait(false);
        }
        catch (StartException e)
        {
            foreach (var line in e.Lines)
                say(line);
            return 1;
        }
        catch (Exception) when (daemon.HasFailed)
        {
            // The failure was logged.
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Before READY: the parts that have begun end as they would later.
        }
        finally
        {
            daemon.Stop();
        }
        return daemon.HasFailed ? 1 : 0;
    }

    /// <summary>Sends the log to standard error, in the form for its reader.</summary>
    public static void AddLogging(ILoggingBuilder logging, LogLevel level)
    {
        logging.AddConsole();
        var filter = new LoggerFilterOptions { MinLevel = level };
        // The host's own lines add nothing to ours.
        filter.Rules.Add(new LoggerFilterRule(null, "Microsoft", LogLevel.None, null));
        FixedOptions<LoggerFilterOptions>.AddTo(logging.Services, filter);
        FixedOptions<LoggerFactoryOptions>.AddTo(logging.Services, new LoggerFactoryOptions());
        FixedOptions<ConsoleLoggerOptions>.AddTo(logging.Services, new ConsoleLoggerOptions
        {
            LogToStandardErrorThreshold = LogLevel.Trace,
            // An unread log must not block the engine's thread: lines are then dropped and counted.
            QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite,
            MaxQueueLength = 16_384,
            FormatterName = LogFormatter.FormatterName,
        });
        logging.Services.AddSingleton<ConsoleFormatter>(new LogFormatter(LogFormatter.ReaderOfStandardError(), TimeProvider.System));
        // The provider creates all of its formatters, so all need options.
        FixedOptions<ConsoleFormatterOptions>.AddTo(logging.Services, new ConsoleFormatterOptions());
        FixedOptions<SimpleConsoleFormatterOptions>.AddTo(logging.Services, new SimpleConsoleFormatterOptions { SingleLine = true });
        FixedOptions<JsonConsoleFormatterOptions>.AddTo(logging.Services, new JsonConsoleFormatterOptions());
    }
}
