using System.Security.Cryptography;
using System.Text;

namespace UeventManager.Fleet;

/// <summary>
/// The subjects of the stream: <c>uevent.HOST.SUBSYSTEM.ID</c> for a device, <c>uevent.HOST.lease</c> for the host's bridge. ID is the devpath. In
/// each part every byte except <c>[A-Za-z0-9_-]</c> is written as <c>=XX</c>.
/// </summary>
public static class FleetSubjects
{
    /// <summary>The first part of all subjects.</summary>
    public const string Prefix = "uevent";

    /// <summary>All subjects of the stream.</summary>
    public const string All = Prefix + ".>";

    /// <summary>The leases of all hosts.</summary>
    public const string AllLeases = Prefix + ".*.lease";

    private const string AllPruned = Prefix + ".*.pruned";

    // A server accepts protocol lines of up to 4 KiB, and an API subject contains the device's subject twice.
    private const int LongestPart = 1024;

    /// <summary>All subjects of a host.</summary>
    /// <param name="host">The host's name.</param>
    /// <returns>A pattern of subjects.</returns>
    public static string OfHost(string host) => $"{Prefix}.{Encode(host)}.>";

    /// <summary>The subject of a host's lease.</summary>
    /// <param name="host">The host's name.</param>
    /// <returns>The subject.</returns>
    public static string Lease(string host) => $"{Prefix}.{Encode(host)}.lease";

    /// <summary>The subject on which purges of a host are reported (<see cref="FleetPruned"/>).</summary>
    /// <param name="host">The host's name.</param>
    /// <returns>The subject.</returns>
    public static string Pruned(string host) => $"{Prefix}.{Encode(host)}.pruned";

    /// <summary>The purge subject of the hosts that a pattern selects.</summary>
    internal static string PrunedOf(string pattern) => pattern == All ? AllPruned : $"{Prefix}.{HostPart(pattern)}.pruned";

    /// <summary>A device of a host.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="subsystem">The device's subsystem.</param>
    /// <param name="devpath">The device's devpath.</param>
    /// <returns>The subject.</returns>
    public static string Device(string host, string subsystem, string devpath) => $"{Prefix}.{Encode(host)}.{Encode(subsystem)}.{Encode(devpath)}";

    /// <summary>Encodes a text as one part of a subject. A part that would be too long ends with a digest instead.</summary>
    /// <param name="text">Any text, not empty.</param>
    /// <returns>The part.</returns>
    public static string Encode(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        var part = new StringBuilder(text.Length + 32);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        foreach (byte one in bytes)
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'_' or (byte)'-')
                part.Append((char)one);
            else
                part.Append('=').Append(one.ToString("X2", null));
        }
        if (part.Length <= LongestPart)
            return part.ToString();
        return string.Concat(part.ToString(0, LongestPart - 66), "==", Convert.ToHexString(SHA256.HashData(bytes)));
    }

    /// <summary>The host part of a subject, still encoded.</summary>
    /// <param name="subject">A subject.</param>
    /// <returns>The part; empty if the subject does not belong to the stream.</returns>
    public static string HostPart(string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        int begin = Prefix.Length + 1;
        int end = subject.Length > begin ? subject.IndexOf('.', begin) : -1;
        return end < 0 ? "" : subject[begin..end];
    }

    /// <summary>True for a lease's subject.</summary>
    /// <param name="subject">A subject.</param>
    /// <returns>False for any other.</returns>
    public static bool IsLease(string subject) => IsOfHost(subject, ".lease");

    /// <summary>True for a subject on which purges are reported.</summary>
    /// <param name="subject">A subject.</param>
    /// <returns>False for any other.</returns>
    public static bool IsPruned(string subject) => IsOfHost(subject, ".pruned");

    /// <summary>Decodes a part of a subject.</summary>
    /// <param name="part">The part, as <see cref="Encode"/> writes it.</param>
    /// <returns>The text; the part itself if it is not valid or ends with a digest.</returns>
    public static string Decode(string part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var bytes = new List<byte>(part.Length);
        for (int i = 0; i < part.Length; i++)
        {
            if (part[i] != '=')
                bytes.Add((byte)part[i]);
            else if (i + 2 < part.Length && byte.TryParse(part.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out byte one))
            {
                bytes.Add(one);
                i += 2;
            }
            else
                return part;
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    // A device's subject has one more part, whatever its subsystem's name.
    private static bool IsOfHost(string subject, string end)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return subject.EndsWith(end, StringComparison.Ordinal) && subject.AsSpan().Count('.') == 2;
    }
}
