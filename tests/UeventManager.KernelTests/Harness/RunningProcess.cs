using System.Diagnostics;

namespace UeventManager.KernelTests.Harness;

/// <summary>A process that the harness started, with what it has said so far. Ended by its pid.</summary>
public sealed class RunningProcess : IDisposable
{
    private readonly Process _process;
    private readonly ProcessText _output;
    private readonly ProcessText _error;
    private bool _disposed;

    private RunningProcess(Process process)
    {
        _process = process;
        _output = new ProcessText(process.StandardOutput);
        _error = new ProcessText(process.StandardError);
    }

    public int Pid => _process.Id;

    public bool HasExited => _disposed || _process.HasExited;

    /// <summary>Complete once <see cref="WaitForExit"/> has returned.</summary>
    public string Output => _output.Text;

    public string Error => _error.Text;

    /// <summary>Lines of standard output that are complete.</summary>
    public IReadOnlyList<string> Lines => _output.CompleteLines;

    public IReadOnlyList<string> ErrorLines => _error.CompleteLines;

    public static RunningProcess Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new RunningProcess(Process.Start(start)!);
    }

    /// <summary>Closes standard input, for those that end with it.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Writes a line to its standard input.</summary>
    public void Say(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    public void Signal(int signal) => Syscalls.Check(Syscalls.Kill(Pid, signal), $"kill {Pid} with {signal}");

    /// <summary>The exit code; a process that a signal ended has 128 plus the signal.</summary>
    public int WaitForExit(Deadline deadline)
    {
        if (!_process.WaitForExit(deadline.Remaining))
            Assert.Fail($"{_process.StartInfo.FileName} ({Pid}) did not end within {deadline}; it said: {Error}{Output}");
        _output.WaitForEnd(deadline);
        _error.WaitForEnd(deadline);
        return _process.ExitCode;
    }

    /// <summary>The first complete line of standard output that <paramref name="wanted"/> accepts.</summary>
    public string WaitForLine(Func<string, bool> wanted, Deadline deadline, string what) =>
        WaitFor(() => Lines, wanted, deadline, what);

    /// <summary>The first complete line of standard error that <paramref name="wanted"/> accepts.</summary>
    public string WaitForErrorLine(Func<string, bool> wanted, Deadline deadline, string what) =>
        WaitFor(() => ErrorLines, wanted, deadline, what);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        // Not the whole tree: what else is in it was started by the program under test, which must end it itself.
        if (!_process.HasExited)
            _ = Syscalls.Kill(Pid, Syscalls.SIGKILL);
        _process.WaitForExit();
        _process.Dispose();
    }

    private string WaitFor(Func<IReadOnlyList<string>> lines, Func<string, bool> wanted, Deadline deadline, string what)
    {
        string? found = null;
        // A process that has ended says nothing more: fail at once instead of at the deadline.
        SpinWait.SpinUntil(() => (found = lines().FirstOrDefault(wanted)) is not null || HasExited, deadline.Remaining);
        if (found is null && HasExited)
        {
            var code = WaitForExit(deadline);
            found = lines().FirstOrDefault(wanted);
            Assert.True(found is not null, $"{what}: the process exited with {code} before; it said: {Error}{Output}");
        }

        Assert.True(found is not null, $"not within {deadline}: {what}; the process said: {Error}{Output}");
        return found;
    }
}
