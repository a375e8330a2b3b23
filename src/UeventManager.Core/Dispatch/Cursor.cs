using System.Buffers.Text;
using System.Text;

namespace UeventManager.Core.Dispatch;

/// <summary>A place in the stream of events of one run of the daemon. Opaque to clients.</summary>
/// <param name="Epoch">A random number that identifies the run.</param>
/// <param name="Number">The number of the event right before the place.</param>
public readonly record struct Cursor(ulong Epoch, long Number)
{
    /// <summary>The longest text, in bytes.</summary>
    public const int MaxLength = 40;

    /// <summary>The place of the number in the text.</summary>
    internal const int NumberAt = 17;

    private int Format(Span<byte> text)
    {
        Utf8Formatter.TryFormat(Epoch, text, out var used, new System.Buffers.StandardFormat('x', 16));
        text[used++] = (byte)'-';
        Utf8Formatter.TryFormat(Number, text[used..], out var digits);
        return used + digits;
    }

    /// <summary>Reads a cursor; false if the text is not a cursor of this program.</summary>
    public static bool TryParse(string text, out Cursor cursor)
    {
        cursor = default;
        var dash = text.IndexOf('-');
        if (dash != 16 || !ulong.TryParse(text.AsSpan(0, dash), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var epoch))
            return false;
        if (!long.TryParse(text.AsSpan(dash + 1), System.Globalization.NumberStyles.None, null, out var number))
            return false;
        cursor = new Cursor(epoch, number);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..Format(text)]);
    }
}
