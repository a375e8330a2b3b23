using System.Buffers;
using System.Text;
using UeventManager.Core.Recording;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Engine;

/// <summary>The engine is recorded, and told once more what it was told.</summary>
internal sealed partial class EngineWorld
{
    private readonly TapeWriter _tape = new();
    private readonly List<RuleSet> _tapeRules = [];
    private byte[]? _tapeState;
    private long _tapeUsec;

    /// <summary>True once it is recorded.</summary>
    public bool IsTaped => Engine.Tap is not null;

    /// <summary>What was written down, by way of the lines that stand in a file.</summary>
    public ReadOnlySpan<byte> TapeOfLines()
    {
        var lines = new ArrayBufferWriter<byte>();
        new TapeLines(lines, default).Write(_tape.Written);
        var read = new TapeWriter();
        foreach (var line in Encoding.UTF8.GetString(lines.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Assert.Null(TapeLines.TryRead(Encoding.UTF8.GetBytes(line), read));
        return read.Written;
    }

    /// <summary>Records it from now on, as <c>record --daemon</c> does: it goes on from what it would hand over, and looks that are under way are given up.</summary>
    public void BeginTape()
    {
        _tapeUsec = Now;
        _tapeState = Engine.Rebase(Now);
        _reads.Clear();
        Attach();
        Engine.Resume(Now);
        Carry();
    }

    /// <summary>Records it from its beginning on.</summary>
    public void BeginTapeAnew()
    {
        _tapeUsec = Now;
        Attach();
        if (_listensToUdev)
            Engine.ListenToUdev(goesOn: true);
    }

    /// <summary>Tells another engine what was recorded.</summary>
    /// <param name="without">The number of a frame that is left out; -1 for none.</param>
    public TapeReplay ReplayTape(int without = -1)
    {
        var rules = new Queue<RuleSet>(_tapeRules);
        var replay = new TapeReplay(rules.Dequeue(), _tapeState, _tapeUsec);
        var rest = TapeOfLines();
        for (var number = 0; TapeReader.TryTake(ref rest, out var kind, out var frame); number++)
        {
            if (kind == TapeKind.RulesReplaced)
                replay.NextRules = rules.Dequeue();
            if (number != without && kind < TapeKind.Rules)
                replay.Take(kind, frame);
        }
        replay.End();
        return replay;
    }

    private void Attach()
    {
        _tapeRules.Add(Engine.Rules);
        Engine.Tap = new EngineTape(_tape) { RulesBegin = _tapeRules.Add };
    }
}
