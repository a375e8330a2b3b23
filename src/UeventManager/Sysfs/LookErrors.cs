using Tmds.Linux;

namespace UeventManager.Sysfs;

/// <summary>
/// What an errno says of the thing that was asked for: that it is not there, or only that nobody could look. The two must never be
/// confused: taking a full descriptor table for an empty directory would remove devices that are there.
/// </summary>
internal static class LookErrors
{
    /// <summary>
    /// True if a failed open, stat, readlink, access or getdents means absence. ENOENT and ENOTDIR say so; kernfs answers ENODEV, and a
    /// FIFO or device without a driver ENXIO, for what has gone since it was found. A name that is too long (ENAMETOOLONG, or EINVAL
    /// where it could not even be written) names nothing, and what only a symlink or <c>..</c> out of the root leads to (ELOOP, EXDEV
    /// of openat2()) does not exist within it. Any other (EMFILE, ENFILE, ENOMEM, EINTR, EACCES, EPERM, EIO, …) says nothing.
    /// </summary>
    /// <param name="result">0 or more, or a negative errno.</param>
    internal static bool IsAbsence(int result) => result == -LibC.ENOENT || result == -LibC.ENOTDIR || result == -LibC.ENODEV || result == -LibC.ENXIO
        || result == -LibC.ENAMETOOLONG || result == -LibC.EINVAL || result == -LibC.ELOOP || result == -LibC.EXDEV;

    /// <summary>The errno if nobody could look, else 0: it was found, or it is not there.</summary>
    /// <param name="result">0 or more, or a negative errno.</param>
    internal static int Unknown(int result) => result >= 0 || IsAbsence(result) ? 0 : -result;

    /// <summary>
    /// True if opening or reading a value failed for want of something of ours, not of the attribute's: no descriptor, no memory, or a
    /// signal. Whatever else it says is the driver's or the file system's answer, which stays the same however often one asks.
    /// </summary>
    /// <param name="result">0 or more, or a negative errno.</param>
    internal static bool IsShortage(int result) => result == -LibC.EMFILE || result == -LibC.ENFILE
        || result == -LibC.ENOMEM || result == -LibC.ENOBUFS || result == -LibC.EINTR;
}
