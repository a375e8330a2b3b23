using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace UeventManager.Udev;

/// <summary>The distribution's <c>udevadm</c>, which speaks its udevd's protocol.</summary>
internal static class Udevadm
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Makes udevd read its rules again.</summary>
    /// <param name="why">The reason of a failure.</param>
    public static bool TryReload([NotNullWhen(false)] out string? why)
    {
        try
        {
            using var process = Start(["control", "--reload"]);
            if (!process.WaitForExit(Patience))
            {
                process.Kill();
                why = "no answer";
                return false;
            }
            why = process.ExitCode == 0 ? null : Said(process.StandardError.ReadToEnd(), process.ExitCode);
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            why = "udevadm is not installed";
            return false;
        }
    }

    /// <summary>Waits until udevd has processed all events that the kernel has sent.</summary>
    /// <param name="timeout">The longest wait.</param>
    /// <param name="cancel">Cancels the wait.</param>
    /// <returns>False at the timeout.</returns>
    /// <exception cref="IOException">There is no udevadm, or it failed otherwise.</exception>
    public static async Task<bool> SettleAsync(TimeSpan timeout, CancellationToken cancel)
    {
        // Some more time, so that udevadm's own timeout comes first.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        ending.CancelAfter(timeout + TimeSpan.FromSeconds(2));
        var time = Stopwatch.StartNew();
        try
        {
            using var process = Start(["settle", $"--timeout={Math.Max(1, (long)Math.Ceiling(timeout.TotalSeconds))}"]);
            try
            {
                var said = process.StandardError.ReadToEndAsync(ending.Token);
                await process.WaitForExitAsync(ending.Token).ConfigureAwait(false);
                // It has one exit status for all failures.
                return process.ExitCode == 0
                    || (time.Elapsed < timeout ? throw new IOException($"udevadm settle: {Said(await said.ConfigureAwait(false), process.ExitCode)}") : false);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                cancel.ThrowIfCancellationRequested();
                return false;
            }
        }
        catch (Win32Exception)
        {
            throw new IOException("udevadm is not installed, so there is no way to wait for udevd");
        }
    }

    private static string Said(string error, int status) => error.Trim() is { Length: > 0 } text ? text : $"exit status {status}";

    private static Process Start(IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo("udevadm", arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
}
