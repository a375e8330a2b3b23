using System.Runtime.CompilerServices;
using System.Text;

namespace UeventManager.Tests.Simulation;

/// <summary>What happened, for people: the newest lines. A world that fails is run once more with one that listens.</summary>
internal sealed class Timeline(bool isRecording)
{
    private const int Max = 4000;

    private readonly Queue<(long AtUsec, string Text)> _lines = new();

    public bool IsRecording => isRecording;

    public void Add(long atUsec, string text)
    {
        if (!isRecording)
            return;
        _lines.Enqueue((atUsec, text));
        if (_lines.Count > Max)
            _lines.Dequeue();
    }

    public void Add(long atUsec, [InterpolatedStringHandlerArgument("")] ref Line line) => Add(atUsec, line.Text);

    public override string ToString() => string.Join('\n', _lines.Select(l => $"{l.AtUsec / 1000.0,12:F3} ms  {l.Text}"));

    /// <summary>Puts nothing together where nobody listens.</summary>
    [InterpolatedStringHandler]
    internal readonly struct Line
    {
        private readonly StringBuilder? _text;

        public Line(int literalLength, int formattedCount, Timeline timeline, out bool isWanted)
        {
            isWanted = timeline.IsRecording;
            _text = isWanted ? new StringBuilder(literalLength + 16 * formattedCount) : null;
        }

        public string Text => _text?.ToString() ?? "";

        public void AppendLiteral(string text) => _text!.Append(text);

        public void AppendFormatted<T>(T value) => _text!.Append(value);
    }
}
