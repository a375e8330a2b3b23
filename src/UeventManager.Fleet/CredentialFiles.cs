using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NATS.Client.Core;
using NATS.NKeys;

namespace UeventManager.Fleet;

/// <summary>Reads a client's credential files, so that an unusable one is named before the client connects to the broker.</summary>
internal static class CredentialFiles
{
    /// <summary>The authentication that the options describe.</summary>
    /// <exception cref="FleetCredentialException">A file cannot be used.</exception>
    public static NatsAuthOpts Identity(FleetOptions options)
    {
        NatsAuthOpts identity = new()
        {
            Username = options.Password is null ? null : options.User,
            Password = options.Password,
            Token = options.Password is null ? options.User : null,
        };
        if (options.NKeyFile is { } nkey)
        {
            string seed = Seed(nkey, "nkey", Words(nkey, "nkey"));
            using KeyPair pair = Pair(nkey, "nkey", seed);
            identity = identity with { NKey = pair.GetPublicKey(), Seed = seed };
        }
        if (options.CredentialsFile is { } creds)
        {
            string[] words = Words(creds, "creds");
            string token = Array.Find(words, static word => word.StartsWith("eyJ", StringComparison.Ordinal) && word.Count(static c => c == '.') == 2)
                ?? throw new FleetCredentialException("creds", creds, "it has no JWT (it must be a file as `nsc generate creds` writes it)");
            string seed = Seed(creds, "creds", words);
            using KeyPair pair = Pair(creds, "creds", seed);
            identity = identity with { Jwt = token, Seed = seed };
        }
        return identity;
    }

    /// <summary>The TLS settings that the options describe.</summary>
    /// <exception cref="FleetCredentialException">A file cannot be used.</exception>
    public static NatsTlsOpts Tls(FleetOptions options)
    {
        if (options.CertificateFile is null && options.AuthorityFile is null && !options.TlsFirst)
            return NatsTlsOpts.Default;
        if (options.AuthorityFile is { } authorities)
        {
            var found = new X509Certificate2Collection();
            Use(authorities, "tlsca", () => found.ImportFromPem(Text(authorities, "tlsca")));
            if (found.Count == 0)
                throw new FleetCredentialException("tlsca", authorities, "it has no certificate in PEM");
        }
        if (options.CertificateFile is { } certificate && options.KeyFile is { } key)
        {
            string text = Text(certificate, "tlscert"), secret = Text(key, "tlskey");
            Use(certificate, "tlscert", () => X509Certificate2.CreateFromPem(text).Dispose());
            if (!PemEncoding.TryFind(secret, out _))
                throw new FleetCredentialException("tlskey", key, "it has no key in PEM");
            Use(key, "tlskey", () => X509Certificate2.CreateFromPem(text, secret).Dispose());
        }
        return NatsTlsOpts.Default with { CertFile = options.CertificateFile, KeyFile = options.KeyFile, CaFile = options.AuthorityFile, Mode = options.TlsFirst ? TlsMode.Implicit : TlsMode.Auto };
    }

    /// <summary>The text of a file.</summary>
    /// <exception cref="FleetCredentialException">The file cannot be read.</exception>
    public static string Text(string path, string what)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FleetCredentialException(what, path, e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : "it cannot be read: " + e.Message, e);
        }
    }

    private static void Use(string path, string what, Action use)
    {
        try
        {
            use();
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new FleetCredentialException(what, path, e.Message.Split('\n')[0].TrimEnd('.'), e);
        }
    }

    private static string[] Words(string path, string what) => Text(path, what).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    // The seed stands alone, or between the lines that `nsc` and `nk` write around it.
    private static string Seed(string path, string what, string[] words) =>
        Array.Find(words, static word => word.Length == 58 && word.StartsWith("SU", StringComparison.Ordinal))
        ?? throw new FleetCredentialException(what, path, "it has no user seed (58 characters that begin with SU)");

    private static KeyPair Pair(string path, string what, string seed)
    {
        try
        {
            return KeyPair.FromSeed(seed);
        }
        catch (Exception e) when (e is NKeysException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw new FleetCredentialException(what, path, "its seed is damaged", e);
        }
    }
}
