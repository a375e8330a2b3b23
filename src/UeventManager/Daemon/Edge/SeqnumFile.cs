using System.Globalization;

namespace UeventManager.Daemon.Edge;

/// <summary>
/// The SEQNUM of the newest uevent, <c>kernel/uevent_seqnum</c> in sysfs (uevent_seqnum_show()): common to all namespaces, and taken before the
/// uevent is sent. A tree that is not a sysfs has none.
/// </summary>
/// <param name="sysfs">The root of the tree.</param>
internal sealed class SeqnumFile(string sysfs)
{
    private readonly string _path = Path.Combine(sysfs, "kernel/uevent_seqnum");

    /// <summary>The result of <see cref="Read"/> if the number is unknown.</summary>
    public const long Unknown = long.MaxValue;

    /// <summary>The number, or <see cref="Unknown"/>.</summary>
    public long Read()
    {
        try
        {
            return long.TryParse(File.ReadAllText(_path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : Unknown;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unknown;
        }
    }
}
