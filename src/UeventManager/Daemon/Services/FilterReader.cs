using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>Reads the type <c>Filter</c>.</summary>
internal static class FilterReader
{
    /// <summary>The most characters of all patterns together, as JSON.</summary>
    public const int MaxCharacters = 8192;

    /// <summary>Reads the parameter <c>filter</c>.</summary>
    /// <returns>False if it is wrong; the call is then answered.</returns>
    public static bool TryRead(VarlinkCall call, out DeviceFilter? filter)
    {
        filter = null;
        if (!call.Parameters.TryGetProperty("filter"u8, out var given) || given.ValueKind == JsonValueKind.Null)
            return true;
        if (JsonMarshal.GetRawUtf8Value(given).Length > MaxCharacters)
            return Refuse(call);
        try
        {
            filter = Read(given, 0);
        }
        catch (FormatException)
        {
            return Refuse(call);
        }
        return filter.IsAffordable || Refuse(call);
    }

    private static DeviceFilter Read(JsonElement given, int depth) => depth > DeviceFilter.MaxDepth ? throw new FormatException() : new()
    {
        Subsystems = Globs(given, "subsystems"),
        DevTypes = Globs(given, "devtypes", GlobSubject.Value),
        DevPaths = Globs(given, "devpaths"),
        SysNames = Globs(given, "sysnames"),
        Actions = Globs(given, "actions"),
        Properties = Properties(given, "properties"),
        Variables = Properties(given, "variables"),
        Attributes = Pairs(given, "attributes") is { Count: > 0 } attributes ? attributes : null,
        Tags = Globs(given, "tags", GlobSubject.Value),
        Parents = Texts(given, "parents")?.ConvertAll(ParentPattern.Parse),
        Alternatives = given.TryGetProperty("alternatives", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? [.. list.EnumerateArray().Select(one => Read(one, depth + 1))]
            : null,
    };

    private static bool Refuse(VarlinkCall call)
    {
        call.Error(VarlinkError.InvalidParameter, VarlinkError.Parameter("parameter", "filter"));
        return false;
    }

    private static List<Glob>? Globs(JsonElement filter, string name, GlobSubject subject = GlobSubject.Path)
    {
        return Texts(filter, name)?.ConvertAll(text => Glob.Parse(text, subject));
    }

    private static List<string>? Texts(JsonElement filter, string name)
    {
        if (!filter.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
            return null;
        return [.. list.EnumerateArray().Select(e => e.GetString()!)];
    }

    private static List<KeyValuePair<byte[], Glob>>? Properties(JsonElement filter, string name)
    {
        var found = Pairs(filter, name)?.ConvertAll(pair => KeyValuePair.Create(Encoding.UTF8.GetBytes(pair.Key), pair.Value));
        return found is { Count: > 0 } ? found : null;
    }

    private static List<KeyValuePair<string, Glob>>? Pairs(JsonElement filter, string name) =>
        filter.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object
            ? [.. map.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, Glob.Parse(p.Value.GetString()!, GlobSubject.Value)))]
            : null;
}
