namespace UeventManager.Plot;

/// <summary>
/// Converts times to places. Short activity within a long recording would be invisible on an even scale, so times without activity are shortened,
/// with a mark.
/// </summary>
internal sealed class TimeScale
{
    private const int MostPieces = 10;
    private const double BreakWidth = 14;
    private readonly List<(long From, long Until, double X, double Width)> _pieces = [];

    /// <param name="spans">The times of activity, in any order.</param>
    /// <param name="x">The left end.</param>
    /// <param name="width">The width.</param>
    public TimeScale(IEnumerable<(long From, long Until)> spans, double x, double width)
    {
        var merged = new List<(long From, long Until)>();
        foreach (var (from, until) in spans.OrderBy(static span => span.From))
        {
            if (merged.Count > 0 && from <= merged[^1].Until)
                merged[^1] = (merged[^1].From, Math.Max(merged[^1].Until, until));
            else
                merged.Add((from, Math.Max(from, until)));
        }
        if (merged.Count == 0)
            merged.Add((0, 1000));
        // The shortest pauses are not shortened.
        var rests = merged.Zip(merged.Skip(1), static (a, b) => b.From - a.Until).OrderDescending().Take(MostPieces - 1).ToList();
        var least = Math.Max(rests.Count == MostPieces - 1 ? rests[^1] : 1, (merged[^1].Until - merged[0].From) / 50);
        var pieces = new List<(long From, long Until)> { merged[0] };
        foreach (var span in merged.Skip(1))
        {
            if (pieces.Count < MostPieces && span.From - pieces[^1].Until >= least)
                pieces.Add(span);
            else
                pieces[^1] = (pieces[^1].From, Math.Max(pieces[^1].Until, span.Until));
        }
        var usable = width - ((pieces.Count - 1) * BreakWidth);
        // Each piece gets a fixed part of the width too, so that it stays visible.
        double total = pieces.Sum(static piece => (double)Math.Max(1, piece.Until - piece.From));
        foreach (var (from, until) in pieces)
        {
            var share = (0.4 * usable / pieces.Count) + (0.6 * usable * Math.Max(1, until - from) / total);
            _pieces.Add((from, Math.Max(until, from + 1), x, share));
            x += share + BreakWidth;
        }
    }

    /// <summary>The latest time.</summary>
    public long UntilUsec => _pieces[^1].Until;

    /// <summary>The places of shortened pauses.</summary>
    public IEnumerable<double> Breaks => _pieces.Skip(1).Select(static piece => piece.X - (BreakWidth / 2));

    /// <summary>The place of a time.</summary>
    public double At(long usec)
    {
        for (var i = _pieces.Count - 1; i > 0; i--)
        {
            if (usec >= _pieces[i].From)
                return Within(i, usec);
        }
        return Within(0, usec);
    }

    /// <summary>Round times, with at least a distance between them.</summary>
    public IEnumerable<(long Usec, double X)> Ticks(double distance)
    {
        var last = double.MinValue;
        foreach (var (from, until, x, width) in _pieces)
        {
            var step = Step((until - from) / Math.Max(1, width / distance));
            for (var at = from / step * step; at <= until; at += step)
            {
                if (at < from && step > until - from)
                    at = from;
                if (at < from)
                    continue;
                var place = x + (width * (at - from) / (until - from));
                if (place - last < distance)
                    continue;
                last = place;
                yield return (at, place);
            }
        }
    }

    private double Within(int piece, long usec)
    {
        var (from, until, x, width) = _pieces[piece];
        return x + (width * Math.Clamp((double)(usec - from) / (until - from), 0, 1));
    }

    private static long Step(double least)
    {
        for (long step = 10; step < long.MaxValue / 20; step *= 10)
        {
            foreach (var times in (int[])[1, 2, 5])
            {
                if (step * times >= least)
                    return step * times;
            }
        }
        return long.MaxValue / 2;
    }
}
