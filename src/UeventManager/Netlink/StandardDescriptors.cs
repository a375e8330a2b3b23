using Tmds.Linux;

namespace UeventManager;

/// <summary>
/// Standard input, output and error. If the parent process closed one, the next file opened would get its number, and what is printed
/// would go there: into the pipe by which the runtime tells itself of signals, or into a socket.
/// </summary>
internal static class StandardDescriptors
{
    private const int BadDescriptor = 9; // EBADF

    /// <summary>Fills the gaps, so that nothing else comes there. Before anything is opened.</summary>
    public static unsafe void FillGaps()
    {
        for (var descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (LibC.fcntl(descriptor, LibC.F_GETFD, 0) >= 0 || LibC.errno != BadDescriptor)
                continue;
            // Standard output cannot be written then, which a command must say; standard error has nobody to say it to.
            fixed (byte* path = "/dev/null\0"u8)
            {
                if (LibC.open(path, descriptor == 2 ? LibC.O_WRONLY : LibC.O_RDONLY, 0) < 0)
                    return;
            }
        }
    }
}
