using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace UeventManager.Core.Uevents;

/// <summary>Text from the kernel: bytes that are mostly ASCII, sometimes UTF-8, and sometimes neither.</summary>
public static class KernelText
{
    // Attributes with padding (models of SCSI and NVMe disks), and device tree strings, which end with a NUL.
    private static ReadOnlySpan<char> Padding => " \t\n\v\f\r\0";

    /// <summary>A value without trailing white space and NULs, which carry no meaning.</summary>
    public static ReadOnlySpan<char> WithoutPadding(ReadOnlySpan<char> value) => value.TrimEnd(Padding);

    /// <summary>The same for bytes.</summary>
    public static ReadOnlySpan<byte> WithoutPadding(ReadOnlySpan<byte> value) => value.TrimEnd(" \t\n\v\f\r\0"u8);

    /// <summary>The same; null stays null.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static string? WithoutPadding(string? value) =>
        value is null || WithoutPadding(value.AsSpan()) is var trimmed && trimmed.Length == value.Length ? value : trimmed.ToString();

    /// <summary>Decodes like <see cref="Decode(ReadOnlySpan{byte})"/>, but allocates no string for a short text.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="buffer">Room for a short text; the result may point into it.</param>
    public static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes, Span<char> buffer) =>
        Utf8.ToUtf16(bytes, buffer, out _, out var length, replaceInvalidSequences: false) == OperationStatus.Done ? buffer[..length] : Decode(bytes);

    /// <summary>Decodes text: valid UTF-8 is kept, and each invalid byte becomes <c>\xNN</c>.</summary>
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
