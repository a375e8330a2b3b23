using System.Text.Json;
using UeventManager.Core.Rules;
using UeventManager.RuleFiles;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>Reads a call's parameter <c>conditions</c>.</summary>
internal static class ConditionParameter
{
    /// <summary>Reads the parameter; if it is wrong, ends the call with an error that names it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="conditions">The conditions, or null if there are none.</param>
    public static bool TryRead(VarlinkCall call, out ConditionSet? conditions)
    {
        conditions = null;
        if (call.Parameters is not { ValueKind: JsonValueKind.Object } parameters || !parameters.TryGetProperty("conditions", out var list) || list.ValueKind != JsonValueKind.Array)
            return true;
        if (list.GetArrayLength() > ConditionText.MaxConditions)
            return Refuse(call, $"more than {ConditionText.MaxConditions} conditions");
        var found = new List<Condition>();
        foreach (var one in list.EnumerateArray())
        {
            if (ConditionText.Read(one.GetString()!, out var mistake) is not { } condition)
                return Refuse(call, mistake!);
            found.Add(condition);
        }
        conditions = found.Count == 0 ? null : new ConditionSet(found);
        return true;
    }

    private static bool Refuse(VarlinkCall call, string reason)
    {
        call.Error(VarlinkError.InvalidParameter, VarlinkError.Parameter("parameter", $"conditions: {reason}"));
        return false;
    }
}
