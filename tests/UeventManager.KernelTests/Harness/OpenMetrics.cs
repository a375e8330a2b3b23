using System.Globalization;
using System.Text.RegularExpressions;

namespace UeventManager.KernelTests.Harness;

/// <summary>Reads OpenMetrics text as strictly as a collector does: each family once, its TYPE first, only its own samples, the EOF last.</summary>
public static partial class OpenMetrics
{
    public static IReadOnlyDictionary<string, double> Read(string text)
    {
        var samples = new Dictionary<string, double>(StringComparer.Ordinal);
        var families = new Dictionary<string, string>(StringComparer.Ordinal);
        var family = "";
        var lines = text.Split('\n');
        Assert.Equal(("# EOF", ""), (lines[^2], lines[^1]));
        foreach (var line in lines[..^2])
        {
            if (Comment().Match(line) is { Success: true } comment)
            {
                if (comment.Groups["what"].Value == "TYPE")
                    families.Add(family = comment.Groups["name"].Value, comment.Groups["rest"].Value);
                Assert.Equal(family, comment.Groups["name"].Value);
                continue;
            }
            var sample = Sample().Match(line);
            Assert.True(sample.Success, $"no sample: {line}");
            string[] suffixes = families[family] switch { "counter" => ["_total"], "gauge" => [""], "histogram" => ["_bucket", "_count", "_sum"], _ => [] };
            Assert.Contains(sample.Groups["name"].Value, suffixes.Select(suffix => family + suffix));
            samples.Add(sample.Groups["name"].Value + sample.Groups["labels"].Value, double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture));
        }
        return samples;
    }

    [GeneratedRegex("^# (?<what>TYPE|HELP|UNIT) (?<name>[a-z_]+) (?<rest>.+)$")]
    private static partial Regex Comment();

    [GeneratedRegex("^(?<name>[a-z_]+)(?<labels>\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\\})? (?<value>[0-9.]+)$")]
    private static partial Regex Sample();
}
