using System.Text;

namespace UeventManager.KernelTests.Harness;

/// <summary>Collects one stream of a process on a thread of its own, so that the process never blocks on a full pipe.</summary>
internal sealed class ProcessText
{
    private readonly StringBuilder _text = new();
    private readonly Thread _reader;

    internal ProcessText(StreamReader stream)
    {
        _reader = new Thread(() => Read(stream)) { IsBackground = true };
        _reader.Start();
    }

    internal string Text
    {
        get
        {
            lock (_text)
                return _text.ToString();
        }
    }

    internal IReadOnlyList<string> CompleteLines
    {
        get
        {
            var text = Text;
            var end = text.LastIndexOf('\n');
            return end < 0 ? [] : text[..end].Split('\n');
        }
    }

    /// <summary>Returns once the stream has ended. A grandchild that inherited it may keep it open: then at the deadline.</summary>
    internal void WaitForEnd(Deadline deadline) => _reader.Join(deadline.Remaining);

    private void Read(StreamReader stream)
    {
        var buffer = new char[4096];
        try
        {
            while (stream.Read(buffer, 0, buffer.Length) is var count and > 0)
            {
                lock (_text)
                    _text.Append(buffer, 0, count);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The process was disposed of while it still spoke: nobody reads on.
        }
    }
}
