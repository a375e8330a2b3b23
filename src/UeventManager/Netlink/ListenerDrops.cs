using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace UeventManager.Netlink;

/// <summary>
/// Counts the datagrams that slow listeners of a network namespace lost: a sender to netlink groups is not informed, but the kernel counts drops for
/// each socket (<c>/proc/net/netlink</c>: sk, Eth, Pid, Groups, Rmem, Wmem, Dump, Locks, Drops, Inode).
/// </summary>
internal sealed class ListenerDrops : IDisposable
{
    private const int MaxBytes = 256 * 1024;

    private readonly SafeFileHandle _file;
    private readonly byte[] _text = new byte[MaxBytes];
    private Dictionary<string, long> _known = new(StringComparer.Ordinal);

    private ListenerDrops(SafeFileHandle file) => _file = file;

    /// <summary>Opens the list of the calling thread's namespace; null without procfs.</summary>
    public static ListenerDrops? Open()
    {
        try
        {
            return new ListenerDrops(File.OpenHandle("/proc/thread-self/net/netlink"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The number of datagrams that listeners of these groups have lost since the last call.</summary>
    /// <param name="groups">The mask of groups.</param>
    public long Count(uint groups)
    {
        var length = 0;
        while (length < _text.Length && RandomAccess.Read(_file, _text.AsSpan(length), length) is var read and > 0)
            length += read;
        var now = new Dictionary<string, long>(StringComparer.Ordinal);
        long lost = 0;
        foreach (var line in Encoding.ASCII.GetString(_text, 0, length).Split('\n'))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, "15", _, var mask, _, _, _, _, var drops, var inode])
                continue;
            if (!uint.TryParse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var member) || (member & groups) == 0)
                continue;
            now[inode] = long.Parse(drops, CultureInfo.InvariantCulture);
            lost += Math.Max(0, now[inode] - _known.GetValueOrDefault(inode));
        }
        _known = now;
        return lost;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
