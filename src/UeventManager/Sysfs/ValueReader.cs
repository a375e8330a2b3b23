using System.Diagnostics;
using System.Globalization;
using Tmds.Linux;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Sysfs;

/// <summary>
/// Answers every question about a device, including those that may block: reading an attribute runs the driver's show(), which may wait for a device
/// lock as long as a store() holds it (sriov_numvfs_show()). Not thread-safe, except for the path being read.
/// </summary>
internal sealed class ValueReader
{
    private readonly Prober _prober;
    private readonly UdevDatabase _udev;
    private volatile string _path = "";
    private long _sinceUsec;

    /// <summary>Creates a reader.</summary>
    public ValueReader(Prober prober, UdevDatabase udev)
    {
        _prober = prober;
        _udev = udev;
    }

    /// <summary>The path being read, or read last, relative to the device.</summary>
    internal string CurrentPath => _path;

    /// <summary>The beginning of that read, in CLOCK_MONOTONIC microseconds.</summary>
    internal long CurrentSinceUsec => Interlocked.Read(ref _sinceUsec);

    /// <summary>Answers a question about a device, and waits as long as the driver blocks.</summary>
    public Answer Ask(DeviceDirectory device, DeviceIdentity identity, SysfsQuery query)
    {
        switch (query.Kind)
        {
            case QueryKind.UdevEntry:
                return _udev.Ask(identity);
            case QueryKind.Ancestor when query.MayBlock:
                return new AncestorSearch(Ask).Ask(device, identity.DevPath, query.OfAncestor!);
            case QueryKind.Fingerprint:
                return Fingerprint(device, identity.DevPath, query);
        }
        var answer = _prober.Ask(device, identity, query);
        if ((query.Needs & QueryNeeds.Value) == 0 || !answer.Exists)
            return answer;
        Span<byte> buffer = stackalloc byte[SysfsQuery.MaxValueBytes];
        var length = Read(device, identity.DevPath, query.Path, query.PathBytes.Span, buffer);
        return length switch
        {
            >= 0 => answer with { Value = KernelText.Decode(WithoutEnd(buffer[..length], query)) },
            _ when length == -LibC.ENOENT || length == -LibC.ENOTDIR => Answer.Absent,
            _ when LookErrors.IsShortage(length) => Answer.Unknown(-length),
            _ => answer with { Errno = -length },
        };
    }

    /// <summary>Reads the beginning of a file below a device; the number of bytes or -errno.</summary>
    private int Read(DeviceDirectory device, string devPath, string text, ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        if (DeadlyAttribute.Is(text))
            return -LibC.EDEADLK;
        Interlocked.Exchange(ref _sinceUsec, Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000));
        _path = text;
        var fd = ContainedOpen.Open(device, devPath, path, LibC.O_RDONLY);
        if (fd < 0)
            return fd;
        var length = FileCalls.ReadContent(device.Tree, fd, buffer);
        FileCalls.Close(fd);
        return length;
    }

    // The uevent file is not a value: white space at its end belongs to a property, as in any other line.
    private static ReadOnlySpan<byte> WithoutEnd(ReadOnlySpan<byte> content, SysfsQuery query) =>
        query.Path != "uevent" ? KernelText.WithoutPadding(content) : content.EndsWith("\n"u8) ? content[..^1] : content;

    /// <summary>Names and values as one text: their number, and a hash that changes when any of them does.</summary>
    private Answer Fingerprint(DeviceDirectory device, string devPath, SysfsQuery query)
    {
        var names = new List<string>();
        var walk = new GlobWalk(device, devPath, names);
        foreach (var glob in GlobPath.Of(query))
            walk.Run(glob);
        if (walk.CouldNotLook)
            return Answer.Unknown(walk.Errno);
        names.Sort(StringComparer.Ordinal);
        var hash = new Fnv128();
        Span<byte> path = stackalloc byte[PathText.MaxBytes];
        Span<byte> value = stackalloc byte[SysfsQuery.MaxValueBytes];
        var distinct = 0;
        for (var i = 0; i < names.Count; i++)
        {
            var encoded = PathText.Encode(names[i], path);
            if (encoded.IsEmpty || (i > 0 && names[i] == names[i - 1]))
                continue;
            distinct++;
            var length = Read(device, devPath, names[i], encoded, value);
            if (LookErrors.IsShortage(length))
                return Answer.Unknown(-length);
            hash.Add(encoded);
            hash.Add(length < 0 ? length : 0, value[..Math.Max(length, 0)]);
        }
        return new Answer
        {
            Asked = true,
            Exists = distinct > 0,
            Count = distinct,
            Value = string.Create(CultureInfo.InvariantCulture, $"{distinct}:{hash.Text}"),
            Errno = walk.Errno,
        };
    }
}
