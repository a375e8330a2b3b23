using System.Text;
using System.Text.Unicode;

namespace UeventManager.Core.Uevents;

/// <summary>Bytes of the kernel's as text.</summary>
public static class KernelText
{
    /// <summary>UTF-8 as it is; every byte that is not part of valid UTF-8 as <c>\xNN</c>.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder(bytes.Length + 16);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune.ToString());
            }
            else
            {
                used = 1;
                text.Append($"\\x{bytes[0]:x2}");
            }
            bytes = bytes[used..];
        }
        return text.ToString();
    }
}
