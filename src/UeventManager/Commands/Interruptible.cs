namespace UeventManager.Commands;

/// <summary>Work that may block in the kernel, such as opening a FIFO without a peer. SIGINT and SIGTERM end the command nevertheless.</summary>
internal static class Interruptible
{
    /// <summary>Does the work on another thread, which is abandoned if the command is ended.</summary>
    public static Task<T> Run<T>(Func<T> work, CancellationToken cancel) => Task.Run(work, CancellationToken.None).WaitAsync(cancel);
}
