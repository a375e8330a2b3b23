using UeventManager.Core.Uevents;

namespace UeventManager.Core.Rules;

/// <summary>Reads the text of a device's <c>uevent</c> file: a line <c>KEY=VALUE</c> for each property.</summary>
public static class UeventFile
{
    /// <summary>The value of a property, without trailing white space and NULs; null if there is no such property.</summary>
    public static string? Find(string? text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > name.Length && line[name.Length] == '=' && line.StartsWith(name, StringComparison.Ordinal))
                return KernelText.WithoutPadding(line[(name.Length + 1)..]).ToString();
        }
        return null;
    }
}
