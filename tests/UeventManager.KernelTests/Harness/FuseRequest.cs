using System.Buffers.Binary;

namespace UeventManager.KernelTests.Harness;

/// <summary>One request of the kernel's, as <c>struct fuse_in_header</c> begins it.</summary>
internal readonly record struct FuseRequest(uint Opcode, ulong Unique, ulong Offset)
{
    internal const uint Forget = 2;
    internal const uint GetAttr = 3;
    internal const uint Open = 14;
    internal const uint Read = 15;
    internal const uint Release = 18;
    internal const uint Flush = 25;
    internal const uint Init = 26;
    internal const uint Interrupt = 36;
    internal const uint BatchForget = 42;
    private const int HeaderBytes = 40;

    internal static FuseRequest Parse(ReadOnlySpan<byte> message)
    {
        var opcode = BinaryPrimitives.ReadUInt32LittleEndian(message[4..]);
        // struct fuse_read_in: fh, offset, size, …
        var offset = opcode == Read ? BinaryPrimitives.ReadUInt64LittleEndian(message[(HeaderBytes + 8)..]) : 0;
        return new FuseRequest(opcode, BinaryPrimitives.ReadUInt64LittleEndian(message[8..]), offset);
    }

    /// <summary>A reply: <c>struct fuse_out_header</c> and what belongs to it.</summary>
    internal byte[] Reply(ReadOnlySpan<byte> body, int error = 0)
    {
        var message = new byte[16 + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), -error);
        BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(8), Unique);
        body.CopyTo(message.AsSpan(16));
        return message;
    }

    /// <summary>What the kernel wants to know of a file system that is one regular file; null where no answer is due.</summary>
    internal byte[]? ReplyAsOneFile()
    {
        switch (Opcode)
        {
            case Init:
                // struct fuse_init_out of protocol 7.31: major, minor, max_readahead, flags, max_background, …, max_write.
                var init = new byte[64];
                BinaryPrimitives.WriteUInt32LittleEndian(init, 7);
                BinaryPrimitives.WriteUInt32LittleEndian(init.AsSpan(4), 31);
                BinaryPrimitives.WriteUInt32LittleEndian(init.AsSpan(20), 4096);
                return Reply(init);
            case GetAttr:
                // struct fuse_attr_out: attr_valid and padding, then struct fuse_attr with ino, size, …, mode, nlink.
                var attributes = new byte[104];
                BinaryPrimitives.WriteUInt64LittleEndian(attributes.AsSpan(16), 1);
                BinaryPrimitives.WriteUInt64LittleEndian(attributes.AsSpan(24), 4096);
                BinaryPrimitives.WriteUInt32LittleEndian(attributes.AsSpan(76), 0x8124);
                BinaryPrimitives.WriteUInt32LittleEndian(attributes.AsSpan(80), 1);
                return Reply(attributes);
            case Open:
                // struct fuse_open_out: fh, and FOPEN_DIRECT_IO so that each read(2) comes here.
                var open = new byte[16];
                open[8] = 1;
                return Reply(open);
            case Release or Flush:
                return Reply([]);
            case Forget or BatchForget or Interrupt:
                return null;
            default:
                return Reply([], Syscalls.ENOSYS);
        }
    }
}
