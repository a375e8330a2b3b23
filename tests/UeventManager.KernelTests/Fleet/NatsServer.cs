using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>A real nats-server of a Debian release, on the loopback interface of a sandbox, with a directory of its own.</summary>
public sealed class NatsServer : IDisposable
{
    public const string Url = "nats://127.0.0.1:4222";

    /// <summary>The releases whose server is tried.</summary>
    public static TheoryData<string> Suites => new("bookworm", "trixie");

    private readonly ScratchDirectory _directory = new("nats");
    private readonly Sandbox _sandbox;
    private readonly string _binary;
    private RunningProcess _process;

    private NatsServer(Sandbox sandbox, string binary, NatsServerOptions options)
    {
        (_sandbox, _binary) = (sandbox, binary);
        var jetStream = options.JetStream ? $"jetstream {{ store_dir: \"{_directory.Path}\" }}" : "";
        File.WriteAllText(_directory.Combine("server.conf"), $"listen: 127.0.0.1:4222\n{jetStream}\n{options.Configuration}\n");
        _process = Run();
    }

    public string Log => _process.Error + _process.Output;

    /// <summary>Starts it, and makes the stream.</summary>
    public static NatsServer Start(Sandbox sandbox, string suite, NatsServerOptions? options = null)
    {
        var binary = Path.Combine(Repository.Root, $"artifacts/tools/nats-{suite}/nats-server");
        if (!File.Exists(binary))
            Assert.Skip($"needs nats-server of {suite}: run tests/install-tools.sh as root");
        var server = new NatsServer(sandbox, binary, options ??= new NatsServerOptions());
        try
        {
            server.WaitUntilItListens();
            if (options.Setup is { } setup)
                FleetCommand.Run(sandbox, ["setup", .. setup]).Ok();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Kill()
    {
        _process.Signal(Syscalls.SIGKILL);
        _process.WaitForExit(Deadline.Default);
    }

    /// <summary>Starts it again, after it has ended.</summary>
    public void StartAgain()
    {
        _process.Dispose();
        _process = Run();
        WaitUntilItListens();
    }

    public void Freeze() => _process.Signal(Syscalls.SIGSTOP);

    public void Thaw() => _process.Signal(Syscalls.SIGCONT);

    public void Dispose()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"the server's log:\n{Log}");
        _process.Dispose();
        _directory.Dispose();
    }

    private RunningProcess Run() => _sandbox.Start([_binary, "-c", _directory.Combine("server.conf")]);

    private void WaitUntilItListens() => _process.WaitForErrorLine(line => line.Contains("Server is ready", StringComparison.Ordinal), Deadline.Seconds(30), "the server is ready");
}

/// <summary>How a test wants its server.</summary>
public sealed record NatsServerOptions
{
    /// <summary>Whether it has JetStream.</summary>
    public bool JetStream { get; init; } = true;

    /// <summary>Further lines of its configuration.</summary>
    public string Configuration { get; init; } = "";

    /// <summary>Options of <c>uevent-nats setup</c>; null for no stream.</summary>
    public IReadOnlyList<string>? Setup { get; init; } = [];
}
