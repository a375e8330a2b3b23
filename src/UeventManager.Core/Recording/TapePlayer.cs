using System.Buffers;
using UeventManager.Core.Rules;
using UeventManager.Core.Snapshots;

namespace UeventManager.Core.Recording;

/// <summary>Plays a daemon's recording from its first frame: the initial rules and state, then the inputs.</summary>
/// <param name="load">Loads rules from the texts of their files.</param>
public sealed class TapePlayer(Func<IReadOnlyList<RuleSource>, RuleSet> load)
{
    // Larger than any daemon's hand-over.
    private const int MostState = 1 << 30;
    private const int MostFiles = 65_536;

    private readonly ArrayBufferWriter<byte> _state = new();
    private RuleSet? _rules;

    /// <summary>The replay; null until the state has been read.</summary>
    public TapeReplay? Replay { get; private set; }

    /// <summary>Called when the replay begins.</summary>
    public Action<TapeReplay>? Begun { get; set; }

    /// <summary>Takes complete frames.</summary>
    /// <exception cref="FormatException">A frame is malformed, or comes too early.</exception>
    public void Take(ReadOnlySpan<byte> frames)
    {
        while (TapeReader.TryTake(ref frames, out var kind, out var frame))
        {
            if (kind == TapeKind.Rules)
                TakeRules(frame);
            else if (kind == TapeKind.State)
                TakeState(frame);
            else if (kind < TapeKind.Rules)
                (Replay ?? throw new FormatException("an input comes before the engine's state")).Take(kind, frame);
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
            throw new FormatException("the engine's state comes twice, or does not end");
        _state.Write(from.Bytes());
        if (more)
            return;
        try
        {
            Replay = new TapeReplay(_rules ?? throw new FormatException("the rules are missing"), _state.WrittenSpan.ToArray(), nowUsec);
        }
        catch (SnapshotException e)
        {
            throw new FormatException($"the engine's state is damaged: {e.Message}", e);
        }
        _state.Clear();
        Begun?.Invoke(Replay);
    }
}
