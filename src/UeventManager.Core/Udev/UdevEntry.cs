using System.Globalization;
using System.Text;

namespace UeventManager.Core.Udev;

/// <summary>An entry of udev's database in its file format: lines of one letter, a colon and a text.</summary>
public static class UdevEntry
{
    private const string Processing = "ID_PROCESSING=1";

    /// <summary>
    /// The time at which udev first processed the device, in CLOCK_MONOTONIC microseconds (line I:); 0 if the entry has no such line.
    /// </summary>
    /// <param name="entry">The file's text.</param>
    public static long InitializedUsec(string? entry)
    {
        foreach (var line in (entry ?? "").AsSpan().EnumerateLines())
        {
            if (line.StartsWith("I:"))
                return long.TryParse(line[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var usec) ? usec : 0;
        }
        return 0;
    }

    /// <summary>True if udevd has asked the kernel to rename the interface, and has not processed the move that follows.</summary>
    /// <param name="entry">The file's text.</param>
    public static bool IsRenaming(string? entry) => Has(entry, "E:ID_RENAMING=1");

    /// <summary>
    /// True if udevd is processing an event of the device: udevd from systemd 257 on first writes the previous entry again, with this mark, even that of
    /// another device which had the same number.
    /// </summary>
    /// <param name="entry">The file's text.</param>
    public static bool IsProcessing(string? entry) => Has(entry, "E:" + Processing);

    /// <summary>
    /// The properties that a broadcast would carry: E: is a property, I: USEC_INITIALIZED, V: UDEV_DATABASE_VERSION, S: a link below /dev, G: a tag that
    /// it ever had, Q: a tag that it has now.
    /// </summary>
    /// <param name="entry">The file's text.</param>
    /// <returns><c>KEY=VALUE\0…</c></returns>
    public static byte[] Properties(string? entry)
    {
        var (all, links, tags, current) = (new StringBuilder(), new StringBuilder(), new StringBuilder(), new StringBuilder());
        foreach (var line in (entry ?? "").AsSpan().EnumerateLines())
        {
            if (line.Length < 3 || line[1] != ':')
                continue;
            var text = line[2..];
            if (line[0] == 'E' && text.IndexOf('=') > 0 && text is not Processing)
                all.Append(text).Append('\0');
            else if (line[0] is 'I' or 'V')
                all.Append(line[0] == 'I' ? "USEC_INITIALIZED=" : "UDEV_DATABASE_VERSION=").Append(text).Append('\0');
            else if (line[0] == 'S')
                links.Append(links.Length == 0 ? "" : " ").Append("/dev/").Append(text);
            else if (line[0] is 'G' or 'Q')
                (line[0] == 'G' ? tags : current).Append(':').Append(text);
        }
        if (links.Length > 0)
            all.Append("DEVLINKS=").Append(links).Append('\0');
        if (tags.Length > 0)
            all.Append("TAGS=").Append(tags).Append(":\0");
        if (current.Length > 0)
            all.Append("CURRENT_TAGS=").Append(current).Append(":\0");
        return Encoding.UTF8.GetBytes(all.ToString());
    }

    private static bool Has(string? entry, string wanted)
    {
        foreach (var line in (entry ?? "").AsSpan().EnumerateLines())
        {
            if (line.SequenceEqual(wanted))
                return true;
        }
        return false;
    }
}
