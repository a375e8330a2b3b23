using UeventManager.Core.Uevents;
using UeventManager.Sysfs;

namespace UeventManager.Commands.Verbs;

/// <summary>Reads attributes for commands that use sysfs without the daemon.</summary>
internal static class AttributeFile
{
    // The daemon's limit.
    private const int MaxValueBytes = 4096;

    /// <summary>A value without its padding; null if it does not exist, cannot be read or is not text.</summary>
    /// <param name="file">The attribute's file.</param>
    public static string? Read(string file)
    {
        if (DeadlyAttribute.Is(file))
            return null;
        try
        {
            using var stream = new FileStream(file, new FileStreamOptions { BufferSize = 0, Share = FileShare.ReadWrite });
            byte[] buffer = new byte[MaxValueBytes];
            int count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            string text = KernelText.Decode(KernelText.WithoutPadding(buffer.AsSpan(0, count)));
            return text.Any(static c => char.IsControl(c) && c is not ('\n' or '\t')) ? null : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
