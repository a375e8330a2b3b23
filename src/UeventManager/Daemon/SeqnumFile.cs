using System.Globalization;

namespace UeventManager.Daemon;

/// <summary>
/// The SEQNUM of the newest uevent, <c>kernel/uevent_seqnum</c> of sysfs (uevent_seqnum_show()): of all namespaces, and given before
/// the uevent is sent. A tree that is no sysfs has none.
/// </summary>
/// <param name="sysfs">Root of the tree.</param>
internal sealed class SeqnumFile(string sysfs)
{
    private readonly string _path = Path.Combine(sysfs, "kernel/uevent_seqnum");

    /// <summary>The number; <see cref="long.MaxValue"/> if nobody knows it.</summary>
    public long Read()
    {
        try
        {
            return long.TryParse(File.ReadAllText(_path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return long.MaxValue;
        }
    }
}
