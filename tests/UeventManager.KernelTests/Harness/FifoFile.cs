using System.Text;

namespace UeventManager.KernelTests.Harness;

/// <summary>A FIFO in the place of an attribute: its reads block, and a signal ends them.</summary>
internal sealed class FifoFile : IBlockedFile
{
    private readonly FakeDevice _device;
    private readonly string _name;
    private readonly string _path;
    private readonly Func<int> _reader;
    private int _fd;

    /// <param name="device">The device.</param>
    /// <param name="name">The attribute; what it was before is gone.</param>
    /// <param name="reader">The process that may read it.</param>
    internal FifoFile(FakeDevice device, string name, Func<int> reader)
    {
        (_device, _name, _path, _reader) = (device, name, $"{device.Path}/{name}", reader);
        File.Delete(_path);
        Syscalls.Check(Syscalls.MakeFifo(_path, 0x1A4), $"mkfifo {_path}");
        // As long as this is open a reader opens it at once and then waits for data: so /proc shows who reads.
        _fd = Syscalls.Check(Syscalls.Open(_path, Syscalls.O_RDWR | Syscalls.O_NONBLOCK | Syscalls.O_CLOEXEC), $"open {_path}");
    }

    public bool IsBeingRead => ProcessResources.HasOpen(_reader(), _path);

    public void Answer(string content)
    {
        // Whoever looks again finds a file.
        _device.Write(_name, content);
        var bytes = Encoding.UTF8.GetBytes(content);
        _ = Syscalls.Write(_fd, bytes, bytes.Length);
        Dispose();
    }

    public void Dispose()
    {
        if (_fd >= 0)
            _ = Syscalls.Close(_fd);
        _fd = -1;
    }
}
