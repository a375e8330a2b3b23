using Tmds.Linux;

namespace UeventManager;

/// <summary>
/// Standard input, output and error. If the parent process closed one, the next opened file would get its number, and printed text would go into that
/// file: into the pipe with which the runtime signals itself, or into a socket.
/// </summary>
internal static class StandardDescriptors
{
    private const int BadDescriptor = 9; // EBADF

    /// <summary>Opens /dev/null for each closed one. Call it before anything else is opened.</summary>
    public static unsafe void FillGaps()
    {
        for (var descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (LibC.fcntl(descriptor, LibC.F_GETFD, 0) >= 0 || LibC.errno != BadDescriptor)
                continue;
            // Standard output is then not writable, so that a command reports the failure; a failure of standard error could not be reported
            // anywhere.
            fixed (byte* path = "/dev/null\0"u8)
            {
                if (LibC.open(path, descriptor == 2 ? LibC.O_WRONLY : LibC.O_RDONLY, 0) < 0)
                    return;
            }
        }
    }
}
