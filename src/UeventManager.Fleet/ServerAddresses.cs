using System.Globalization;

namespace UeventManager.Fleet;

/// <summary>The broker's addresses as the user writes them: one, or several separated by commas.</summary>
internal static class ServerAddresses
{
    private static readonly string[] s_schemes = ["nats", "tls", "ws", "wss"];

    /// <summary>The first mistake in the addresses; null if there is none.</summary>
    public static string? Mistake(string servers)
    {
        foreach (string one in servers.Split(',', StringSplitOptions.TrimEntries))
        {
            if (one.Length == 0)
                return servers.Length == 0 ? "no server is given" : $"'{Shown(servers)}' has an empty part between its commas";
            string text = one.Contains("://", StringComparison.Ordinal) ? one : "nats://" + one;
            string scheme = text[..text.IndexOf("://", StringComparison.Ordinal)];
            if (!s_schemes.Contains(scheme, StringComparer.OrdinalIgnoreCase))
                return $"'{Shown(one)}': a server is nats://HOST:PORT or tls://HOST:PORT, not {scheme}://";
            if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address) || address.Host.Length == 0)
                return $"'{Shown(one)}' is not a server (write for example nats://broker:4222)";
            if (address.PathAndQuery.Length > 1 && address.Scheme is "nats" or "tls")
                return string.Create(CultureInfo.InvariantCulture, $"'{Shown(one)}': nothing may follow the port (write nats://{address.Host}:{(address.Port > 0 ? address.Port : 4222)})");
        }
        return null;
    }

    /// <summary>The addresses without user names and passwords, for logs.</summary>
    public static string Shown(string servers) => string.Join(',', servers.Split(',').Select(static one =>
    {
        int from = one.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? scheme + 3 : 0;
        int at = one.LastIndexOf('@');
        return at < from ? one : string.Concat(one.AsSpan(0, from), one.AsSpan(at + 1));
    }));
}
