using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace UeventManager.Daemon;

/// <summary>Hosts the daemon until SIGTERM or SIGINT.</summary>
internal static class DaemonHost
{
    /// <summary>Runs it.</summary>
    /// <returns>0 after an orderly end, 1 if it could not start or failed; what was wrong is on standard error.</returns>
    public static async Task<int> RunAsync(DaemonOptions options, LogLevel level, CancellationToken cancel)
    {
        var ahead = StartAhead.Begin(options);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        AddLogging(builder.Logging, level);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.Services.AddSingleton(services => new DaemonLog(services.GetRequiredService<ILoggerFactory>().CreateLogger("uevent-manager")));
        builder.Services.AddSingleton(services => new UeventDaemon(ahead, options, services.GetRequiredService<DaemonLog>(), services.GetRequiredService<IHostApplicationLifetime>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<UeventDaemon>());
        using var host = builder.Build();
        var daemon = host.Services.GetRequiredService<UeventDaemon>();
        try
        {
            await host.RunAsync(cancel).ConfigureAwait(false);
        }
        catch (StartException e)
        {
            foreach (var line in e.Lines)
                await Console.Error.WriteLineAsync($"ueventctl: {line}").ConfigureAwait(false);
            return 1;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // SIGTERM before READY: an orderly end all the same.
        }
        return daemon.HasFailed ? 1 : 0;
    }

    /// <summary>Logs go to standard error: in journald's form unless a person looks on.</summary>
    public static void AddLogging(ILoggingBuilder logging, LogLevel level)
    {
        logging.SetMinimumLevel(level);
        // The host's own lines say nothing that ours do not say better.
        logging.AddFilter("Microsoft", LogLevel.None);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (Console.IsErrorRedirected)
            logging.AddSystemdConsole();
        else
            logging.AddSimpleConsole(console => console.SingleLine = true);
    }
}
