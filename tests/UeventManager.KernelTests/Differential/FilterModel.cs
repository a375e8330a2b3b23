using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace UeventManager.KernelTests.Differential;

/// <summary>A filter as the protocol's text has it, and the test's own answer to whom it wants.</summary>
internal sealed record FilterModel(string[]? Subsystems, string[]? DevTypes, string[]? DevPaths, string[]? SysNames, string? Tag)
{
    public object ToParameter()
    {
        var parts = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, globs) in Lists().Where(list => list.Globs is not null))
            parts[name] = globs!;
        if (Tag is not null)
            parts["properties"] = new { TAG = Tag };
        if (Alternatives is not null)
            parts["alternatives"] = Alternatives.Select(one => one.ToParameter()).ToArray();
        return parts;
    }

    /// <summary>Filters of which one must want it too.</summary>
    public FilterModel[]? Alternatives { get; init; }

    /// <summary>A device can enter or leave it during its life.</summary>
    public bool CanChange => DevPaths is not null || SysNames is not null || Tag is not null || Alternatives?.Any(one => one.CanChange) == true;

    public bool HasPaths => DevPaths is not null || Alternatives?.Any(one => one.HasPaths) == true;

    public bool Wants(JsonObject device) =>
        Any(Subsystems, Text(device["subsystem"])) && Any(DevTypes, Text(device["devtype"])) && Any(DevPaths, Text(device["devpath"])) && Any(SysNames, Text(device["sysname"]))
        && (Tag is null || Matches(Tag, Text(device["properties"]?["TAG"])))
        && (Alternatives is null || Alternatives.Any(one => one.Wants(device)));

    public static FilterModel Random(Operation operation) => operation.Chance(30, 40)
        ? (operation.Chance(40, 41) ? Random(operation, 60) : new FilterModel(null, null, null, null, null)) with { Alternatives = [Random(operation, 80), Random(operation, 100)] }
        : Random(operation, 0);

    private static FilterModel Random(Operation operation, int more)
    {
        string[][] subsystems = [["bare"], ["two", "grp"], ["!one"], ["b*"], ["six", "bus"]];
        string[][] paths = [["/devices/t0/**"], ["!/devices/t1/**"], ["/devices/*/k1", "/devices/*/k2"], ["/devices/*"], ["/devices/t?/k*/**"]];
        string[][] names = [["k*"], ["!k1"], ["g*", "t0"], ["k0", "k3", "m*"], ["t*"]];
        string[] tags = ["x", "!x", "[xy]"];
        var filter = new FilterModel(null, null, null, null, null);
        for (var salt = operation.Chance(70, 20 + more) ? 1 : 0; salt < 2; salt++)
        {
            filter = operation.Next(5, 21 + salt + more) switch
            {
                0 => filter with { Subsystems = subsystems[operation.Next(subsystems.Length, 23 + more)] },
                1 => filter with { DevTypes = operation.Chance(50, 24 + more) ? ["a"] : ["!a"] },
                2 => filter with { DevPaths = paths[operation.Next(paths.Length, 25 + more)] },
                3 => filter with { SysNames = names[operation.Next(names.Length, 26 + more)] },
                _ => filter with { Tag = tags[operation.Next(tags.Length, 27 + more)] },
            };
        }
        return filter;
    }

    public override string ToString() => JsonSerializer.Serialize(ToParameter());

    private IEnumerable<(string Name, string[]? Globs)> Lists() => [("subsystems", Subsystems), ("devtypes", DevTypes), ("devpaths", DevPaths), ("sysnames", SysNames)];

    private static string? Text(JsonNode? node) => node?.GetValue<string>();

    private static bool Any(string[]? globs, string? text) => globs is null || globs.Any(glob => Matches(glob, text));

    // What is not there matches a negated pattern only.
    private static bool Matches(string glob, string? text)
    {
        var negated = glob[0] == '!';
        var pattern = Regex.Escape(negated ? glob[1..] : glob)
            .Replace(@"\*\*", ".*", StringComparison.Ordinal).Replace(@"\*", "[^/]*", StringComparison.Ordinal)
            .Replace(@"\?", "[^/]", StringComparison.Ordinal).Replace(@"\[", "[", StringComparison.Ordinal);
        return text is null ? negated : Regex.IsMatch(text, $"^{pattern}$") != negated;
    }
}
