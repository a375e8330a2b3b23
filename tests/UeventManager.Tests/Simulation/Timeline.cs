namespace UeventManager.Tests.Simulation;

/// <summary>What happened, for people: the newest lines.</summary>
internal sealed class Timeline
{
    private const int Max = 4000;

    private readonly Queue<(long AtUsec, string Text)> _lines = new();

    public void Add(long atUsec, string text)
    {
        _lines.Enqueue((atUsec, text));
        if (_lines.Count > Max)
            _lines.Dequeue();
    }

    public override string ToString() => string.Join('\n', _lines.Select(l => $"{l.AtUsec / 1000.0,12:F3} ms  {l.Text}"));
}
