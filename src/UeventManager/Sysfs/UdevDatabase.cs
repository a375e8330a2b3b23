using System.Diagnostics;
using System.Text;
using Tmds.Linux;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Sysfs;

/// <summary>udev's database: one file for each device, written after its rules have run.</summary>
internal sealed class UdevDatabase
{
    /// <summary>The default directory.</summary>
    public const string DefaultPath = "/run/udev/data";

    /// <summary>The most bytes of an entry that are read.</summary>
    public const int MaxEntryBytes = 64 * 1024;

    private readonly string _root;
    private readonly string _queue;
    private readonly string _control;
    private readonly string _forwarder;

    /// <summary>Sets the directory.</summary>
    public UdevDatabase(string root = DefaultPath)
    {
        _root = root;
        _control = Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(root)) ?? "", "control");
        _queue = Path.Combine(Path.GetDirectoryName(_control) ?? "", "queue");
        _forwarder = Path.Combine(Path.GetDirectoryName(_control) ?? "", "uevent-manager");
    }

    /// <summary>
    /// The name of a device's entry, as sd_device_get_device_id() makes it: <c>b8:0</c> and <c>c1:3</c> by number,
    /// <c>n2</c> by interface index, else <c>+subsystem:sysname</c>.
    /// </summary>
    public static string IdOf(DeviceIdentity identity)
    {
        var (block, id) = (new ByteBuffer(256), new ByteBuffer(64));
        Add("DEVPATH"u8, identity.DevPath);
        Add("SUBSYSTEM"u8, identity.Subsystem);
        Add("MAJOR"u8, identity.Major);
        Add("MINOR"u8, identity.Minor);
        Add("IFINDEX"u8, identity.IfIndex);
        DeviceText.Id(id, block.Written);
        return Encoding.UTF8.GetString(id.Written);

        void Add(ReadOnlySpan<byte> key, string? value)
        {
            if (value is not null)
                DeviceText.Pair(block, key, Encoding.UTF8.GetBytes(value));
        }
    }

    /// <summary>
    /// A device's entry. Present without a file if udevd's control socket is missing, because then no udevd will write one. udevd creates the
    /// database only with the first entry.
    /// </summary>
    internal Answer Ask(DeviceIdentity identity)
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        // `ueventctl forward` writes what this daemon has delivered: waiting for that would be waiting for ourselves.
        if (FileCalls.Access(LibC.AT_FDCWD, PathText.Encode(_forwarder, buffer)) == 0)
            return Answer.Present;
        var root = FileCalls.Open(LibC.AT_FDCWD, PathText.Encode(_root, buffer), LibC.O_PATH | LibC.O_DIRECTORY);
        if (root < 0)
            return root == -LibC.ENOENT || root == -LibC.ENOTDIR ? WithoutDatabase() : Failed(root);
        // Without its control socket no udevd runs that would write the entry; an old entry is udevd's last word.
        var without = WithoutDatabase();
        if (without.Errno != 0)
        {
            FileCalls.Close(root);
            return without;
        }
        var name = PathText.Encode(IdOf(identity), buffer);
        var fd = name.IsEmpty || name.Contains((byte)'/')
            ? -LibC.ENOENT
            : FileCalls.Open(root, name, LibC.O_RDONLY | LibC.O_NOFOLLOW | LibC.O_NONBLOCK);
        var keepsNone = fd == -LibC.ENOENT && !without.Exists && KeepsNone(identity, root);
        FileCalls.Close(root);
        if (fd < 0)
            return keepsNone ? new Answer { Asked = true, Exists = true, Udev = UdevFile.None } : fd == -LibC.ENOENT ? without : Failed(fd);
        var text = new byte[MaxEntryBytes];
        var length = FileCalls.ReadAll(fd, text);
        var file = FileOf(fd) with { IsLeft = without.Exists };
        FileCalls.Close(fd);
        return length < 0
            ? Failed(length) with { Exists = !LookErrors.IsShortage(length) }
            : new Answer { Asked = true, Exists = true, Value = KernelText.Decode(text.AsSpan(0, length)), Udev = file };
    }

    // udevd keeps an entry of each device that has a number (device_update_db()), /dev/null among them, which it processes in its first pass over all
    // devices. If it has, and its queue is empty, it has also processed this device and had nothing to store. udevd 262 has no such queue.
    private bool KeepsNone(DeviceIdentity identity, int root)
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        return identity is { Major: null or "0", IfIndex: null } && FileCalls.Access(root, "c1:3\0"u8) == 0
            && LookErrors.IsAbsence(FileCalls.Access(LibC.AT_FDCWD, PathText.Encode(_queue, buffer)));
    }

    // In the clock of the kernel's events. A file system's clock is coarser by up to a tick, so a file may look a little older than it is.
    private static UdevFile FileOf(int descriptor)
    {
        if (FileCalls.Stat(descriptor, "\0"u8, LibC.AT_EMPTY_PATH, LibC.STATX_INO | LibC.STATX_MTIME, out var data) < 0)
            return new UdevFile(0, long.MinValue);
        var now = DateTimeOffset.UtcNow;
        var modified = DateTimeOffset.FromUnixTimeSeconds(data.stx_mtime.tv_sec).AddMicroseconds(data.stx_mtime.tv_nsec / 1000);
        return new UdevFile(data.stx_ino, (Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)) - (long)(now - modified).TotalMicroseconds);
    }

    private Answer WithoutDatabase()
    {
        Span<byte> buffer = stackalloc byte[PathText.MaxBytes];
        // udevd 262 makes it a link by its absolute path, which leads nowhere from another mount namespace.
        var error = FileCalls.Stat(LibC.AT_FDCWD, PathText.Encode(_control, buffer), LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_TYPE, out _);
        return error == 0 ? Answer.Absent : LookErrors.IsAbsence(error) ? Answer.Present : Answer.Unknown(-error);
    }

    private static Answer Failed(int error) => LookErrors.IsShortage(error) ? Answer.Unknown(-error) : new Answer { Asked = true, Errno = -error };
}
