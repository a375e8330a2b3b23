using Tmds.Linux;

namespace UeventManager;

/// <summary>
/// Mapped memory for data that a client makes us keep for a while: the system provides pages as they are written and takes them back at once, and the
/// garbage collector, which would stop all threads to find them, never sees them. Not thread-safe; no span may be used after the end.
/// </summary>
internal sealed unsafe class MappedBytes : IDisposable
{
    private const int PageBytes = 4096;
    private void* _start;

    /// <summary>Maps memory.</summary>
    /// <param name="atLeast">The number of bytes, rounded up to whole pages.</param>
    /// <exception cref="SystemCallException">The system has no memory left.</exception>
    public MappedBytes(int atLeast)
    {
        Length = checked((atLeast + PageBytes - 1) / PageBytes * PageBytes);
        _start = LibC.mmap(null, Length, LibC.PROT_READ | LibC.PROT_WRITE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, 0);
        if ((nint)_start == -1)
            throw new SystemCallException("mmap", $"{Length} bytes", LibC.errno);
    }

    /// <summary>The size, in bytes.</summary>
    public int Length { get; }

    /// <summary>The memory; empty once it is unmapped.</summary>
    public Span<byte> Span => _start is null ? [] : new Span<byte>(_start, Length);

    /// <summary>Unmaps the memory.</summary>
    public void Dispose()
    {
        if (_start is null)
            return;
        _ = LibC.munmap(_start, Length);
        _start = null;
    }
}
