using System.Text;

namespace UeventManager.Benchmarks.Report;

/// <summary>Lines on logarithmic scales, as SVG that is readable on light and on dark paper.</summary>
/// <param name="Title">Above it.</param>
/// <param name="Subtitle">Below that: on what it was measured.</param>
/// <param name="Across">The axis across: where a value stands (0 to 1) and what is written there.</param>
/// <param name="Unit">What the axis up counts.</param>
internal sealed record Picture(string Title, string Subtitle, IReadOnlyList<(double At, string Label)> Across, string Unit)
{
    private const double Left = 70, Top = 60, Width = 560, Height = 300;
    private static readonly string[] Colours = ["#888888", "#2a9d5c", "#e08a1e", "#c8452f", "#3a7bd5", "#8a5bd0"];

    /// <summary>Draws lines: points are (0 to 1 across, value).</summary>
    public string Draw(IReadOnlyList<(string Name, IReadOnlyList<(double At, double Value)> Points)> lines)
    {
        var values = lines.SelectMany(l => l.Points).Select(p => p.Value).Where(v => v > 0).DefaultIfEmpty(1).ToList();
        var (low, high) = (Math.Floor(Math.Log10(values.Min())), Math.Ceiling(Math.Log10(values.Max()) + 0.001));
        var svg = new StringBuilder();
        svg.AppendLine($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 430" role="img" aria-label="{Escape(Title)}">""");
        svg.AppendLine("<style>text{font:13px system-ui,sans-serif;fill:#333}.title{font-size:16px;font-weight:600}.small{font-size:11px}.grid{stroke:#8884;stroke-width:1}path{fill:none;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>");
        svg.AppendLine($"""<text class="title" x="{Left}" y="24">{Escape(Title)}</text><text class="small" x="{Left}" y="42">{Escape(Subtitle)}</text>""");
        for (var power = low; power <= high; power++)
        {
            var y = Y(power, low, high);
            svg.AppendLine($"""<line class="grid" x1="{Left}" x2="{Left + Width}" y1="{y:0.#}" y2="{y:0.#}"/><text x="{Left - 8}" y="{y + 4:0.#}" text-anchor="end">{Target.Number(Math.Pow(10, power))}</text>""");
        }
        foreach (var (at, label) in Across)
            svg.AppendLine($"""<line class="grid" x1="{X(at):0.#}" x2="{X(at):0.#}" y1="{Top}" y2="{Top + Height}"/><text x="{X(at):0.#}" y="{Top + Height + 20}" text-anchor="middle">{Escape(label)}</text>""");
        svg.AppendLine($"""<text class="small" x="{Left - 8}" y="{Top - 8}" text-anchor="end">{Escape(Unit)}</text>""");
        for (var i = 0; i < lines.Count; i++)
            Line(svg, lines[i].Name, lines[i].Points, Colours[i % Colours.Length], i, low, high);
        return svg.AppendLine("</svg>").ToString();
    }

    private static void Line(StringBuilder svg, string name, IReadOnlyList<(double At, double Value)> points, string colour, int index, double low, double high)
    {
        var drawn = points.Where(p => p.Value > 0).Select(p => $"{X(p.At):0.#},{Y(Math.Log10(p.Value), low, high):0.#}").ToList();
        if (drawn.Count > 0)
            svg.AppendLine($"""<path stroke="{colour}" d="M{string.Join(" L", drawn)}"/>""");
        var y = Top + 10 + index * 22;
        svg.AppendLine($"""<path stroke="{colour}" d="M{Left + Width + 14},{y} h18"/><text class="small" x="{Left + Width + 38}" y="{y + 4}">{Escape(name)}</text>""");
    }

    private static double X(double at) => Left + at * Width;

    private static double Y(double power, double low, double high) => Top + Height * (1 - (power - low) / (high - low));

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal);
}
