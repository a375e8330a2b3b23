using System.Runtime.InteropServices;
using UeventManager.Core.Rules;

namespace UeventManager;

/// <summary>A failed system call: the operation, its object, and the errno.</summary>
internal sealed class SystemCallException : IOException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="operation">The system call or its purpose.</param>
    /// <param name="path">The file, directory or option concerned, or null.</param>
    /// <param name="errno">The error number.</param>
    public SystemCallException(string operation, string? path, int errno)
        : base($"{operation}{(path is null ? "" : $" {path}")}: {Marshal.GetPInvokeErrorMessage(errno)} ({ErrnoName.Of(errno)})")
    {
        Operation = operation;
        Path = path;
        Errno = errno;
    }

    /// <summary>The system call or its purpose.</summary>
    public string Operation { get; }

    /// <summary>The file, directory or option concerned, or null.</summary>
    public string? Path { get; }

    /// <summary>The error number.</summary>
    public int Errno { get; }
}
