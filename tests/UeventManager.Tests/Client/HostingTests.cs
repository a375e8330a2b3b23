using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using UeventManager.Client;
using UeventManager.Client.Hosting;
using UeventManager.Client.Testing;

namespace UeventManager.Tests.Client;

/// <summary>The client in an application of the generic host.</summary>
public sealed class HostingTests
{
    private readonly CancellationToken _deadline = TestDeadline.Start();
    private readonly InMemoryDaemon _daemon = new();
    private readonly LogLines _log = new();

    [Fact]
    public async Task AHandlerIsToldTheStateAndThenEachEventAndAnOutageIsLoggedOnce()
    {
        _daemon.Add(InMemoryDaemon.Device("/devices/a", "net"), InMemoryDaemon.Device("/devices/b", "block"));
        using IHost host = Build(services => services.AddUeventHandler<Told>(new DeviceFilter { Subsystems = ["net"] }));
        await host.StartAsync(_deadline);
        Channel<string> told = host.Services.GetRequiredService<Told>().Lines;
        Assert.Equal("state /devices/a", await told.Reader.ReadAsync(_deadline));
        _daemon.Add(InMemoryDaemon.Device("/devices/c", "net"));
        Assert.Equal("add /devices/c", await told.Reader.ReadAsync(_deadline));
        _daemon.Stop();
        await _log.WaitForAsync("cannot be reached", _deadline);
        _daemon.Start(forgetCursors: true);
        Assert.Equal("state /devices/a /devices/c", await told.Reader.ReadAsync(_deadline));
        await _log.WaitForAsync("is back", _deadline);
        await _log.WaitForAsync("Uevents were lost (restarted)", _deadline);
        Assert.Single(_log.Lines, line => line.Contains("cannot be reached", StringComparison.Ordinal));
        await host.StopAsync(_deadline);
    }

    [Fact]
    public async Task ATableIsKeptUpToDate()
    {
        using IHost host = Build(services => services.AddUeventDeviceTable());
        await host.StartAsync(_deadline);
        DeviceTable table = host.Services.GetRequiredService<DeviceTable>();
        await table.Ready.WaitAsync(_deadline);
        Task<UeventDevice> wait = table.WaitForAsync(device => device.SysName == "a", _deadline);
        _daemon.Add(InMemoryDaemon.Device("/devices/a", "net"));
        Assert.Equal("/devices/a", (await wait).DevPath);
        Assert.Equal("/devices/a", (await host.Services.GetRequiredService<UeventClient>().GetAsync("net:a", _deadline)).DevPath);
        await host.StopAsync(_deadline);
    }

    [Fact]
    public async Task AnApplicationStartsBeforeTheDaemonUnlessItIsToldNotTo()
    {
        _daemon.Stop();
        using IHost host = Build(services => services.AddUeventHandler<Told>());
        await host.StartAsync(_deadline);
        await _log.WaitForAsync("cannot be reached", _deadline);
        _daemon.Start();
        Assert.Equal("state", await host.Services.GetRequiredService<Told>().Lines.Reader.ReadAsync(_deadline));
        await host.StopAsync(_deadline);

        _daemon.Stop();
        using IHost strict = Build(services => services.AddUeventClient(options => options.WaitForDaemon = false).AddUeventHandler<Told>());
        await strict.StartAsync(_deadline);
        var stopped = new TaskCompletionSource();
        strict.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopped.SetResult);
        await stopped.Task.WaitAsync(_deadline);
    }

    [Fact]
    public async Task AnExceptionOfAHandlerEndsTheApplication()
    {
        using IHost host = Build(services => services.AddUeventHandler<Broken>());
        var stopped = new TaskCompletionSource();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopped.SetResult);
        await host.StartAsync(_deadline);
        await stopped.Task.WaitAsync(_deadline);
        await _log.WaitForAsync("broken by the test", _deadline);
    }

    [Fact]
    public void AnApplicationHasOnlyOneTable() =>
        Assert.Contains("DeviceTable already", Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddUeventDeviceTable().AddUeventDeviceTable()).Message, StringComparison.Ordinal);

    [Fact]
    public void ATableRefusesAFilterThatHidesEvents() =>
        Assert.Throws<ArgumentException>("filter", () => new ServiceCollection().AddUeventDeviceTable(new DeviceFilter { Actions = [KnownActions.Add] }));

    private IHost Build(Action<IServiceCollection> add)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(_log);
        builder.Services.AddUeventClient(options =>
        {
            options.Connect = _ => Task.FromResult(_daemon.Connect());
            options.MaxDelay = TimeSpan.FromMilliseconds(20);
        });
        add(builder.Services);
        return builder.Build();
    }

    private sealed class Told : IUeventHandler
    {
        public Channel<string> Lines { get; } = Channel.CreateUnbounded<string>();

        public async ValueTask HandleAsync(Change change, CancellationToken cancellationToken)
        {
            if (change is StateChange state)
                await Lines.Writer.WriteAsync(string.Join(' ', ["state", .. state.Devices.Select(device => device.DevPath)]), cancellationToken);
            else if (change is EventsChange { Events: var events })
                foreach (UeventEvent one in events)
                    await Lines.Writer.WriteAsync($"{one.Action} {one.Device.DevPath}", cancellationToken);
        }
    }

    private sealed class Broken : IUeventHandler
    {
        public ValueTask HandleAsync(Change change, CancellationToken cancellationToken) => throw new InvalidOperationException("broken by the test");
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = [];
        private readonly SemaphoreSlim _more = new(0);

        public IReadOnlyCollection<string> Lines => _lines;

        public async Task WaitForAsync(string text, CancellationToken deadline)
        {
            while (!_lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
                await _more.WaitAsync(deadline);
        }

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            _lines.Enqueue($"{formatter(state, exception)} {exception?.Message}");
            _more.Release();
        }

        public void Dispose()
        {
        }
    }
}
