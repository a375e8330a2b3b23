using System.Net.Sockets;
using System.Text.Json;

namespace UeventManager.KernelTests.Harness;

/// <summary>Cuts a stream at its NULs.</summary>
internal sealed class VarlinkFrames(Socket socket)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>A whole frame has been received and not taken.</summary>
    internal bool HasFrame => _buffer.AsSpan(_start, _end - _start).Contains((byte)0);

    /// <summary>The next frame, or null at the end of the stream. Fails at the deadline.</summary>
    internal JsonElement? Next(Deadline deadline)
    {
        var searched = _start;
        while (true)
        {
            var length = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)0);
            if (length >= 0)
            {
                using var document = JsonDocument.Parse(_buffer.AsMemory(_start, searched + length - _start));
                _start = searched + length + 1;
                return document.RootElement.Clone();
            }

            MakeRoom();
            searched = _end;
            Assert.True(Syscalls.WaitReadable((int)socket.Handle, deadline), $"no reply within {deadline}");
            var count = Receive();
            if (count == 0)
                return null;
            _end += count;
        }
    }

    private int Receive()
    {
        try
        {
            return socket.Receive(_buffer, _end, _buffer.Length - _end, SocketFlags.None);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
            return;
        var next = _start == 0 ? new byte[_buffer.Length * 2] : _buffer;
        Buffer.BlockCopy(_buffer, _start, next, 0, _end - _start);
        _buffer = next;
        _end -= _start;
        _start = 0;
    }
}
