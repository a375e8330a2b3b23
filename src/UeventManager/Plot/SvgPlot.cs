using System.Globalization;
using System.Text;

namespace UeventManager.Plot;

/// <summary>
/// Draws rows as SVG, light or dark as the reader prefers. Labels and delays have columns of their own, so that texts do not overlap.
/// </summary>
/// <param name="rows">The rows.</param>
/// <param name="title">The title.</param>
internal sealed class SvgPlot(IReadOnlyList<PlotRow> rows, string title)
{
    private const int Width = 1200;
    private const int LabelWidth = 300;
    private const int DelayWidth = 84;
    private const int RowHeight = 18;
    private const int LaneHeight = 6;
    private const int MostLanes = 16;
    private const int Top = 74;
    private const int Right = 24;
    private const int LabelCharacters = 42;
    private const double TickDistance = 92;
    private const double ChartX = LabelWidth + DelayWidth + 12;

    private const string Style = """
        svg{color-scheme:light dark;--bg:#fff;--fg:#1b1b1f;--dim:#5c5f66;--grid:#d9dbe0;--wait:#e8a33d;--bad:#c62f2f;--done:#2f7d4f;--item:#2458b8;--block:#7a4fb5}
        @media(prefers-color-scheme:dark){svg{--bg:#16171b;--fg:#e6e7ea;--dim:#a3a7b0;--grid:#34373f;--wait:#d98f26;--bad:#ff6b6b;--done:#5fc98a;--item:#7fb0ff;--block:#c39bff}}
        text{font:11px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:var(--fg)} .dim{fill:var(--dim)} .h{font-size:15px;font-weight:bold}
        .grid{stroke:var(--grid)} .wait{fill:var(--wait)} .late{fill:var(--wait);opacity:.35} .bad{fill:var(--bad)} .done{fill:var(--done)} .item{stroke:var(--item);stroke-width:1.5} .gone{stroke:var(--dim);stroke-width:2}
        .group{stroke:var(--done);fill:none;stroke-width:1.5} .row:hover rect.back{fill:var(--grid);opacity:.45} .back{fill:transparent} .break{stroke:var(--dim);stroke-dasharray:2 3} .off{opacity:.12}
        """;

    private readonly TimeScale _scale = new(rows.SelectMany(static row => row.Devices).Select(static device => (device.AddUsec, device.EndUsec)), ChartX, Width - ChartX - Right);
    private readonly StringBuilder _svg = new();
    private readonly List<int> _tops = [];

