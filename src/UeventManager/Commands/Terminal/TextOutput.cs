using System.Text;
using Microsoft.Win32.SafeHandles;

namespace UeventManager.Commands.Terminal;

/// <summary>
/// Standard output, buffered until <see cref="Flush"/>. .NET's console ignores EPIPE, so that <c>monitor | head -1</c> would run for ever: pipes,
/// sockets and terminals are written to directly. A regular file is not, because FileStream writes at its own offset, and so over the output of other
/// processes.
/// </summary>
internal sealed class TextOutput : IDisposable
{
    private const int BrokenPipe = 32; // EPIPE

    private readonly Stream _stream;
    private readonly MemoryStream _buffer = new();

    /// <summary>Writes to a stream.</summary>
    /// <param name="stream">The stream; this object closes it.</param>
    /// <param name="isTerminal">True if a person reads it.</param>
    public TextOutput(Stream stream, bool isTerminal)
    {
        _stream = stream;
        IsTerminal = isTerminal;
    }

    /// <summary>True if a person reads it.</summary>
    public bool IsTerminal { get; }

    /// <summary>Opens standard output.</summary>
    /// <returns>The output.</returns>
    /// <exception cref="IOException">It is closed.</exception>
    public static TextOutput OpenStandard()
    {
        try
        {
            var direct = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return new TextOutput(direct.CanSeek ? Console.OpenStandardOutput() : direct, !Console.IsOutputRedirected);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    /// <summary>The error if standard output cannot be written.</summary>
    /// <param name="inner">The system's error.</param>
    /// <returns>The exception.</returns>
    public static IOException Unwritable(Exception inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return new IOException($"standard output: {(inner.InnerException ?? inner).Message} (is it closed, or its disk full?)", inner);
    }

    /// <summary>Adds a line. Its text stays one line, and cannot control a terminal except for colours.</summary>
    /// <param name="line">The line without its newline.</param>
    public void Line(string line) => Put(Encoding.UTF8.GetBytes(IsTerminal ? Printable.Colored(line) : Printable.Text(line)));

    /// <summary>Adds a line of JSON.</summary>
    /// <param name="json">The line in UTF-8 without its newline.</param>
    public void Line(ReadOnlySpan<byte> json) => Put(Printable.Json(json));

    private void Put(ReadOnlySpan<byte> line)
    {
        _buffer.Write(line);
        _buffer.WriteByte((byte)'\n');
        if (_buffer.Length > 64 << 10)
            Flush();
    }

    /// <summary>Adds control sequences for the terminal, unchanged.</summary>
    /// <param name="text">Our own text, never foreign text.</param>
    public void Raw(string text) => _buffer.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Adds a file's bytes, unchanged.</summary>
    /// <param name="bytes">Not for a terminal.</param>
    public void Bytes(ReadOnlySpan<byte> bytes) => _buffer.Write(bytes);

    /// <summary>Writes the buffer.</summary>
    /// <exception cref="OutputClosedException">The reader has closed the output.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Flush()
    {
        try
        {
            _stream.Write(_buffer.GetBuffer().AsSpan(0, (int)_buffer.Length));
            _stream.Flush();
        }
        catch (IOException e) when (e.HResult == BrokenPipe)
        {
            throw new OutputClosedException(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
        finally
        {
            _buffer.SetLength(0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _buffer.Dispose();
    }
}

/// <summary>The reader of standard output has closed it, as <c>head</c> does. That is not a failure.</summary>
/// <param name="inner">The system's error.</param>
internal sealed class OutputClosedException(Exception inner) : IOException("standard output was closed", inner);
