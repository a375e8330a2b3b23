using System.Text.Json.Serialization;

namespace UeventManager.Client;

/// <summary>The generated serializers of the wire format: members in camelCase, null left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SubscribeParameters))]
[JsonSerializable(typeof(SubscribeReply))]
[JsonSerializable(typeof(ListParameters))]
[JsonSerializable(typeof(DeviceList))]
[JsonSerializable(typeof(GetParameters))]
[JsonSerializable(typeof(GetReply))]
[JsonSerializable(typeof(WaitParameters))]
[JsonSerializable(typeof(WaitReply))]
[JsonSerializable(typeof(SettleParameters))]
[JsonSerializable(typeof(NoReply))]
[JsonSerializable(typeof(DeviceExplanation))]
[JsonSerializable(typeof(ReleaseReply))]
[JsonSerializable(typeof(ReloadReply))]
[JsonSerializable(typeof(MetricsParameters))]
[JsonSerializable(typeof(MetricsReply))]
[JsonSerializable(typeof(DaemonStatus))]
[JsonSerializable(typeof(ServiceInfo))]
[JsonSerializable(typeof(UeventEvent))]
internal sealed partial class WireJson : JsonSerializerContext;

internal sealed record SubscribeParameters(DeviceFilter? Filter, string? Cursor, bool? Stateless, bool? Unsettled, long? SinceUsec = null);

internal sealed record SubscribeReply(
    IReadOnlyList<UeventDevice>? State, IReadOnlyList<UeventEvent>? Events, UeventGap? Gap, bool? Ready, string? Cursor);

internal sealed record ListParameters(DeviceFilter? Filter, bool? Unsettled);

internal sealed record GetParameters(string Device);

internal sealed record GetReply(UeventDevice Device);

internal sealed record WaitParameters(string? Device, DeviceFilter? Filter, int? Count, string? Until, long? TimeoutUsec, IReadOnlyList<string>? Conditions = null);

internal sealed record WaitReply(IReadOnlyList<UeventDevice> Devices);

internal sealed record SettleParameters(DeviceFilter? Filter, long? TimeoutUsec);

internal sealed record NoReply;

internal sealed record ReleaseReply(bool? Released);

internal sealed record ReloadReply(long Rules);

internal sealed record MetricsParameters(string? Format);

internal sealed record MetricsReply(string Text);
