using System.Diagnostics;
using System.Globalization;

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

    /// <summary>Seconds of CPU so far.</summary>
    public double Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>Its share of memory, in MiB.</summary>
    public double Pss => File.ReadLines($"/proc/{_process.Id}/smaps_rollup").Where(line => line.StartsWith("Pss:", StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024).First();

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
