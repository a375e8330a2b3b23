using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using UeventManager.Core.History;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Daemon.Services;

/// <summary>Writes the reply of <c>Explain</c>.</summary>
internal static class ExplainWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The reply's parameters.</summary>
    public static ReadOnlySpan<byte> Write(Explanation explanation)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("state"u8, explanation.State is { } state ? JsonNamingPolicy.CamelCase.ConvertName(state.ToString()) : "gone");
            if (explanation.RuleName is { } name)
                json.WriteString("rule"u8, name);
            if (explanation.Rule is { } rule)
            {
                json.WriteString("file"u8, rule.File);
                json.WriteNumber("line"u8, rule.Line);
            }
            json.WriteStartArray("conditions"u8);
            foreach (var condition in explanation.Conditions)
                Write(json, condition);
            json.WriteEndArray();
            json.WriteStartArray("waitsFor"u8);
            foreach (var reason in explanation.WaitsFor)
                json.WriteStringValue(reason);
            json.WriteEndArray();
            json.WriteStartArray("holds"u8);
            if (explanation.Hold is { IsSet: true } hold)
                Write(json, hold);
            json.WriteEndArray();
            if (explanation.Unfinished is { } unfinished)
            {
                json.WriteStartArray("unfinished"u8);
                foreach (var missing in unfinished)
                    json.WriteStringValue(missing);
                json.WriteEndArray();
            }
            if (explanation.Udev is { } udev)
                json.WriteString("udev"u8, udev);
            json.WriteStartArray("history"u8);
            foreach (var moment in explanation.History)
                Write(json, moment);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return output.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter json, in Hold hold)
    {
        json.WriteStartObject();
        json.WriteString("reason"u8, JsonNamingPolicy.CamelCase.ConvertName(hold.Reason.ToString()));
        json.WriteString("device"u8, hold.By!.DevPath);
        json.WriteString("until"u8, hold.Until);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ExplainedCondition condition)
    {
        json.WriteStartObject();
        json.WriteString("text"u8, condition.Text);
        json.WriteBoolean("held"u8, condition.Held);
        json.WriteBoolean("optional"u8, condition.IsOptional);
        if (condition.Seen is { } seen)
            json.WriteString("value"u8, seen);
        if (condition.HeldSinceUsec > 0)
            json.WriteNumber("heldSinceUsec"u8, condition.HeldSinceUsec);
        json.WriteNumber("looks"u8, condition.Looks);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, in DeviceMoment moment)
    {
        json.WriteStartObject();
        json.WriteNumber("atUsec"u8, moment.AtUsec);
        json.WriteNumber("realtimeUsec"u8, moment.RealtimeUsec);
        json.WriteString("what"u8, JsonNamingPolicy.CamelCase.ConvertName(moment.Kind.ToString()));
        if (DetailOf(moment) is { } detail)
            json.WriteString("detail"u8, detail);
        json.WriteEndObject();
    }

    private static string? DetailOf(in DeviceMoment moment) => moment.Kind switch
    {
        MomentKind.Arrived or MomentKind.Folded or MomentKind.Stale or MomentKind.UdevTold or MomentKind.UdevFailed => moment.Number > 0 ? $"{Action(moment)}, SEQNUM {moment.Number}" : Action(moment),
        MomentKind.Looked when moment.Rule is { } rule => Looked(rule, moment.Number),
        MomentKind.TimedOut => $"{Action(moment)}: {(TimeoutPolicy)moment.Number switch { TimeoutPolicy.Deliver => "delivered unsettled", TimeoutPolicy.Drop => "dropped", _ => "held" }}",
        MomentKind.Delivered => moment.Number == 0 ? Action(moment) : $"{Action(moment)}, unsettled",
        _ => null,
    };

    private static string Looked(RuleTexts rule, long held)
    {
        var missing = rule.Items.Where((_, i) => i < 63 && (held & (1L << i)) == 0).Select(item => item.Text).ToList();
        var all = rule.Items.Count == 1 ? "its only condition holds" : $"all {rule.Items.Count} conditions hold";
        return missing.Count == 0 ? $"rule {rule.Name}: {all}" : $"rule {rule.Name}: not yet: {string.Join("; ", missing)}";
    }

    private static string Action(in DeviceMoment moment) => moment.Action.Text();
}
