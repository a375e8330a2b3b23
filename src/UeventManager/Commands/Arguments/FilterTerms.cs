using UeventManager.Client;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// The terms of one filter, by key. Positive patterns of a key are alternatives; each negated one must hold, so a second negated one cannot be in the
/// same list of the protocol, where all patterns are alternatives.
/// </summary>
internal sealed class FilterTerms
{
    private readonly Dictionary<(string Kind, string? Name), List<string>> _patterns = [];

    /// <summary>True if there are no terms.</summary>
    public bool IsEmpty => _patterns.Count == 0;

    /// <summary>Adds a pattern.</summary>
    public void Add(string kind, string? name, string pattern)
    {
        if (!_patterns.TryGetValue((kind, name), out List<string>? list))
            _patterns[(kind, name)] = list = [];
        list.Add(pattern);
    }

    /// <summary>All terms as one filter.</summary>
    public DeviceFilter ToFilter()
    {
        var filter = new DeviceFilter();
        var more = new List<DeviceFilter>();
        foreach (((string kind, string? name), List<string> patterns) in _patterns)
        {
            string[] positive = [.. patterns.Where(static one => !one.StartsWith('!')).Distinct()];
            string[] negated = [.. patterns.Where(static one => one.StartsWith('!')).Distinct()];
            string[][] groups = [.. (positive.Length > 0 ? new[] { positive } : []).Concat(negated.Select(static one => new[] { one }))];
            for (int i = 0; i < groups.Length; i++)
            {
                if (name is not null && groups[i].Length > 1)
                    more.Add(new DeviceFilter { Alternatives = [.. groups[i].Select(one => With(new DeviceFilter(), kind, name, [one]))] });
                else if (i == 0)
                    filter = With(filter, kind, name, groups[i]);
                else
                    more.Add(With(new DeviceFilter(), kind, name, groups[i]));
            }
        }
        return All([filter, .. more]);
    }

    /// <summary>The filter for a list of patterns of one key.</summary>
    public static DeviceFilter Of(string kind, IEnumerable<string> patterns)
    {
        var terms = new FilterTerms();
        foreach (string pattern in patterns)
            terms.Add(kind, null, pattern);
        return terms.ToFilter();
    }

    /// <summary>A filter that requires all of several filters. Those with alternatives come last, so that little is written twice.</summary>
    public static DeviceFilter All(IEnumerable<DeviceFilter> filters)
    {
        DeviceFilter[] ordered = [.. filters.Where(static one => !one.IsEmpty).OrderBy(static one => one.Alternatives.Count == 0 ? 0 : 1)];
        return ordered.Length == 0 ? new DeviceFilter() : ordered.Reverse().Aggregate(static (all, one) => one.And(all));
    }

    private static DeviceFilter With(DeviceFilter filter, string kind, string? name, string[] patterns) => kind switch
    {
        "subsystem" => filter with { Subsystems = patterns },
        "devtype" => filter with { DevTypes = patterns },
        "devpath" => filter with { DevPaths = patterns },
        "sysname" => filter with { SysNames = patterns },
        "action" => filter with { Actions = patterns },
        "tag" => filter with { Tags = patterns },
        "parent" => filter with { Parents = patterns },
        FilterKeys.Property => filter with { Properties = Pair(filter.Properties, name!, patterns[0]) },
        FilterKeys.Attribute => filter with { Attributes = Pair(filter.Attributes, name!, patterns[0]) },
        FilterKeys.Variable => filter with { Variables = Pair(filter.Variables, name!, patterns[0]) },
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no key of a filter"),
    };

    private static Dictionary<string, string> Pair(IReadOnlyDictionary<string, string> before, string name, string pattern) =>
        new(before, StringComparer.Ordinal) { [name] = pattern };
}
