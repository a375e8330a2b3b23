namespace UeventManager.Benchmarks.Report;

/// <summary>One target and what was measured.</summary>
/// <param name="What">What is measured.</param>
/// <param name="Wanted">The target in words.</param>
/// <param name="Figure">What came out.</param>
/// <param name="IsMet">Whether that meets it; null if it was not measured.</param>
internal sealed record Target(string What, string Wanted, string Figure, bool? IsMet)
{
    /// <summary>A target that a value may not exceed.</summary>
    public static Target AtMost(string what, double value, double limit, string unit, string detail = "") =>
        Make(what, $"≤ {Number(limit)}{unit}", value, unit, value <= limit, detail);

    /// <summary>A target that a value must reach.</summary>
    public static Target AtLeast(string what, double value, double limit, string unit, string detail = "") =>
        Make(what, $"≥ {Number(limit)}{unit}", value, unit, value >= limit, detail);

    /// <summary>Three significant digits.</summary>
    public static string Number(double value) => value switch
    {
        double.NaN => "–",
        >= 1_000 => $"{value:N0}",
        >= 100 => $"{value:0}",
        >= 10 => $"{value:0.#}",
        _ => $"{value:0.##}",
    };

    private static Target Make(string what, string wanted, double value, string unit, bool met, string detail)
    {
        if (double.IsNaN(value))
            return new Target(what, wanted, "not measured", null);
        return new Target(what, wanted, $"{Number(value)}{unit}{(detail.Length > 0 ? $" ({detail})" : "")}", met);
    }
}
