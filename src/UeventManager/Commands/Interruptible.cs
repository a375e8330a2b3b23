namespace UeventManager.Commands;

/// <summary>Work that may be stuck in the kernel, as in the open of a FIFO at whose other end nobody is: SIGINT and SIGTERM end the command all the same.</summary>
internal static class Interruptible
{
    /// <summary>Does it on another thread, which is left to itself if the command is ended.</summary>
    public static Task<T> Run<T>(Func<T> work, CancellationToken cancel) => Task.Run(work, CancellationToken.None).WaitAsync(cancel);
}
