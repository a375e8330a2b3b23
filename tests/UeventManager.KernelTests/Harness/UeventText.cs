using System.Text;

namespace UeventManager.KernelTests.Harness;

/// <summary>The kernel's form of a uevent: <c>ACTION@DEVPATH</c>, then <c>KEY=VALUE</c>, each with a final NUL.</summary>
public static class UeventText
{
    public static byte[] Encode(string action, string devpath, string subsystem, params IReadOnlyList<string> properties)
    {
        string[] lines = [$"{action}@{devpath}", $"ACTION={action}", $"DEVPATH={devpath}", $"SUBSYSTEM={subsystem}", .. properties];
        return Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\0")));
    }

    public static Dictionary<string, string> Decode(ReadOnlySpan<byte> datagram) =>
        Encoding.UTF8.GetString(datagram).Split('\0')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
