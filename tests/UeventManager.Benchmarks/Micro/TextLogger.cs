using BenchmarkDotNet.Loggers;

namespace UeventManager.Benchmarks.Micro;

/// <summary>BenchmarkDotNet's progress, away from standard output: that is for the table alone.</summary>
internal sealed class TextLogger(TextWriter output) : ILogger
{
    public string Id => nameof(TextLogger);

    public int Priority => 0;

    public void Write(LogKind logKind, string text) => output.Write(text);

    public void WriteLine() => output.WriteLine();

    public void WriteLine(LogKind logKind, string text) => output.WriteLine(text);

    public void Flush() => output.Flush();
}
