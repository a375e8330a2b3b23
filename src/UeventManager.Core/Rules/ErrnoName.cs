namespace UeventManager.Core.Rules;

/// <summary>Names of the errno values that reads of sysfs return (asm-generic/errno-base.h and errno.h).</summary>
public static class ErrnoName
{
    internal const int NoData = 61;

    /// <summary>The symbolic name, or <c>errno N</c>.</summary>
    public static string Of(int errno) => errno switch
    {
        1 => "EPERM",
        2 => "ENOENT",
        4 => "EINTR",
        5 => "EIO",
        6 => "ENXIO",
        11 => "EAGAIN",
        12 => "ENOMEM",
        13 => "EACCES",
        16 => "EBUSY",
        19 => "ENODEV",
        20 => "ENOTDIR",
        21 => "EISDIR",
        22 => "EINVAL",
        23 => "ENFILE",
        24 => "EMFILE",
        28 => "ENOSPC",
        34 => "ERANGE",
        36 => "ENAMETOOLONG",
        38 => "ENOSYS",
        40 => "ELOOP",
        NoData => "ENODATA",
        71 => "EPROTO",
        75 => "EOVERFLOW",
        95 => "EOPNOTSUPP",
        100 => "ENETDOWN",
        105 => "ENOBUFS",
        110 => "ETIMEDOUT",
        116 => "ESTALE",
        121 => "EREMOTEIO",
        _ => $"errno {errno}",
    };
}
