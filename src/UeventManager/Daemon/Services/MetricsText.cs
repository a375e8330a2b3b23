using System.Globalization;
using System.Text;
using UeventManager.Core.Dispatch;

namespace UeventManager.Daemon.Services;

/// <summary>
/// Writes metrics as text: families with help and type, each once, samples without timestamps, as node_exporter's textfile collector wants them.
/// The two formats differ in what the family of a counter is called, in UNIT lines, and in the end mark.
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

    /// <summary>Writes the histograms of how long events took.</summary>
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
    /// <param name="name">Its name.</param>
    /// <param name="help">What it counts.</param>
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

    // OpenMetrics wants the type first; the other format does not mind.
    private void Head(string family, string type, string help)
    {
        Line($"# TYPE {family} {type}");
        if (isOpenMetrics && family.EndsWith(Metric.SecondsSuffix, StringComparison.Ordinal))
            Line($"# UNIT {family} seconds");
        Line($"# HELP {family} {help}");
    }

    private void Line(FormattableString line) => _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    // OpenMetrics wants a point in the bounds of buckets.
    private static string Seconds(long usec) => (usec / 1e6).ToString("0.0#####", CultureInfo.InvariantCulture);

    // Two names never become one label: a collector would refuse the whole text for a sample that is there twice. So a backslash of the name's own
    // cannot be taken for an escaped character.
    private static string Escape(string name) =>
        Printable.Text(name.Replace("\\", "\\x5c", StringComparison.Ordinal)).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}

/// <summary>A counter or a gauge.</summary>
/// <param name="Name">Its name, without the suffix of a counter; it ends with <c>_seconds</c> if it is a time.</param>
/// <param name="Help">What it counts.</param>
/// <param name="IsCounter">True for a counter.</param>
/// <param name="Value">Its value now; a time in microseconds.</param>
internal sealed record Metric(string Name, string Help, bool IsCounter, Func<long> Value)
{
    /// <summary>What the name of a time ends with.</summary>
    public const string SecondsSuffix = "_seconds";

    /// <summary>True for a time.</summary>
    public bool IsSeconds { get; } = Name.EndsWith(SecondsSuffix, StringComparison.Ordinal);
}
