using System.CommandLine;
using System.CommandLine.Parsing;
using UeventManager.Core.Rules;
using UeventManager.Fleet;

namespace UeventManager.Nats;

/// <summary>
/// The broker's address and credentials: options and variables with the names of the <c>nats</c> tool, and systemd's credentials. The command line
/// wins over the environment, and the environment over systemd's credentials.
/// </summary>
internal sealed class BrokerSettings
{
    private static readonly (string Option, string Variable, string? Credential, string Value, string Text)[] s_table =
    [
        ("--server", "NATS_URL", null, "URL", "The broker's servers, separated by commas [default: nats://127.0.0.1:4222]"),
        ("--user", "NATS_USER", "user", "NAME", "A user name, or a token if there is no --password"),
        ("--password", "NATS_PASSWORD", "password", "PASSWORD", "The user's password"),
        ("--creds", "NATS_CREDS", "creds", "FILE", "A credentials file: a JWT and its seed"),
        ("--nkey", "NATS_NKEY", "nkey", "FILE", "A file with the seed of an nkey"),
        ("--tlscert", "NATS_CERT", "tlscert", "FILE", "The client's certificate"),
        ("--tlskey", "NATS_KEY", "tlskey", "FILE", "The certificate's key"),
        ("--tlsca", "NATS_CA", "tlsca", "FILE", "Certificates of the trusted authorities"),
        ("--inbox-prefix", "NATS_INBOX_PREFIX", null, "PREFIX", "The prefix of reply subjects [default: _INBOX]"),
        ("--timeout", "NATS_TIMEOUT", null, "TIME", "The longest time for a request [default: 5s]"),
        ("--stream", "UEVENT_NATS_STREAM", null, "NAME", "The stream [default: UEVENTS]"),
    ];

    private readonly Dictionary<string, Option<string?>> _options = new(StringComparer.Ordinal);
    private readonly Option<bool> _tlsFirst = new("--tlsfirst") { Description = "Begin TLS before the server sends anything [NATS_TLSFIRST]" };
    private readonly Func<string, string?> _variable;

    /// <summary>Creates the options.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="hasTimeout">False if the command has its own <c>--timeout</c>.</param>
    public BrokerSettings(Func<string, string?> variable, bool hasTimeout = true)
    {
        _variable = variable;
        foreach (var (name, variableName, credential, value, text) in s_table)
        {
            if (name == "--timeout" && !hasTimeout)
                continue;
            var option = new Option<string?>(name);
            option.HelpName = value;
            option.Description = $"{text} [{variableName}{(credential is null ? "" : $", credential {credential}")}]";
            option.Validators.Add(result =>
            {
                if (result.Tokens.Any(static token => token.Value.Length == 0))
                    result.AddError($"{name}: an empty value (leave the option out)");
                else if (name == "--timeout" && result.Tokens is [{ Value: var time }] && !(Duration.TryParseOption(time, out long usec) && usec > 0))
                    result.AddError($"--timeout: '{time}' is not a time ({Duration.Hint(time) ?? "write for example 500ms, 5s or 2min"})");
            });
            _options.Add(name, option);
        }
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option<string?> option in _options.Values)
            command.Add(option);
        command.Add(_tlsFirst);
        command.Validators.Add(result =>
        {
            try
            {
                if (Mistake(result) is { } wrong)
                    result.AddError(wrong);
            }
            catch (FleetCredentialException e)
            {
                result.AddError(e.Message);
            }
        });
    }

    private string? Mistake(CommandResult result) =>
        Find(result, "--tlscert") is null != (Find(result, "--tlskey") is null) ? "--tlscert and --tlskey must be given together"
        : Find(result, "--password") is not null && Find(result, "--user") is null ? "--password needs --user"
        : Find(result, "--server") is { } servers && ServerAddresses.Mistake(servers) is { } wrong ? $"{Named(result, "--server", "NATS_URL")}: {wrong}"
        : Find(result, "--stream") is { } stream && stream.Any(static c => c is ' ' or '.' or '*' or '>' or '/' or '\\')
            ? $"{Named(result, "--stream", "UEVENT_NATS_STREAM")}: '{stream}' is not a stream's name (it has no blanks, dots, slashes or *>)"
        : !Duration.TryParseOption(Find(result, "--timeout") ?? "5s", out _) ? $"NATS_TIMEOUT: '{Find(result, "--timeout")}' is not a time (write for example 500ms, 5s or 2min)"
        : null;

    private string Named(CommandResult result, string option, string variable) => result.GetResult(_options[option]) is null ? variable : option;

    /// <summary>Reads the values.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="name">The client's name on the server.</param>
    public FleetOptions Read(ParseResult parsed, string name)
    {
        SymbolResult result = parsed.CommandResult;
        var defaults = new FleetOptions();
        return new FleetOptions
        {
            Server = Find(result, "--server") ?? defaults.Server,
            Stream = Find(result, "--stream") ?? defaults.Stream,
            User = Find(result, "--user"),
            Password = Find(result, "--password"),
            CredentialsFile = Find(result, "--creds"),
            NKeyFile = Find(result, "--nkey"),
            CertificateFile = Find(result, "--tlscert"),
            KeyFile = Find(result, "--tlskey"),
            AuthorityFile = Find(result, "--tlsca"),
            TlsFirst = parsed.GetValue(_tlsFirst) || _variable("NATS_TLSFIRST") is "1" or "yes" or "true",
            InboxPrefix = Find(result, "--inbox-prefix") ?? defaults.InboxPrefix,
            Timeout = Duration.TryParseOption(Find(result, "--timeout") ?? "5s", out long usec) ? TimeSpan.FromMicroseconds(usec) : defaults.Timeout,
            Name = name,
        };
    }

    private string? Find(SymbolResult result, string name)
    {
        if (_options.TryGetValue(name, out Option<string?>? option) && result.GetResult(option) is { Tokens: [{ Value: { Length: > 0 } given }] })
            return given;
        var row = Array.Find(s_table, one => one.Option == name);
        if (_variable(row.Variable) is { Length: > 0 } set)
            return set;
        if (row.Credential is null || _variable("CREDENTIALS_DIRECTORY") is not { Length: > 0 } directory || Path.Combine(directory, row.Credential) is var file && !File.Exists(file))
            return null;
        // A user name or password is the content of its file; all other options name files.
        return name is "--user" or "--password" ? CredentialFiles.Text(file, row.Credential).TrimEnd('\n', '\r') : file;
    }
}
