using Tmds.Linux;

namespace UeventManager.Netlink;

/// <summary>The size of a terminal.</summary>
internal static class TerminalSize
{
    /// <summary>Reads the size.</summary>
    /// <param name="descriptor">The terminal.</param>
    /// <returns>Rows and columns; null if it is not a terminal, or does not report its size.</returns>
    public static unsafe (int Rows, int Columns)? Of(int descriptor)
    {
        var size = stackalloc ushort[4]; // struct winsize: rows, columns, and twice pixels
        return LibC.ioctl(descriptor, LibC.TIOCGWINSZ, size) == 0 && size[0] > 0 && size[1] > 0 ? (size[0], size[1]) : null;
    }
}
