using System.Net.Sockets;
using System.Security.Authentication;
using NATS.Client.Core;
using NATS.Client.JetStream;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>Explains the server's errors, with the solutions.</summary>
internal static class BridgeErrors
{
    private const int MessageTooLarge = 10054;
    private const string Credentials = "--creds, --nkey, --user with --password, or --tlscert with --tlskey";

    /// <summary>The exception for a message that the server did not store.</summary>
    public static Exception Of(PublishAnswer answer, string subject) => answer.ErrorCode switch
    {
        MessageTooLarge => new RefusedException($"the message of {subject} is too large for the stream (raise its max_msg_size)"),
        PublishAnswer.WrongLastSequence => new BrokerLostException("another client wrote to this host's subjects"),
        503 => new BrokerLostException("no stream accepts the messages (does it exist? `uevent-nats setup` creates it)"),
        _ when answer.Error!.Contains("maximum", StringComparison.Ordinal) || answer.Error.Contains("insufficient", StringComparison.Ordinal) =>
            new BrokerLostException($"the stream is full: {answer.Error} (`uevent-nats setup --max-bytes` makes it larger)"),
        _ => new BrokerLostException($"the stream did not accept a message: {answer.Error}"),
    };

    /// <summary>The broker's error in one line with the solution; null if the broker is not the cause.</summary>
    public static string? Explain(Exception error, FleetOptions options) => error switch
    {
        FleetCredentialException => error.Message,
        FleetForbiddenException refused => Forbidden(refused, options),
        NatsJSApiException { Error: { ErrCode: 10059 } } => $"there is no stream {options.Stream} (`uevent-nats setup` creates it)",
        NatsJSApiException { Error: { ErrCode: 10039 or 10076 } } => "JetStream is not enabled for this account (give the account `jetstream: enabled` in the server's configuration)",
        NatsJSApiException { Error: var told } => $"the broker refused: {told.Description}",
        NatsServerException { IsAuthError: true } => $"the broker {options.ShownServer} does not accept these credentials: {error.Message} ({Credentials})",
        NatsServerException => $"the broker refused: {error.Message}",
        NatsNoRespondersException => "JetStream is not enabled on the broker, or these credentials may not use it (start nats-server with -js; docs/fleet.md has the permissions)",
        NatsJSApiNoResponseException => $"the broker {options.ShownServer} did not answer (raise --timeout to wait longer)",
        AuthenticationException => $"the broker {options.ShownServer} is not trusted: {error.Message.TrimEnd('.')} (give its authority's certificate with --tlsca; the name in --server must be that in the broker's certificate)",
        _ when IsHangUp(error, options) => $"the broker {options.ShownServer} closed the connection before it accepted these credentials ({Credentials})",
        NatsException { InnerException: { } inner } when Explain(inner, options) is { } text => text,
        NatsException or SocketException => $"the broker {options.ShownServer} cannot be reached{Detail(error)} (is it running? --server selects another)",
        BrokerLostException or ForeignMessageException => error.Message,
        TimeoutException or OperationCanceledException => $"the broker {options.ShownServer} did not answer in time (raise --timeout to wait longer)",
        _ => null,
    };

    /// <summary>True if the broker is reachable and refuses this client.</summary>
    public static bool IsRefusal(Exception error, FleetOptions options) =>
        error is FleetCredentialException or FleetForbiddenException or AuthenticationException or NatsServerException or NatsJSException || IsHangUp(error, options)
        || (error.InnerException is { } inner && IsRefusal(inner, options));

    // A server that asks for a client certificate closes the connection of a client without an accepted one; with TLS 1.3 it gives no reason. Without
    // TLS the same error only means that the connection ended.
    private static bool IsHangUp(Exception error, FleetOptions options) => error.Message.Contains("Socket has been closed", StringComparison.Ordinal)
        && (options.AuthorityFile is not null || options.CertificateFile is not null || options.TlsFirst || options.Server.Contains("tls://", StringComparison.OrdinalIgnoreCase));

    private static string Detail(Exception error) => error.InnerException is { } inner ? $": {inner.Message}" : error is SocketException ? $": {error.Message}" : "";

    // What follows the prefix is random: a bridge that tries again would report each attempt as something new.
    private static string Shown(string subject, FleetOptions options) => subject.StartsWith(options.InboxPrefix + ".", StringComparison.Ordinal) ? options.InboxPrefix + ".>" : subject;

    private static string Forbidden(FleetForbiddenException refused, FleetOptions options)
    {
        const string Documented = "docs/fleet.md has the permissions";
        const string Create = ".CONSUMER.CREATE.";
        string subject = refused.Subject;
        if (refused.IsSubscription)
            return $"the broker does not allow these credentials to subscribe to {Shown(subject, options)} (give the allowed prefix with --inbox-prefix; it is {options.InboxPrefix} now)";
        // An account's mapping may have put another prefix than $JS.API before it. The consumer's name is random.
        if (subject.IndexOf(Create, StringComparison.Ordinal) is > 0 and var at && subject[(at + Create.Length)..].Split('.') is [_, _, .. var filter])
            return $"the broker does not allow these credentials to read {string.Join('.', filter)} (--host NAME reads one host only; {Documented})";
        if (subject.StartsWith(FleetSubjects.Prefix + ".", StringComparison.Ordinal))
            return $"the broker does not allow these credentials to publish {subject} (do they belong to this --host? {Documented})";
        return $"the broker does not allow these credentials to request {subject} ({Documented})";
    }
}
