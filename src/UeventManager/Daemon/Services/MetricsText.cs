using System.Globalization;
using System.Text;
using UeventManager.Core.Dispatch;

namespace UeventManager.Daemon.Services;

/// <summary>
/// Writes metrics as text: families with help and type, each once, and samples without timestamps, as node_exporter's textfile collector requires.
/// The two formats differ in the name of a counter's family, in UNIT lines, and in the end mark.
/// </summary>
/// <param name="isOpenMetrics">True for OpenMetrics 1.0, false for the Prometheus text format 0.0.4.</param>
internal sealed class MetricsText(bool isOpenMetrics)
{
    private readonly StringBuilder _text = new();

    /// <summary>Writes a counter or a gauge.</summary>
    public void Write(Metric metric)
    {
        var sample = metric.IsCounter ? metric.Name + "_total" : metric.Name;
        Head(isOpenMetrics ? metric.Name : sample, metric.IsCounter ? "counter" : "gauge", metric.Help);
        Line($"{sample} {(metric.IsSeconds ? Seconds(metric.Value()) : metric.Value().ToString(CultureInfo.InvariantCulture))}");
    }

    /// <summary>Writes the histograms of times from arrival to delivery.</summary>
    public void Write(string name, string help, LagHistogram lags)
    {
        Head(name, "histogram", help);
        foreach (var (subsystem, row) in lags.Rows)
        {
            var label = $"subsystem=\"{Escape(subsystem)}\"";
            long sum = 0;
            for (var i = 0; i < row.Buckets.Count; i++)
            {
                sum += row.Buckets[i];
                var bound = i < LagHistogram.BoundsUsec.Count ? Seconds(LagHistogram.BoundsUsec[i]) : "+Inf";
                Line($"{name}_bucket{{{label},le=\"{bound}\"}} {sum}");
            }
            Line($"{name}_sum{{{label}}} {Seconds(row.SumUsec)}");
            Line($"{name}_count{{{label}}} {sum}");
        }
    }

    /// <summary>Writes a counter by subsystem.</summary>
    /// <param name="name">The counter's name.</param>
    /// <param name="help">The counter's meaning.</param>
    /// <param name="rows">The subsystems.</param>
    public void Write(string name, string help, IEnumerable<(string Subsystem, long Value)> rows)
    {
        Head(isOpenMetrics ? name : name + "_total", "counter", help);
        foreach (var (subsystem, value) in rows)
            Line($"{name}_total{{subsystem=\"{Escape(subsystem)}\"}} {value}");
    }

    /// <summary>Ends the text and returns it.</summary>
    public string End()
    {
        if (isOpenMetrics)
            _text.Append("# EOF\n");
        return _text.ToString();
    }

    // OpenMetrics requires the type first; the other format accepts it.
    private void Head(string family, string type, string help)
    {
        Line($"# TYPE {family} {type}");
        if (isOpenMetrics && family.EndsWith(Metric.SecondsSuffix, StringComparison.Ordinal))
            Line($"# UNIT {family} seconds");
        Line($"# HELP {family} {help}");
    }

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    // OpenMetrics requires a decimal point in the bounds of buckets.
    private static string Seconds(long usec) => (usec / 1e6).ToString("0.0#####", CultureInfo.InvariantCulture);

    // Two names never become the same label, because a collector would refuse the whole text for a duplicate sample. So a backslash in the name is
    // escaped too, and cannot look like an escaped character.
    private static string Escape(string name) =>
        Printable.Text(name.Replace("\\", "\\x5c", StringComparison.Ordinal)).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}

/// <summary>A counter or a gauge.</summary>
/// <param name="Name">The name, without a counter's suffix; it ends with <c>_seconds</c> for a time.</param>
/// <param name="Help">The meaning.</param>
/// <param name="IsCounter">True for a counter.</param>
/// <param name="Value">Returns the present value; a time in microseconds.</param>
internal sealed record Metric(string Name, string Help, bool IsCounter, Func<long> Value)
{
    /// <summary>The suffix of a time's name.</summary>
    public const string SecondsSuffix = "_seconds";

    /// <summary>True for a time.</summary>
    public bool IsSeconds { get; } = Name.EndsWith(SecondsSuffix, StringComparison.Ordinal);
}
