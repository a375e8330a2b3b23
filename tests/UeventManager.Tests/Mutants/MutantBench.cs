using System.Diagnostics;
using System.Text.RegularExpressions;
using UeventManager.Tests.House;

namespace UeventManager.Tests.Mutants;

/// <summary>A copy of the core, where mistakes are made, and of these tests, which run against it. Both go at the end.</summary>
internal sealed partial class MutantBench : IDisposable
{
    private const string Core = "src/UeventManager.Core";
    // A mutant that makes the engine spin is found by that.
    private static readonly TimeSpan s_deadline = TestTime.Seconds(60);

    private readonly DirectoryInfo _tree = Directory.CreateTempSubdirectory("uevent-mutants-");

    public MutantBench()
    {
        foreach (var file in new[] { "Directory.Build.props", "Directory.Packages.props", "global.json" })
            File.Copy(Path.Combine(SourceTree.Root, file), In(file));
        Copy(Path.Combine(SourceTree.Root, Core), In(Core));
        Copy(AppContext.BaseDirectory, In("tests"));
    }

    public static string Row(string mutant, string by, string seed, string took) => $"{mutant,-50} {by,-22} {seed,10} {took,8}";

    public void Dispose() => _tree.Delete(recursive: true);

    /// <summary>Builds the core with a mistake in it and runs the simulation that should find it.</summary>
    public async Task<Found> TryAsync(Mutant mutant, string source, CancellationToken cancellation)
    {
        var path = In(mutant.File);
        var sound = await File.ReadAllTextAsync(path, cancellation);
        await File.WriteAllTextAsync(path, source, cancellation);
        var started = Stopwatch.GetTimestamp();
        var (built, said) = await RunAsync("dotnet", ["build", In(Core), "--configuration", "Release", "--output", In("core"), "--nologo",
            "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", "-p:GenerateDocumentationFile=false"], cancellation);
        Assert.True(built == 0, $"{mutant.Name} does not compile:\n{said}");
        File.Copy(In("core/UeventManager.Core.dll"), In("tests/UeventManager.Core.dll"), overwrite: true);
        var (exit, story) = await RunAsync(In("tests/UeventManager.Tests"),
            ["-noLogo", "-noColor", "-method", $"*.{mutant.Test}"], cancellation);
        await File.WriteAllTextAsync(path, sound, cancellation);
        var took = Stopwatch.GetElapsedTime(started);
        var by = exit == 0 ? null : exit < 0 ? "the deadline" : Checker().Match(story) is { Success: true } checker ? checker.Groups[1].Value : "an exception";
        return new Found(by, Seed().Match(story) is { Success: true } seed ? seed.Groups[1].Value : "", took);
    }

    private static async Task<(int Exit, string Said)> RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(s_deadline);
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException(program);
        var said = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return (-1, await said);
        }
        return (process.ExitCode, await said + await errors);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from))
        {
            if (Path.GetFileName(folder) is not ("bin" or "obj"))
                Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }

    private string In(string path) => Path.Combine(_tree.FullName, path);

    [GeneratedRegex(@"^\s*(\w+Checker): ", RegexOptions.Multiline)]
    private static partial Regex Checker();

    [GeneratedRegex(@"seed (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Seed();

    /// <param name="By">Which checker, or null if nobody did.</param>
    /// <param name="Seed">The world in which.</param>
    /// <param name="Took">To build it and to find it.</param>
    internal sealed record Found(string? By, string Seed, TimeSpan Took);
}
