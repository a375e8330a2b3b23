using System.Globalization;
using System.Text.RegularExpressions;

namespace UeventManager.KernelTests.Harness;

/// <summary>
/// Reads OpenMetrics text (1.0) as strictly as a collector may: every line is a comment or a sample of its grammar; each family once, with one TYPE
/// before the others, its comments before its samples, and none of another's between; a unit that ends the name; counters with _total and not
/// negative; histograms whose buckets go up to +Inf, never fall, and agree with their count; the EOF last.
/// </summary>
public static partial class OpenMetrics
{
    public static IReadOnlyDictionary<string, double> Read(string text)
    {
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        var families = new Dictionary<string, Family>(StringComparer.Ordinal);
        Family? family = null;
        var lines = text.Split('\n');
        Assert.Equal(("# EOF", ""), (lines[^2], lines[^1]));
        foreach (var line in lines[..^2])
        {
            if (Comment().Match(line) is { Success: true } comment)
            {
                var (what, name, rest) = (comment.Groups["what"].Value, comment.Groups["name"].Value, comment.Groups["rest"].Value);
                if (what == "TYPE")
                    families.Add(name, family = new Family(name, rest));
                Assert.True(family is not null && family.Name == name && !family.HasSamples && family.Comments.Add(what), $"out of place: {line}");
                Assert.True(what != "UNIT" || name.EndsWith("_" + rest, StringComparison.Ordinal), $"the name must end with the unit: {line}");
                Assert.True(what != "HELP" || !BadEscape().IsMatch(rest), $"an escape that is none: {line}");
                continue;
            }
            var sample = Sample().Match(line);
            Assert.True(sample.Success && family is not null, $"no sample: {line}");
            family.HasSamples = true;
            var value = double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture);
            family.Take(sample.Groups["name"].Value, sample.Groups["labels"].Value, value, line);
            samples.Add(sample.Groups["name"].Value + sample.Groups["labels"].Value, value);
        }
        foreach (var one in families.Values)
            one.End();
        return samples;
    }

    private sealed class Family(string name, string type)
    {
        private readonly Dictionary<string, double> _lastBucket = new(StringComparer.Ordinal);
        private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
        private readonly Dictionary<string, double> _counts = new(StringComparer.Ordinal);

        public string Name => name;

        public HashSet<string> Comments { get; } = [];

        public bool HasSamples { get; set; }

        public void Take(string sample, string labels, double value, string line)
        {
            string[] suffixes = type switch { "counter" => ["_total"], "gauge" => [""], "histogram" => ["_bucket", "_count", "_sum"], _ => [] };
            Assert.True(suffixes.Any(suffix => name + suffix == sample), $"no sample of a {type} {name}: {line}");
            Assert.True(type == "gauge" || value >= 0, $"negative: {line}");
            if (type != "histogram" || sample == name + "_sum")
                return;
            var series = BucketBound().Replace(labels, "").Replace(",}", "}", StringComparison.Ordinal);
            if (sample == name + "_count")
            {
                _counts.Add(series, value);
                return;
            }
            var bound = BucketBound().Match(labels);
            Assert.True(bound.Success && !_ended.Contains(series) && value >= _lastBucket.GetValueOrDefault(series), $"a bucket that is out of order: {line}");
            _lastBucket[series] = value;
            if (bound.Groups["bound"].Value == "+Inf")
                _ended.Add(series);
        }

        public void End()
        {
            Assert.Contains("HELP", Comments);
            Assert.Equal(_lastBucket.Keys.Order(StringComparer.Ordinal), _ended.Order(StringComparer.Ordinal));
            Assert.Equal(_lastBucket.OrderBy(one => one.Key, StringComparer.Ordinal), _counts.OrderBy(one => one.Key, StringComparer.Ordinal));
        }
    }

    [GeneratedRegex("^# (?<what>TYPE|HELP|UNIT) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<rest>.+)$")]
    private static partial Regex Comment();

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\["\\n])*")*\})? (?<value>-?(?:[0-9]+(?:\.[0-9]+)?|\+Inf|NaN))$""")]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<=[{,])le="(?<bound>\+Inf|[0-9]+\.[0-9]+)",?""")]
    private static partial Regex BucketBound();

    [GeneratedRegex("""(?<!\\)\\(?:\\\\)*(?![\\n"])""")]
    private static partial Regex BadEscape();
}
