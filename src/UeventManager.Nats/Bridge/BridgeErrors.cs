using System.Net.Sockets;
using NATS.Client.Core;
using NATS.Client.JetStream;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>What the server's errors mean, and what to do.</summary>
internal static class BridgeErrors
{
    private const int MessageTooLarge = 10054;

    /// <summary>What to throw for a message that was not taken.</summary>
    public static Exception Of(PublishAnswer answer, string subject) => answer.ErrorCode switch
    {
        MessageTooLarge => new RefusedException($"the stream takes no message as large as that of {subject} (raise its max_msg_size)"),
        PublishAnswer.WrongLastSequence => new BrokerLostException("somebody else wrote to this host's subjects"),
        503 => new BrokerLostException("no stream takes what is published (is it there? `uevent-nats setup` makes it)"),
        _ when answer.Error!.Contains("maximum", StringComparison.Ordinal) || answer.Error.Contains("insufficient", StringComparison.Ordinal) =>
            new BrokerLostException($"the stream is full: {answer.Error} (`uevent-nats setup --max-bytes` makes it larger)"),
        _ => new BrokerLostException($"the stream did not take a message: {answer.Error}"),
    };

    /// <summary>What is wrong with the broker, in one line with the fix; null if it is nothing of the broker's.</summary>
    public static string? Explain(Exception error, FleetOptions options) => error switch
    {
        NatsJSApiException { Error: { ErrCode: 10059 } } => $"there is no stream {options.Stream} (`uevent-nats setup` makes it)",
        NatsJSApiException { Error: { ErrCode: 10039 or 10076 } } => "JetStream is not enabled for this account (give the account `jetstream: enabled` in the server's configuration)",
        NatsJSApiException { Error: var told } => $"the broker refused: {told.Description}",
        NatsServerException { IsAuthError: true } => $"the broker {options.Server} does not know these credentials: {error.Message} (--creds, --nkey, --user with --password, or --tlscert with --tlskey)",
        NatsServerException => $"the broker refused: {error.Message}",
        NatsJSApiNoResponseException or NatsNoRespondersException => "JetStream is not enabled on the broker, or these credentials may not ask it (start nats-server with -js; docs/fleet.md has the permissions)",
        NatsException { InnerException: { } inner } when Explain(inner, options) is { } text => text,
        NatsException or SocketException => $"the broker {options.Server} cannot be reached: {(error.InnerException ?? error).Message} (is it running? --server names another)",
        BrokerLostException or ForeignMessageException => error.Message,
        TimeoutException or OperationCanceledException => $"the broker {options.Server} did not answer in time (--timeout gives it longer)",
        _ => null,
    };
}
