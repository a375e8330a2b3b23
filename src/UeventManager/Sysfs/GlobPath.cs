using System.Runtime.CompilerServices;
using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>A parsed glob: literal and wild components, and at most one tail that crosses levels.</summary>
internal sealed class GlobPath
{
    private static readonly ConditionalWeakTable<SysfsQuery, GlobPath[]> s_ofQuery = [];

    private GlobPath(string text)
    {
        var parts = text.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var components = new List<GlobComponent>();
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Contains("**", StringComparison.Ordinal))
            {
                components.Add(new GlobComponent("", Glob.Parse(string.Join('/', parts[i..])), Deep: true));
                break;
            }
            var wild = parts[i].AsSpan().IndexOfAny('*', '?', '[') >= 0 || parts[i].StartsWith('!');
            components.Add(new GlobComponent(parts[i], wild ? Glob.Parse(parts[i]) : null, Deep: false));
        }
        Components = components;
    }

    internal IReadOnlyList<GlobComponent> Components { get; }

    /// <summary>The globs of a query, parsed once.</summary>
    internal static GlobPath[] Of(SysfsQuery query) => s_ofQuery.GetValue(query, static q =>
        q.Kind is QueryKind.Names or QueryKind.Links ? [new GlobPath(q.Path)] : [.. q.Globs.Select(glob => new GlobPath(glob))]);
}

/// <summary>A component of a <see cref="GlobPath"/>.</summary>
/// <param name="Text">The text of a literal component.</param>
/// <param name="Pattern">The pattern, or null for a literal component.</param>
/// <param name="Deep">The pattern is matched against whole paths from here on.</param>
internal sealed record GlobComponent(string Text, Glob? Pattern, bool Deep);
