using System.Globalization;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>A real nats-server on the machine's own loopback interface, for bridges and consumers that are objects of the test.</summary>
internal sealed class LocalBroker : IDisposable
{
    private readonly ScratchDirectory _directory = new("broker");
    private readonly string _binary;
    private RunningProcess _process;

    private LocalBroker(string binary)
    {
        _binary = binary;
        _process = Run(-1);
        Port = PortOf(_process);
    }

    public int Port { get; }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{Port}");

    /// <summary>Starts it and makes the stream.</summary>
    public static LocalBroker Start(string suite, params IReadOnlyList<string> setup)
    {
        var binary = Path.Combine(Repository.Root, $"artifacts/tools/nats-{suite}/nats-server");
        if (!File.Exists(binary))
            Assert.Skip($"needs nats-server of {suite}: run tests/install-tools.sh as root");
        var broker = new LocalBroker(binary);
        try
        {
            broker.Command(["setup", .. setup]).Ok();
            return broker;
        }
        catch
        {
            broker.Dispose();
            throw;
        }
    }

    /// <summary>Runs <c>uevent-nats</c> to its end.</summary>
    public CommandResult Command(IReadOnlyList<string> arguments)
    {
        using var process = RunningProcess.Start(Repository.UeventNats, arguments, new Dictionary<string, string> { ["NATS_URL"] = Url });
        process.CloseInput();
        return new CommandResult(string.Join(' ', arguments), process.WaitForExit(Deadline.Seconds(60)), process.Output, process.Error);
    }

    public void Kill()
    {
        _process.Signal(Syscalls.SIGKILL);
        _process.WaitForExit(Deadline.Default);
    }

    /// <summary>Starts it again at the same port, after it has ended.</summary>
    public void StartAgain()
    {
        _process.Dispose();
        _process = Run(Port);
        PortOf(_process);
    }

    /// <summary>Ends it, takes away what it has, and starts it again.</summary>
    public void Lose()
    {
        Kill();
        Directory.Delete(_directory.Combine("jetstream"), recursive: true);
        StartAgain();
    }

    public void Dispose()
    {
        _process.Dispose();
        _directory.Dispose();
    }

    private RunningProcess Run(int port) =>
        RunningProcess.Start(_binary, ["-a", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), "-js", "-sd", _directory.Path]);

    private static int PortOf(RunningProcess process)
    {
        var line = process.WaitForErrorLine(line => line.Contains("Listening for client connections on", StringComparison.Ordinal), Deadline.Seconds(60), "the broker listens");
        process.WaitForErrorLine(line => line.Contains("Server is ready", StringComparison.Ordinal), Deadline.Seconds(60), "the broker is ready");
        return int.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }
}
