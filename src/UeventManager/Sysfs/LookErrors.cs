using Tmds.Linux;

namespace UeventManager.Sysfs;

/// <summary>
/// Interprets an errno: either a file does not exist, or it could not be looked at. The two must never be confused: if a full descriptor table
/// counted as an empty directory, existing devices would be removed.
/// </summary>
internal static class LookErrors
{
    /// <summary>
    /// True if a failed open, stat, readlink, access or getdents means absence. ENOENT and ENOTDIR say so; kernfs returns ENODEV, and a FIFO or
    /// device without a driver ENXIO, for a file removed since it was found. A name that is too long (ENAMETOOLONG, or EINVAL if it could not even be
    /// encoded) names nothing, and a file that only a symlink or <c>..</c> out of the root reaches (ELOOP, EXDEV of openat2()) does not exist within
    /// the root. Any other errno (EMFILE, ENFILE, ENOMEM, EINTR, EACCES, EPERM, EIO, …) proves nothing.
    /// </summary>
    /// <param name="result">0 or more, or a negative errno.</param>
    internal static bool IsAbsence(int result) => result == -LibC.ENOENT || result == -LibC.ENOTDIR || result == -LibC.ENODEV || result == -LibC.ENXIO
        || result == -LibC.ENAMETOOLONG || result == -LibC.EINVAL || result == -LibC.ELOOP || result == -LibC.EXDEV;

    /// <summary>The errno if the look failed, else 0: the file was found, or does not exist.</summary>
    /// <param name="result">0 or more, or a negative errno.</param>
    internal static int Unknown(int result) => result >= 0 || IsAbsence(result) ? 0 : -result;

    /// <summary>
    /// True if opening or reading a value failed for lack of our own resources: no descriptor, no memory, or a signal. Any other errno is the
    /// driver's or the file system's answer, which stays the same however often it is read.
    /// </summary>
    /// <param name="result">0 or more, or a negative errno.</param>
    internal static bool IsShortage(int result) => result == -LibC.EMFILE || result == -LibC.ENFILE
        || result == -LibC.ENOMEM || result == -LibC.ENOBUFS || result == -LibC.EINTR;
}
