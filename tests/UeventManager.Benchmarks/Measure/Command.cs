using System.Diagnostics;

namespace UeventManager.Benchmarks.Measure;

/// <summary>Runs programs.</summary>
internal static class Command
{
    /// <summary>Runs one to its end and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static string Run(string program, IEnumerable<string> arguments)
    {
        using var process = Start(program, arguments, redirect: true);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {process.ExitCode}: {error.Result.Trim()}");
    }

    /// <summary>Starts one; what it prints is thrown away unless it is redirected.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, bool redirect = false)
    {
        var start = redirect
            ? new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }
            : new ProcessStartInfo("sh", ["-c", "exec \"$@\" < /dev/null > /dev/null 2> \"$BENCH_LOG\"", "sh", program, .. arguments]);
        start.Environment["BENCH_LOG"] = $"{Place.Scratch}/log";
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }
}
