using System.Buffers;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Recording;

/// <summary>Takes a daemon's recording from its first frame on: the rules and the state with which it began, then what the engine was told.</summary>
/// <param name="load">Makes rules of the files that they were read from.</param>
public sealed class TapePlayer(Func<IReadOnlyList<RuleSource>, RuleSet> load)
{
    // Beyond it no daemon hands anything over.
    private const int MostState = 1 << 30;
    private const int MostFiles = 65_536;

    private readonly ArrayBufferWriter<byte> _state = new();
    private RuleSet? _rules;

    /// <summary>The replay, once it has begun.</summary>
    public TapeReplay? Replay { get; private set; }

    /// <summary>Called when it begins.</summary>
    public Action<TapeReplay>? Begun { get; set; }

    /// <summary>Takes whole frames.</summary>
    /// <exception cref="FormatException">One is none, or comes too early.</exception>
    public void Take(ReadOnlySpan<byte> frames)
    {
        while (TapeReader.TryTake(ref frames, out var kind, out var frame))
        {
            if (kind == TapeKind.Rules)
                TakeRules(frame);
            else if (kind == TapeKind.State)
                TakeState(frame);
            else if (kind < TapeKind.Rules)
                (Replay ?? throw new FormatException("an input comes before what the engine knew")).Take(kind, frame);
        }
    }

    private void TakeRules(ReadOnlySpan<byte> frame)
    {
        var from = new TapeReader(frame);
        var sources = new List<RuleSource>();
        for (var i = from.Number(0, MostFiles); i > 0; i--)
            sources.Add(new RuleSource(from.Text() ?? "", from.Text() ?? ""));
        _rules = load(sources);
        Replay?.NextRules = _rules;
    }

    private void TakeState(ReadOnlySpan<byte> frame)
    {
        var from = new TapeReader(frame);
        var (nowUsec, more) = (from.Count(), from.Flag());
        if (Replay is not null || _state.WrittenCount > MostState)
            throw new FormatException("what the engine knew comes twice, or does not end");
        _state.Write(from.Bytes());
        if (more)
            return;
        try
        {
            Replay = new TapeReplay(_rules ?? throw new FormatException("the rules are missing"), _state.WrittenSpan.ToArray(), nowUsec);
        }
        catch (SnapshotException e)
        {
            throw new FormatException($"what the engine knew is broken: {e.Message}", e);
        }
        _state.Clear();
        Begun?.Invoke(Replay);
    }
}
