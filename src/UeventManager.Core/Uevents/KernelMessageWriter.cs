using System.Text;

namespace UeventManager.Core.Uevents;

/// <summary>
/// Writes events as the kernel does: <c>ACTION@DEVPATH\0KEY=VALUE\0…</c>. The kernel's own SEQNUM is left out for injection: uevent_net_rcv_skb()
/// appends its own.
/// </summary>
public sealed class KernelMessageWriter
{
    /// <summary>Most bytes of a text: udevd and mdevd receive at least as many (UEVENT_BUFFER_SIZE is 2,048 bytes of properties).</summary>
    public const int MaxBytes = 4096;

    private static readonly HashSet<string> s_notKernel = new(StringComparer.Ordinal)
    {
        "USEC_INITIALIZED", "TAGS", "CURRENT_TAGS", "UDEV_DATABASE_VERSION", "UEVENT_MANAGER",
    };

    private readonly byte[] _buffer = new byte[MaxBytes];

    /// <summary>Writes a text.</summary>
    /// <param name="properties">All properties; what only udev says is left out.</param>
    /// <param name="head">Bytes left free before it, for a header.</param>
    /// <param name="withSeqnum">True to write SEQNUM.</param>
    /// <param name="message">The bytes, the free ones included; valid until the next one is written.</param>
    /// <returns>False if it does not fit: the kernel's properties always do.</returns>
    public bool TryWrite(IReadOnlyDictionary<string, string> properties, int head, bool withSeqnum, out Memory<byte> message)
    {
        ArgumentNullException.ThrowIfNull(properties);
        message = default;
        var length = head;
        if (!properties.TryGetValue("ACTION", out var action) || !properties.TryGetValue("DEVPATH", out var path) || !Append(ref length, action, "@", path))
            return false;
        foreach (var (key, value) in properties)
        {
            if (s_notKernel.Contains(key) || key.StartsWith("ID_", StringComparison.Ordinal) || (key == "SEQNUM" && !withSeqnum) || value.Contains('\0', StringComparison.Ordinal))
                continue;
            // The kernel names a node relative to /dev.
            var text = key == "DEVNAME" && value.StartsWith("/dev/", StringComparison.Ordinal) ? value["/dev/".Length..] : value;
            if (!Append(ref length, key, "=", text))
                return false;
        }
        message = _buffer.AsMemory(0, length);
        return true;
    }

    private bool Append(ref int length, string one, string between, string other)
    {
        if (length + Encoding.UTF8.GetByteCount(one) + 1 + Encoding.UTF8.GetByteCount(other) + 1 > MaxBytes)
            return false;
        length += Encoding.UTF8.GetBytes(one, _buffer.AsSpan(length));
        length += Encoding.UTF8.GetBytes(between, _buffer.AsSpan(length));
        length += Encoding.UTF8.GetBytes(other, _buffer.AsSpan(length));
        _buffer[length++] = 0;
        return true;
    }
}
