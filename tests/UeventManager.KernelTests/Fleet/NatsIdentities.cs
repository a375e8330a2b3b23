using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using NATS.NKeys;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>
/// One way to say to a server who one is: what the server's configuration says of it, and the files that its right owner and a stranger have. Files are called like
/// the options, which are also the names of systemd's credentials.
/// </summary>
public sealed class NatsIdentities : IDisposable
{
    private readonly ScratchDirectory _server = new("natsid");
    private readonly ScratchDirectory _own = new("natsown");
    private readonly ScratchDirectory _stranger = new("natsother");

    private NatsIdentities(string scheme = "nats") => Url = $"{scheme}://127.0.0.1:4222";

    /// <summary>The names of the ways.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["token", "password", "nkey", "creds", "tls"];

    /// <summary>What the server's configuration says.</summary>
    public string Configuration { get; private set; } = "";

    public string Url { get; }

    /// <summary>The files of who may do everything.</summary>
    public string Own => _own.Path;

    /// <summary>The files of somebody whom the server does not know.</summary>
    public string Stranger => _stranger.Path;

    public static NatsIdentities Of(string kind) => kind switch
    {
        "token" => Token(),
        "password" => Password(),
        "nkey" => NKey(),
        "creds" => Credentials(),
        "tls" => Tls(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no way"),
    };

    /// <summary>The options that name a directory's files; a user and a password are given as they are.</summary>
    public static IReadOnlyList<string> Options(string directory) => [.. Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).SelectMany(file =>
        Path.GetFileName(file) is var name && name is "user" or "password" ? new[] { $"--{name}", File.ReadAllText(file).TrimEnd() } : [$"--{name}", file])];

    /// <summary>The same as variables.</summary>
    public static Dictionary<string, string> Variables(string directory) => Directory.EnumerateFiles(directory).ToDictionary(
        file => Path.GetFileName(file) switch { "user" => "NATS_USER", "password" => "NATS_PASSWORD", "nkey" => "NATS_NKEY", "creds" => "NATS_CREDS", "tlscert" => "NATS_CERT", "tlskey" => "NATS_KEY", var ca => ca == "tlsca" ? "NATS_CA" : ca },
        file => Path.GetFileName(file) is "user" or "password" ? File.ReadAllText(file).TrimEnd() : file,
        StringComparer.Ordinal);

    public void Dispose()
    {
        foreach (var directory in new[] { _server, _own, _stranger })
            directory.Dispose();
    }

    private static NatsIdentities Token()
    {
        var made = new NatsIdentities { Configuration = "authorization { token: right }" };
        File.WriteAllText(made._own.Combine("user"), "right\n");
        File.WriteAllText(made._stranger.Combine("user"), "wrong\n");
        return made;
    }

    private static NatsIdentities Password()
    {
        var made = new NatsIdentities { Configuration = "authorization { user: somebody, password: right }" };
        foreach (var (directory, password) in new[] { (made._own, "right"), (made._stranger, "wrong") })
        {
            File.WriteAllText(directory.Combine("user"), "somebody\n");
            File.WriteAllText(directory.Combine("password"), password + "\n");
        }
        return made;
    }

    private static NatsIdentities NKey()
    {
        using var own = KeyPair.CreatePair(PrefixByte.User);
        using var stranger = KeyPair.CreatePair(PrefixByte.User);
        var made = new NatsIdentities { Configuration = $"authorization {{ users = [ {{ nkey: {own.GetPublicKey()} }} ] }}" };
        File.WriteAllText(made._own.Combine("nkey"), own.GetSeed() + "\n");
        File.WriteAllText(made._stranger.Combine("nkey"), stranger.GetSeed() + "\n");
        return made;
    }

