using System.Diagnostics;
using UeventManager.Benchmarks.Measure;

namespace UeventManager.Benchmarks.Contenders;

/// <summary>One of those compared.</summary>
/// <param name="Name">As the tables call it.</param>
/// <param name="Source">Where the probe receives.</param>
/// <param name="Command">What is started; empty for none.</param>
internal sealed record Contender(string Name, string Source, IReadOnlyList<string> Command)
{
    /// <summary>True for systemd-udevd.</summary>
    public bool IsUdev { get; init; }

    /// <summary>True if its storms are always made shorter: it takes minutes for a long one, and no target is a ratio to it.</summary>
    public bool IsSlow { get; init; }

    /// <summary>The socket of this project's daemon; null for others.</summary>
    public string? Socket { get; init; }

    /// <summary>What it reads from, started before it and not part of what it costs; null for none.</summary>
    public Contender? Behind { get; init; }

    /// <summary>The directory that it makes for libudev; null for others.</summary>
    public string? RunUdev { get; init; }

    /// <summary>True if several subscribers can connect to it.</summary>
    public bool ServesMany => Source.Contains(':', StringComparison.Ordinal);

    /// <summary>Starts it and returns when it takes events.</summary>
    public Running Start()
    {
        if (Command.Count == 0)
            return new Running(null);
        if (ServesMany)
            File.Delete(Source[(Source.IndexOf(':', StringComparison.Ordinal) + 1)..]);
        // A start is one on a machine that was just booted: what the run before has handed over is none of it.
        if (Socket is not null)
            File.Delete(Socket + ".state");
        if (RunUdev is not null && Directory.Exists(RunUdev))
            Directory.Delete(RunUdev, recursive: true);
        var behind = Behind?.Start();
        var running = new Running(Measure.Command.Start(Command[0], Command.Skip(1)), behind);
        if (RunUdev is not null)
            Pause.Until(() => running.IsAlive && File.Exists($"{RunUdev}/uevent-manager/told"), Name);
        else if (Socket is not null)
            Pause.Until(() => IsListening(running), Name);
        else if (IsUdev)
            Pause.Until(() => running.IsAlive && File.Exists($"/proc/{running.Pid}/root/run/udev/control"), Name);
        return running;
    }

    // Status is answered after READY.
    private bool IsListening(Running running)
    {
        if (!running.IsAlive)
            throw new InvalidOperationException($"{Name} did not start: {File.ReadAllText($"{Place.Scratch}/log").Trim()}");
        if (!File.Exists(Socket))
            return false;
        try
        {
            DaemonStatus.Of(Socket!);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}

/// <summary>A started contender; ended and waited for when disposed of.</summary>
internal sealed class Running(Process? process, Running? behind = null) : IDisposable
{
    /// <summary>Its process id; 0 if it is the probe alone.</summary>
    public int Pid => process?.Id ?? 0;

    public bool IsAlive => process is { HasExited: false };

    public double CpuSeconds => process is null ? double.NaN : ProcessTree.CpuSeconds(Pid);

    public double PssMib => process is null ? double.NaN : ProcessTree.PssMib(Pid);

    public void Dispose()
    {
        End();
        behind?.Dispose();
    }

    private void End()
    {
        if (process is null)
            return;
        if (!process.HasExited)
        {
            Command.Run("kill", ["-TERM", $"{process.Id}"]);
            if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
                process.Kill(entireProcessTree: true);
        }
        process.WaitForExit();
        process.Dispose();
    }
}
