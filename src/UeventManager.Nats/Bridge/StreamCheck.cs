using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>Checks the broker and the stream.</summary>
internal static class StreamCheck
{
    /// <summary>Checks that a bridge can work.</summary>
    /// <exception cref="RefusedException">It cannot work; the message names the solution.</exception>
    public static async Task RequireAsync(NatsConnection nats, FleetOptions options, CancellationToken cancel)
    {
        RequireServer(nats);
        StreamConfig found = (await new NatsJSContext(nats).GetStreamAsync(options.Stream, cancellationToken: cancel).ConfigureAwait(false)).Info.Config;
        if (FleetStream.Faults(found).FirstOrDefault() is { } fault)
            throw new RefusedException($"the stream {options.Stream} is not configured as required: {fault} (`uevent-nats setup --check` lists everything)");
    }

    /// <summary>Checks that the server is new enough.</summary>
    public static void RequireServer(NatsConnection nats)
    {
        string text = nats.ServerInfo?.Version ?? "";
        if (Version.TryParse(text.Split('-')[0], out Version? version) && version < FleetStream.OldestServer)
            throw new RefusedException($"the broker is nats-server {text}, older than {FleetStream.OldestServer.ToString(2)}, the oldest that works (Debian 12 has 2.9.10)");
        if (nats.ServerInfo is { JetStreamAvailable: false })
            throw new RefusedException("the broker has no JetStream (start nats-server with -js, or write `jetstream {}` into its configuration)");
    }
}