    private static NatsIdentities Credentials()
    {
        using var @operator = KeyPair.CreatePair(PrefixByte.Operator);
        using var system = KeyPair.CreatePair(PrefixByte.Account);
        using var account = KeyPair.CreatePair(PrefixByte.Account);
        using var unknown = KeyPair.CreatePair(PrefixByte.Account);
        var limits = new { subs = -1, data = -1, payload = -1, imports = -1, exports = -1, wildcards = true, conn = -1, leaf = -1, mem_storage = -1, disk_storage = -1, streams = -1, consumer = -1 };
        var none = new { subs = -1, data = -1, payload = -1, imports = -1, exports = -1, wildcards = true, conn = -1, leaf = -1 };
        var made = new NatsIdentities
        {
            Configuration = $$"""
                operator: {{Token(@operator, @operator, "operator", new { type = "operator", version = 2 })}}
                system_account: {{system.GetPublicKey()}}
                resolver: MEMORY
                resolver_preload: {
                  {{system.GetPublicKey()}}: {{Token(@operator, system, "SYS", new { limits = none, type = "account", version = 2 })}}
                  {{account.GetPublicKey()}}: {{Token(@operator, account, "fleet", new { limits, type = "account", version = 2 })}}
                }
                """,
        };
        WriteCredentials(made._own.Combine("creds"), account);
        WriteCredentials(made._stranger.Combine("creds"), unknown);
        return made;
    }

    private static void WriteCredentials(string path, KeyPair account)
    {
        using var user = KeyPair.CreatePair(PrefixByte.User);
        var token = Token(account, user, "somebody", new { subs = -1, data = -1, payload = -1, type = "user", version = 2 });
        File.WriteAllText(path, $"""
            -----BEGIN NATS USER JWT-----
            {token}
            ------END NATS USER JWT------

            -----BEGIN USER NKEY SEED-----
            {user.GetSeed()}
            ------END USER NKEY SEED------

            """);
    }

    // As nats-io/jwt writes it.
    private static string Token(KeyPair issuer, KeyPair subject, string name, object nats)
    {
        static string Part(byte[] bytes) => Base64Url.EncodeToString(bytes);
        var signed = Part("{\"typ\":\"JWT\",\"alg\":\"ed25519-nkey\"}"u8.ToArray()) + "." + Part(JsonSerializer.SerializeToUtf8Bytes(new
        {
            jti = Guid.NewGuid().ToString("N"),
            iat = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            iss = issuer.GetPublicKey(),
            name,
            sub = subject.GetPublicKey(),
            nats,
        }));
        var signature = new byte[64];
        issuer.Sign(Encoding.ASCII.GetBytes(signed), signature);
        return signed + "." + Part(signature);
    }

    private static NatsIdentities Tls()
    {
        var made = new NatsIdentities("tls");
        using var authority = Authority("authority");
        using var other = Authority("another authority");
        Write(made._server, "tlsca", "tlscert", "tlskey", authority, authority, "127.0.0.1");
        Write(made._own, "tlsca", "tlscert", "tlskey", authority, authority, "somebody");
        // It believes the server, which does not believe it.
        Write(made._stranger, "tlsca", "tlscert", "tlskey", authority, other, "somebody");
        made.Configuration = $$"""
            tls { cert_file: "{{made._server.Combine("tlscert")}}", key_file: "{{made._server.Combine("tlskey")}}", ca_file: "{{made._server.Combine("tlsca")}}", verify_and_map: true, timeout: 60 }
            authorization { users = [ { user: "CN=somebody" } ] }
            """;
        return made;
    }

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static void Write(ScratchDirectory directory, string authorityFile, string certificateFile, string keyFile, X509Certificate2 believed, X509Certificate2 issuer, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        if (System.Net.IPAddress.TryParse(name, out var address))
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(address);
            request.CertificateExtensions.Add(names.Build());
        }
        using var certificate = request.Create(issuer, DateTimeOffset.UtcNow.AddDays(-1).AddHours(1), DateTimeOffset.UtcNow.AddHours(23), Guid.NewGuid().ToByteArray());
        File.WriteAllText(directory.Combine(authorityFile), believed.ExportCertificatePem());
        File.WriteAllText(directory.Combine(certificateFile), certificate.ExportCertificatePem());
        File.WriteAllText(directory.Combine(keyFile), key.ExportPkcs8PrivateKeyPem());
    }
}
