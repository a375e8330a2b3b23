using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace UeventManager.Udev;

/// <summary>The distribution's <c>udevadm</c>, which knows how to speak to its udevd.</summary>
internal static class Udevadm
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Has udevd read its rules again.</summary>
    /// <param name="why">Why that could not be.</param>
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
            why = process.ExitCode == 0 ? null : $"exit status {process.ExitCode}: {process.StandardError.ReadToEnd().Trim()}";
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            why = "udevadm is not installed";
            return false;
        }
    }

    /// <summary>Waits until udevd has worked on all events that the kernel has sent.</summary>
    /// <param name="timeout">How long.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>False at the timeout.</returns>
    /// <exception cref="IOException">There is no udevadm.</exception>
    public static async Task<bool> SettleAsync(TimeSpan timeout, CancellationToken cancel)
    {
        Process process;
        try
        {
            process = Start(["settle", $"--timeout={Math.Max(1, (long)Math.Ceiling(timeout.TotalSeconds))}"]);
        }
        catch (Win32Exception)
        {
            throw new IOException("udevadm is not installed, so nothing tells when udevd is done (leave out --udev where there is no udevd)");
        }
        using (process)
        {
            try
            {
                await process.WaitForExitAsync(cancel).ConfigureAwait(false);
                return process.ExitCode == 0;
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                throw;
            }
        }
    }

    private static Process Start(IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo("udevadm", arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
}
