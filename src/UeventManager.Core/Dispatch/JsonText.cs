using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>
/// Writes JSON text. Nearly all text is printable ASCII without quotes and backslashes, which is copied; the library escapes the rest. Callers write
/// commas and names.
/// </summary>
internal static class JsonText
{
    private const int MostForOne = 6;
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>Writes a text in quotes; each byte that is not valid UTF-8 becomes <c>\xNN</c>.</summary>
    public static void Quoted(this ByteBuffer to, ReadOnlySpan<byte> text)
    {
        var room = to.Room(text.Length + 2);
        room[0] = (byte)'"';
        if (PlainText.Copy(text, room[1..]) < text.Length)
        {
            Escaped(to, text);
            return;
        }
        room[text.Length + 1] = (byte)'"';
        to.Advance(text.Length + 2);
    }

    /// <summary>Writes a text in quotes.</summary>
    public static void Quoted(this ByteBuffer to, string text)
    {
        var room = to.Room(text.Length + 2);
        room[0] = (byte)'"';
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] > 0x7E || PlainText.IsOdd((byte)text[i]))
            {
                Escaped(to, text);
                return;
            }
            room[i + 1] = (byte)text[i];
        }
        room[text.Length + 1] = (byte)'"';
        to.Advance(text.Length + 2);
    }

    /// <summary>Writes a member with a text's bytes in base64, if the text is not valid UTF-8.</summary>
    public static void Raw(this ByteBuffer to, ReadOnlySpan<byte> member, ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
            to.Base64(member, text);
    }

    /// <summary>Writes a member with bytes in base64.</summary>
    public static void Base64(this ByteBuffer to, ReadOnlySpan<byte> member, ReadOnlySpan<byte> bytes)
    {
        to.Append(member);
        to.Append((byte)'"');
        System.Buffers.Text.Base64.EncodeToUtf8(bytes, to.Room(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var length);
        to.Advance(length);
        to.Append((byte)'"');
    }

    /// <summary>Writes a number.</summary>
    public static void Number(this ByteBuffer to, long number)
    {
        Utf8Formatter.TryFormat(number, to.Room(20), out var length);
        to.Advance(length);
    }

    /// <summary>Writes <c>true</c> or <c>false</c>.</summary>
    public static void Bool(this ByteBuffer to, bool value) => to.Append(value ? "true"u8 : "false"u8);

    private static void Escaped(ByteBuffer to, ReadOnlySpan<byte> text)
    {
        if (!Utf8.IsValid(text))
        {
            Escaped(to, KernelText.Decode(text));
            return;
        }
        to.Append((byte)'"');
        // The longest escape is \uNNNN for one byte.
        if (Encoder.EncodeUtf8(text, to.Room(MostForOne * text.Length + Encoder.MaxOutputCharactersPerInputCharacter), out _, out var written) != OperationStatus.Done)
            throw new InvalidOperationException("a text is too long in JSON");
        to.Advance(written);
        to.Append((byte)'"');
    }

    private static void Escaped(ByteBuffer to, string text)
    {
        to.Append((byte)'"');
        var escaped = Encoder.Encode(text);
        to.Advance(Encoding.UTF8.GetBytes(escaped, to.Room(Encoding.UTF8.GetMaxByteCount(escaped.Length))));
        to.Append((byte)'"');
    }
}
