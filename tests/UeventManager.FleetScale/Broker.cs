using System.Diagnostics;
using NATS.Client.JetStream;
using UeventManager.Fleet;

namespace UeventManager.FleetScale;

/// <summary>A broker on loopback, with a directory of its own; ended by its pid.</summary>
internal sealed class Broker : IDisposable
{
    private readonly Process _process;
    private readonly string _directory = Directory.CreateTempSubdirectory("fleet-scale-").FullName;
    private readonly TaskCompletionSource<string> _listens = new();

    public Broker(string binary)
    {
        var start = new ProcessStartInfo(binary, ["-a", "127.0.0.1", "-p", "-1", "-js", "-sd", _directory]) { RedirectStandardError = true, RedirectStandardOutput = true };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            const string Listens = "Listening for client connections on ";
            if (line.Data?.IndexOf(Listens, StringComparison.Ordinal) is >= 0 and var at)
                _listens.TrySetResult("nats://" + line.Data[(at + Listens.Length)..].Trim());
        };
        _process.BeginErrorReadLine();
    }

    public string Url => _listens.Task.WaitAsync(TimeSpan.FromSeconds(30)).GetAwaiter().GetResult();

    /// <summary>Makes the stream.</summary>
    public async Task SetUpAsync(long keep = 16)
    {
        await using var nats = new FleetOptions { Server = Url }.NewConnection(reconnects: true);
        await nats.ConnectAsync();
        await new NatsJSContext(nats).CreateStreamAsync((new FleetStream { Keep = keep }).ToConfig());
    }

    /// <summary>Seconds of CPU so far.</summary>
    public double Cpu => ProcessCost.Cpu(_process);

    /// <summary>Its share of memory, in MiB.</summary>
    public double Pss => ProcessCost.Pss(_process);

    /// <summary>What it has on disk, in MiB.</summary>
    public double Disk => new DirectoryInfo(_directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) / 1048576.0;

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
