using NATS.Client.Core;

namespace UeventManager.Fleet;

/// <summary>The broker and the credentials, in the same form as for the <c>nats</c> tool.</summary>
public sealed record FleetOptions
{
    /// <summary>Servers, separated by commas, as <c>nats://127.0.0.1:4222</c>.</summary>
    public string Server { get; init; } = "nats://127.0.0.1:4222";

    /// <summary>The stream's name.</summary>
    public string Stream { get; init; } = FleetStream.DefaultName;

    /// <summary>A user name, or a token if there is no password.</summary>
    public string? User { get; init; }

    /// <summary>The user's password.</summary>
    public string? Password { get; init; }

    /// <summary>A credentials file: a JWT and its seed.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>A file with the seed of an nkey.</summary>
    public string? NKeyFile { get; init; }

    /// <summary>A file with the client's certificate.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>A file with the certificate's key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>A file with the certificates of trusted authorities.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>True to begin TLS before the server sends anything.</summary>
    public bool TlsFirst { get; init; }

    /// <summary>The prefix of reply subjects, for servers that allow a client no others.</summary>
    public string InboxPrefix { get; init; } = "_INBOX";

    /// <summary>This client's name on the server.</summary>
    public string Name { get; init; } = "uevent-fleet";

    /// <summary>The longest time for a request.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The servers without names and passwords, for messages.</summary>
    internal string ShownServer => ServerAddresses.Shown(Server);

    /// <summary>A connection with these options, not opened yet.</summary>
    /// <exception cref="FleetCredentialException">A credential file cannot be used.</exception>
    /// <exception cref="ArgumentException">The servers are not valid addresses.</exception>
    internal NatsConnection NewConnection(bool reconnects) => new(new NatsOpts
    {
        Url = ServerAddresses.Mistake(Server) is { } wrong ? throw new ArgumentException(wrong) : Server.Replace(" ", "", StringComparison.Ordinal),
        Name = Name,
        InboxPrefix = InboxPrefix,
        RequestTimeout = Timeout,
        CommandTimeout = Timeout,
        ConnectTimeout = Timeout,
        MaxReconnectRetry = reconnects ? -1 : 1,
        ReconnectWaitMax = TimeSpan.FromSeconds(2),
        RetryOnInitialConnect = false,
        SubPendingChannelCapacity = 8192,
        // Messages beyond the channel's capacity wait in the socket.
        SubPendingChannelFullMode = System.Threading.Channels.BoundedChannelFullMode.Wait,
        AuthOpts = CredentialFiles.Identity(this),
        TlsOpts = CredentialFiles.Tls(this),
    });
}