    /// <summary>Draws the plot.</summary>
    public string Draw()
    {
        List<int[]> lanes = [.. rows.Select(LanesOf)];
        var bottom = Top;
        foreach (var used in lanes)
        {
            _tops.Add(bottom);
            bottom += Math.Max(RowHeight, (used.Max() + 1) * LaneHeight + 6);
        }
        _tops.Add(bottom);
        var height = bottom + 16;
        _svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" role=\"img\">\n<title>{Escape(title)}</title>\n<style>{Style}</style>\n");
        _svg.Append("<defs><pattern id=\"hatch\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"2\" height=\"5\" fill=\"var(--block)\"/></pattern></defs>\n");
        _svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"var(--bg)\"/>\n<text class=\"h\" x=\"12\" y=\"22\">{Escape(Fit(title, 110))}</text>\n");
        Legend();
        Axis(height);
        for (var i = 0; i < rows.Count; i++)
            Row(rows[i], _tops[i], _tops[i + 1] - _tops[i], lanes[i]);
        Groups();
        return _svg.Append("</svg>\n").ToString();
    }

    /// <summary>A duration as text.</summary>
    public static string Time(long usec) => usec >= 1_000_000 ? (usec / 1e6).ToString("0.###", CultureInfo.InvariantCulture) + " s" : (usec / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + " ms";

    /// <summary>A time as text, in microseconds, so that times within one millisecond can be told apart.</summary>
    public static string Moment(long usec) => usec >= 1_000_000 ? (usec / 1e6).ToString("0.######", CultureInfo.InvariantCulture) + " s" : Time(usec);

    /// <summary>Escapes text for XML; unprintable characters become visible.</summary>
    public static string Escape(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var c in Printable.Text(text))
        {
            result.Append(c switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                '\ufffe' or '\uffff' => "\ufffd",
                _ => c.ToString(),
            });
        }
        return result.ToString();
    }

    private void Legend()
    {
        (string Shape, string Text)[] all =
        [
            ("<rect class=\"wait\" width=\"16\" height=\"8\" y=\"-8\"/>", "incomplete"), ("<path class=\"item\" d=\"M8 -10v12\"/>", "something appeared"), ("<path class=\"done\" d=\"M8 -10l5 5l-5 5l-5-5z\"/>", "announced complete"),
            ("<path class=\"bad\" d=\"M8 -10l5 5l-5 5l-5-5z\"/>", "announced INCOMPLETE"), ("<rect width=\"16\" height=\"8\" y=\"-8\" fill=\"url(#hatch)\"/>", "a read that blocks"), ("<path class=\"gone\" d=\"M4 -9l8 8m0-8l-8 8\"/>", "gone"),
        ];
        for (var i = 0; i < all.Length; i++)
            _svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({12 + (i * 180)},42)\">{all[i].Shape}<text class=\"dim\" x=\"22\">{all[i].Text}</text></g>\n");
    }

    private void Axis(int height)
    {
        var distance = Math.Max(TickDistance, 16 + (7 * (_scale.UntilUsec / 1_000_000).ToString(CultureInfo.InvariantCulture).Length) + 68);
        foreach (var (usec, x) in _scale.Ticks(distance))
            _svg.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{x:0.#} {Top - 8}V{height - 10}\"/><text class=\"dim\" x=\"{Math.Min(x, Width - distance + 4):0.#}\" y=\"{Top - 12}\">{Moment(usec)}</text>\n");
        foreach (var x in _scale.Breaks)
            _svg.Append(CultureInfo.InvariantCulture, $"<path class=\"break\" d=\"M{x:0.#} {Top - 8}V{height - 10}\"><title>time without activity is left out here</title></path>\n");
    }

    // Devices of a shared row that would overlap are drawn below each other.
    private int[] LanesOf(PlotRow row)
    {
        var lanes = new int[row.Devices.Count];
        var ends = new List<double>();
        foreach (var (device, number) in row.Devices.Select(static (device, number) => (device, number)).OrderBy(static one => one.device.AddUsec))
        {
            var lane = ends.FindIndex(end => end < _scale.At(device.AddUsec));
            if (lane < 0 && ends.Count < MostLanes)
            {
                lane = ends.Count;
                ends.Add(0);
            }
            else if (lane < 0)
            {
                lane = ends.IndexOf(ends.Min());
            }
            ends[lane] = Math.Max(ends[lane], _scale.At(device.EndUsec) + LaneHeight);
            lanes[number] = lane;
        }
        return lanes;
    }

    private void Row(PlotRow row, int y, int height, int[] lanes)
    {
        var middle = y + (RowHeight / 2);
        _svg.Append(CultureInfo.InvariantCulture, $"<g class=\"row\" data-name=\"{Escape(string.Join(' ', row.Devices.Select(static device => device.DevPath)))}\"><title>{Escape(Hover(row)).Replace("\\x0a", "\n", StringComparison.Ordinal)}</title><rect class=\"back\" y=\"{y}\" width=\"{Width}\" height=\"{height}\"/>");
        var indent = Math.Min(row.Depth, 8) * 10;
        _svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{12 + indent}\" y=\"{middle + 4}\">{Escape(Fit(row.Label, LabelCharacters - (indent / 6)))}</text>");
        var worst = row.Devices.Max(static device => device.CompleteUsec - device.AddUsec);
        _svg.Append(CultureInfo.InvariantCulture, $"<text class=\"dim\" text-anchor=\"end\" x=\"{LabelWidth + DelayWidth - 4}\" y=\"{middle + 4}\">{(worst == 0 ? "\u2013" : Time(worst))}</text>");
        if (row.Devices.Count == 1)
            Device(row.Devices[0], y, middle);
        for (var i = 0; i < row.Devices.Count && row.Devices.Count > 1; i++)
            Folded(row.Devices[i], y + 3 + (lanes[i] * LaneHeight));
        _svg.Append("</g>\n");
    }

    // A device in a shared row shows only how long it was incomplete and how it was announced.
    private void Folded(PlotDevice device, int y)
    {
        var (from, until) = (_scale.At(device.AddUsec), _scale.At(device.CompleteUsec));
        _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"wait\" x=\"{from:0.#}\" y=\"{y + 1}\" width=\"{Math.Max(2, until - from):0.#}\" height=\"4\"/>");
        if (device.AnnouncedUsec is { } told && _scale.At(told) is var x)
            _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"{(device.IsIncomplete ? "bad" : "done")}\" x=\"{x - 1:0.#}\" y=\"{y}\" width=\"3\" height=\"6\"/>");
    }

    private void Device(PlotDevice device, int y, int middle)
    {
        var (from, until) = (_scale.At(device.AddUsec), _scale.At(device.CompleteUsec));
        _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"wait\" x=\"{from:0.#}\" y=\"{y + 5}\" width=\"{Math.Max(2, until - from):0.#}\" height=\"8\"/>");
        if (device.AnnouncedUsec is { } announced && announced > device.CompleteUsec)
            _svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"late\" x=\"{until:0.#}\" y=\"{y + 7}\" width=\"{Math.Max(0, _scale.At(announced) - until):0.#}\" height=\"4\"/>");
        foreach (var (_, blockedFrom, blockedUntil) in device.Blocked)
            _svg.Append(CultureInfo.InvariantCulture, $"<rect fill=\"url(#hatch)\" x=\"{_scale.At(blockedFrom):0.#}\" y=\"{y + 4}\" width=\"{Math.Max(3, _scale.At(blockedUntil) - _scale.At(blockedFrom)):0.#}\" height=\"10\"/>");
        foreach (var at in device.Items.Select(item => Math.Round(_scale.At(item.AtUsec), 1)).Distinct())
            _svg.Append(CultureInfo.InvariantCulture, $"<path class=\"item\" d=\"M{at} {y + 3}v12\"/>");
        if (device.AnnouncedUsec is { } told)
            _svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{(device.IsIncomplete ? "bad" : "done")}\" d=\"M{_scale.At(told):0.#} {middle - 5}l5 5l-5 5l-5-5z\"/>");
        if (device.GoneUsec is { } gone && gone <= device.EndUsec)
            _svg.Append(CultureInfo.InvariantCulture, $"<path class=\"gone\" d=\"M{_scale.At(gone) - 4:0.#} {middle - 4}l8 8m0-8l-8 8\"/>");
    }

    // A bracket over the rows of a group that was announced together.
    private void Groups()
    {
        var places = rows.SelectMany((row, index) => row.Devices.Select(device => (device, index))).Where(static one => one.device is { Group: > 0, AnnouncedUsec: not null }).ToLookup(static one => one.device.Group);
        foreach (var group in places.Where(static group => group.Select(static one => one.index).Distinct().Count() > 1))
        {
            var x = _scale.At(group.Max(static one => one.device.AnnouncedUsec!.Value)) + 8;
            var (first, last) = (_tops[group.Min(static one => one.index)] + 3, _tops[group.Max(static one => one.index) + 1] - 3);
            _svg.Append(CultureInfo.InvariantCulture, $"<path class=\"group\" d=\"M{x:0.#} {first}h5V{last}h-5\"><title>announced together: {group.Count()} devices</title></path>\n");
        }
    }

    private static string Hover(PlotRow row)
    {
        var lines = row.Devices.Take(12).SelectMany(static device => new[] { $"{device.DevPath}: add at {Moment(device.AddUsec)}, complete after {Time(device.CompleteUsec - device.AddUsec)}" }
            .Concat(device.AnnouncedUsec is { } announced ? [$"  announced after {Time(announced - device.AddUsec)}"] : [])
            .Concat(device.Outcome.Length > 0 ? [$"  {device.Outcome}"] : [])
            .Concat(device.Items.Take(20).Select(item => $"  +{Time(item.AtUsec - device.AddUsec)} {item.Name}"))
            .Concat(device.Blocked.Take(5).Select(static one => $"  reading {one.Name} took {Time(one.UntilUsec - one.FromUsec)}")));
        return string.Join('\n', lines) + (row.Devices.Count > 12 ? $"\n… and {row.Devices.Count - 12} more" : "");
    }

    private static string Fit(string text, int most)
    {
        text = Printable.Text(text);
        return text.Length <= most ? text : string.Concat(text.AsSpan(0, most / 2), "…", text.AsSpan(text.Length - (most - (most / 2) - 1)));
    }
}
