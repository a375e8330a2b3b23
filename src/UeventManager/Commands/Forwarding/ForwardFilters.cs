using System.Text;
using UeventManager.Client;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Rules;
using CoreFilter = UeventManager.Core.Dispatch.DeviceFilter;
using ParentPattern = UeventManager.Core.Dispatch.ParentPattern;

namespace UeventManager.Commands.Forwarding;

/// <summary>Filters as the daemon has them, for whoever decides by several.</summary>
internal static class ForwardFilters
{
    /// <summary>Makes one of several filters; null where the daemon decides.</summary>
    public static LocalFilter? Of(IReadOnlyList<DeviceFilter> filters) => filters.Count < 2 ? null : new LocalFilter([.. filters.Select(One)]);

    private static CoreFilter One(DeviceFilter filter) => new()
    {
        Subsystems = Globs(filter.Subsystems),
        DevTypes = Globs(filter.Devtypes, GlobSubject.Value),
        DevPaths = Globs(filter.Devpaths),
        SysNames = Globs(filter.Sysnames),
        Properties = filter.Properties is { Count: > 0 } properties
            ? [.. properties.Select(static pair => KeyValuePair.Create(Encoding.UTF8.GetBytes(pair.Key), Glob.Parse(pair.Value, GlobSubject.Value)))] : null,
        Attributes = filter.Attributes is { Count: > 0 } attributes
            ? [.. attributes.Select(static pair => KeyValuePair.Create(pair.Key, Glob.Parse(pair.Value, GlobSubject.Value)))] : null,
        Tags = Globs(filter.Tags, GlobSubject.Value),
        Parents = filter.Parents is { Count: > 0 } parents ? [.. parents.Select(ParentPattern.Parse)] : null,
    };

    private static Glob[]? Globs(IReadOnlyList<string>? texts, GlobSubject subject = GlobSubject.Path) =>
        texts is { Count: > 0 } ? [.. texts.Select(text => Glob.Parse(text, subject))] : null;
}
