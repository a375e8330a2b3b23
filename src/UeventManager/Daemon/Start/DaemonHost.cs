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
    /// <summary>Runs it.</summary>
    /// <param name="options">The options.</param>
    /// <param name="level">What is logged.</param>
    /// <param name="say">Tells a person what keeps it from starting, a line at a time.</param>
    /// <param name="cancel">Asks for the end, which is an orderly one however far the start has come.</param>
    /// <returns>0 after an orderly end, 1 if it could not start or failed.</returns>
    public static async Task<int> RunAsync(DaemonOptions options, LogLevel level, Action<string> say, CancellationToken cancel)
    {
        // On a thread of its own, while the host is built: nothing else in the start waits for the rules.
        var rules = Task.Factory.StartNew(() => RuleDirectories.Read(options), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        AddLogging(builder.Logging, level);
        // Nothing is validated; what the host would start for that is all of its metrics.
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
            // It was logged.
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Before READY; what has been begun ends as it would later.
        }
        finally
        {
            daemon.Stop();
        }
        return daemon.HasFailed ? 1 : 0;
    }

    /// <summary>Logs go to standard error, in the form that its reader needs.</summary>
    public static void AddLogging(ILoggingBuilder logging, LogLevel level)
    {
        logging.AddConsole();
        var filter = new LoggerFilterOptions { MinLevel = level };
        // The host's own lines say nothing that ours do not say better.
        filter.Rules.Add(new LoggerFilterRule(null, "Microsoft", LogLevel.None, null));
        FixedOptions<LoggerFilterOptions>.AddTo(logging.Services, filter);
        FixedOptions<LoggerFactoryOptions>.AddTo(logging.Services, new LoggerFactoryOptions());
        FixedOptions<ConsoleLoggerOptions>.AddTo(logging.Services, new ConsoleLoggerOptions
        {
            LogToStandardErrorThreshold = LogLevel.Trace,
            // A log that is not read must not hold up the engine's thread: lines are dropped then, and counted.
            QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite,
            MaxQueueLength = 16_384,
            FormatterName = LogFormatter.FormatterName,
        });
        logging.Services.AddSingleton<ConsoleFormatter>(new LogFormatter(LogFormatter.ReaderOfStandardError(), TimeProvider.System));
        // The provider makes all of its formatters.
        FixedOptions<ConsoleFormatterOptions>.AddTo(logging.Services, new ConsoleFormatterOptions());
        FixedOptions<SimpleConsoleFormatterOptions>.AddTo(logging.Services, new SimpleConsoleFormatterOptions { SingleLine = true });
        FixedOptions<JsonConsoleFormatterOptions>.AddTo(logging.Services, new JsonConsoleFormatterOptions());
    }
}
