using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Tmds.Linux;
using UeventManager.Client;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Acting;

/// <summary>The program to run: started without a shell, and ended with all its children at its timeout.</summary>
/// <param name="file">The program.</param>
/// <param name="arguments">Its arguments, with placeholders.</param>
internal sealed class ActionProgram(string file, IReadOnlyList<string> arguments)
{
    private const int LongestLine = 1024;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    // A process left in the background may keep standard error open for any time.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(200);

    /// <summary>The program's timeout.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>True to write the event to its standard input as one line of JSON.</summary>
    public bool WithInput { get; init; }

    /// <summary>The root of sysfs.</summary>
    public required string Sysfs { get; init; }

    /// <summary>The daemon's socket, if it was given, so that the program uses the same daemon.</summary>
    public string? Socket { get; init; }

    /// <summary>Receives the program's standard error.</summary>
    public required Action<ReadOnlyMemory<byte>> Error { get; init; }

    /// <summary>The program's name, for the log.</summary>
    public string Name => file;

    /// <summary>Runs the program once, to its end.</summary>
    /// <param name="request">The run.</param>
    /// <param name="attempt">The attempt, from 1.</param>
    public async Task<ProgramEnd> RunAsync(ActionRequest request, int attempt)
    {
        using var process = new Process { StartInfo = StartInfo(request, attempt) };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
        {
            return new ProgramEnd(null, false, e.Message);
        }
        Task<string?> lines = ReadAsync(process.StandardError.BaseStream);
        Task input = WriteAsync(process.StandardInput.BaseStream, request);
        bool timedOut = !await EndsAsync(process, Timeout).ConfigureAwait(false);
        if (timedOut)
            await EndAsync(process).ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(lines, input), Task.Delay(LastWords)).ConfigureAwait(false);
        process.StandardError.Dispose();
        return new ProgramEnd(process.ExitCode, timedOut, lines.IsCompletedSuccessfully ? lines.Result : null);
    }

    private ProcessStartInfo StartInfo(ActionRequest request, int attempt)
    {
        var start = new ProcessStartInfo(file)
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(ActionArguments.Fill(argument, request, Sysfs));
        if (Socket is not null)
            start.Environment["UEVENT_MANAGER_SOCKET"] = Socket;
        foreach ((string name, string value) in ActionEnvironment.Of(request, attempt))
            start.Environment[name] = value;
        return start;
    }

    private async Task WriteAsync(Stream input, ActionRequest request)
    {
        try
        {
            await using (input.ConfigureAwait(false))
            {
                if (WithInput)
                    await input.WriteAsync((byte[])[.. request.Event is { } one ? UeventJson.Write(one) : JsonLine.Gap(request.Gap!), (byte)'\n']).ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // The program does not read its input.
        }
    }

    private async Task<string?> ReadAsync(Stream error)
    {
        var line = new List<byte>();
        string? last = null;
        byte[] buffer = new byte[4096];
        try
        {
            while (await error.ReadAsync(buffer).ConfigureAwait(false) is var count and > 0)
            {
                Pass(buffer.AsMemory(0, count));
                foreach (byte one in buffer.AsSpan(0, count))
                {
                    if (one != '\n')
                    {
                        if (line.Count < LongestLine)
                            line.Add(one);
                        continue;
                    }
                    last = Text(line) ?? last;
                    line.Clear();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The same as the end of the stream.
        }
        return Text(line) ?? last;
    }

    // A program whose standard error is not read would block at a full pipe.
    private void Pass(ReadOnlyMemory<byte> words)
    {
        try
        {
            Error(words);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Our own standard error is closed, which the runtime reports as unauthorized, or its disk is full.
        }
    }

    private static string? Text(List<byte> line) => Encoding.UTF8.GetString([.. line]).Trim() is { Length: > 0 } text ? text : null;

    private static async Task<bool> EndsAsync(Process process, TimeSpan within)
    {
        using var late = new CancellationTokenSource(within);
        try
        {
            await process.WaitForExitAsync(late.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Together with its children, because an ended shell leaves its command behind.
    private static async Task EndAsync(Process process)
    {
        IReadOnlyList<(int, string)> all = ProcessTree.Of(process.Id);
        foreach (int pid in ProcessTree.Alive(all))
            _ = LibC.kill(pid, LibC.SIGTERM);
        await EndsAsync(process, Grace).ConfigureAwait(false);
        foreach (int pid in ProcessTree.Alive(all))
            _ = LibC.kill(pid, LibC.SIGKILL);
        await process.WaitForExitAsync().ConfigureAwait(false);
    }
}
