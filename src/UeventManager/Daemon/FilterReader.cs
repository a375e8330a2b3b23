using System.Text;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Rules;
using UeventManager.Varlink;

namespace UeventManager.Daemon;

/// <summary>Reads the type <c>Filter</c>.</summary>
internal static class FilterReader
{
    /// <summary>Most patterns in one filter.</summary>
    public const int MaxPatterns = 256;

    /// <summary>Most characters of all its patterns together: every event is matched against them on the engine's thread.</summary>
    public const int MaxCharacters = 8192;

    /// <summary>Reads the parameter <c>filter</c>.</summary>
    /// <returns>False if it is wrong; then the call is answered.</returns>
    public static bool TryRead(VarlinkCall call, out DeviceFilter? filter)
    {
        filter = null;
        if (!call.Parameters.TryGetProperty("filter"u8, out var given) || given.ValueKind == JsonValueKind.Null)
            return true;
        var count = given.GetRawText().Length > MaxCharacters ? int.MaxValue : 0;
        if (count > 0)
            return Refuse(call);
        try
        {
            filter = new DeviceFilter
            {
                Subsystems = Globs(given, "subsystems", ref count),
                DevTypes = Globs(given, "devtypes", ref count),
                DevPaths = Globs(given, "devpaths", ref count),
                SysNames = Globs(given, "sysnames", ref count),
                Actions = Globs(given, "actions", ref count),
                Properties = Properties(given, ref count),
            };
        }
        catch (FormatException)
        {
            count = int.MaxValue;
        }
        return count <= MaxPatterns || Refuse(call);
    }

    private static bool Refuse(VarlinkCall call)
    {
        call.Error(VarlinkError.InvalidParameter, VarlinkError.Parameter("parameter", "filter"));
        return false;
    }

    private static List<Glob>? Globs(JsonElement filter, string name, ref int count)
    {
        if (!filter.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
            return null;
        count += list.GetArrayLength();
        return [.. list.EnumerateArray().Select(e => Glob.Parse(e.GetString()!))];
    }

    private static List<KeyValuePair<byte[], Glob>>? Properties(JsonElement filter, ref int count)
    {
        if (!filter.TryGetProperty("properties", out var map) || map.ValueKind != JsonValueKind.Object)
            return null;
        var found = map.EnumerateObject().Select(p => KeyValuePair.Create(Encoding.UTF8.GetBytes(p.Name), Glob.Parse(p.Value.GetString()!))).ToList();
        count += found.Count;
        return found.Count == 0 ? null : found;
    }
}
