using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace UeventManager.Core.Uevents;

/// <summary>Text from the kernel, which is bytes: mostly ASCII, sometimes UTF-8, sometimes neither.</summary>
public static class KernelText
{
    // Padded attributes (the models of SCSI and NVMe disks), and strings of a device tree, which end with their NUL.
    private static ReadOnlySpan<char> Padding => " \t\n\v\f\r\0";

    /// <summary>A value without the white space and the NULs at its end: those say nothing.</summary>
    public static ReadOnlySpan<char> WithoutPadding(ReadOnlySpan<char> value) => value.TrimEnd(Padding);

    /// <summary>The same of bytes.</summary>
    public static ReadOnlySpan<byte> WithoutPadding(ReadOnlySpan<byte> value) => value.TrimEnd(" \t\n\v\f\r\0"u8);

    /// <summary>The same; null stays null.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static string? WithoutPadding(string? value) =>
        value is null || WithoutPadding(value.AsSpan()) is var trimmed && trimmed.Length == value.Length ? value : trimmed.ToString();

    /// <summary>The same, without a string where the text is short.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="buffer">Room for a short text; the result may lie in it.</param>
    public static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes, Span<char> buffer) =>
        Utf8.ToUtf16(bytes, buffer, out _, out var length, replaceInvalidSequences: false) == OperationStatus.Done ? buffer[..length] : Decode(bytes);

    /// <summary>The text: what is UTF-8 is kept, each byte that belongs to no valid character becomes <c>\xNN</c>.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder(bytes.Length + 16);
        Span<char> pair = stackalloc char[2];
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done)
            {
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
            }
            else
            {
                foreach (var invalid in bytes[..consumed])
                    text.Append("\\x").Append(invalid.ToString("x2"));
            }
            bytes = bytes[consumed..];
        }
        return text.ToString();
    }
}
