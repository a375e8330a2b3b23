using System.Runtime.InteropServices;
using System.Text;

namespace UeventManager.KernelTests.Harness;

/// <summary>
/// A file that this process serves over <c>/dev/fuse</c>. Its reads block until they are answered, and as those of a driver that sleeps on
/// its device lock they cannot be interrupted: not even SIGKILL ends a thread that waits in one (request_wait_answer()).
/// </summary>
internal sealed class FuseFile : IBlockedFile
{
    private readonly Lock _gate = new();
    private readonly List<FuseRequest> _reads = [];
    private readonly Thread _server;
    private readonly int _fd;
    private byte[]? _content;
    private volatile bool _ending;

    /// <summary>Mounts it over an existing file, for the sandbox alone.</summary>
    internal FuseFile(Sandbox sandbox, string path)
    {
        Requires.Fuse();
        _fd = Syscalls.Check(Syscalls.Open("/dev/fuse", Syscalls.O_RDWR | Syscalls.O_CLOEXEC), "open /dev/fuse");
        sandbox.Mount("slow", path, "fuse", $"fd={_fd},rootmode=100444,user_id=0,group_id=0,allow_other");
        _server = new Thread(Serve) { IsBackground = true };
        _server.Start();
    }

    public bool IsBeingRead
    {
        get
        {
            lock (_gate)
                return _reads.Count > 0;
        }
    }

    public void Answer(string content)
    {
        lock (_gate)
        {
            _content = Encoding.UTF8.GetBytes(content);
            foreach (var read in _reads)
                Send(ReplyToRead(read));
            _reads.Clear();
        }
    }

    /// <summary>Closing the device ends what still blocks, with ENOTCONN (fuse_abort_conn()).</summary>
    public void Dispose()
    {
        _ending = true;
        _server.Join();
        _ = Syscalls.Close(_fd);
    }

    private void Serve()
    {
        var buffer = new byte[64 * 1024];
        while (!_ending)
        {
            if (!Syscalls.WaitReadable(_fd, Deadline.Exactly(TimeSpan.FromMilliseconds(20))))
                continue;
            var count = Syscalls.Read(_fd, buffer, buffer.Length);
            if (count > 0)
                Handle(FuseRequest.Parse(buffer.AsSpan(0, (int)count)));
            else if (Marshal.GetLastPInvokeError() == Syscalls.ENODEV)
                return;
        }
    }

    private void Handle(FuseRequest request)
    {
        lock (_gate)
        {
            if (request.Opcode == FuseRequest.Read && _content is null)
                _reads.Add(request);
            else if ((request.Opcode == FuseRequest.Read ? ReplyToRead(request) : request.ReplyAsOneFile()) is { } reply)
                Send(reply);
        }
    }

    private byte[] ReplyToRead(FuseRequest read) => read.Reply(_content.AsSpan((int)Math.Min(read.Offset, (ulong)_content!.Length)));

    // A request that its process has given up is unknown by now: ENOENT, and nobody waits.
    private void Send(byte[] reply) => _ = Syscalls.Write(_fd, reply, reply.Length);
}
