using UeventManager.Client;

namespace UeventManager.Tests.Client;

/// <summary>A subscription over one connection, whose parts are seen as they come.</summary>
internal static class OneConnection
{
    public static IAsyncEnumerable<Change> SubscribeOnceAsync(
        this UeventClient client, DeviceFilter? filter = null, string? cursor = null, bool stateless = false, bool unsettled = false, CancellationToken cancellationToken = default) =>
        client.FollowOnceAsync(new SubscribeParameters(filter, cursor, stateless ? true : null, unsettled ? true : null), cancellationToken);
}
