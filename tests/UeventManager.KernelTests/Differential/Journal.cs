using System.Diagnostics;
using System.Text;

namespace UeventManager.KernelTests.Differential;

/// <summary>What was done in a round, and when; written to a file when the round fails.</summary>
internal sealed class Journal
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<string> _lines = [];

    public void Note(string line) => _lines.Add($"{Stopwatch.GetElapsedTime(_start).TotalMilliseconds,8:F1} {line}");

    public string Tail(int count) => string.Join('\n', _lines.TakeLast(count));

    public override string ToString() => new StringBuilder().AppendJoin('\n', _lines).Append('\n').ToString();
}
