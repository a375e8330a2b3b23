namespace UeventManager.KernelTests.Harness;

/// <summary>
/// A directory in memory that everybody may enter, removed at the end. Its path is short: a Unix socket's may have 107 bytes
/// (<c>UNIX_PATH_MAX</c>).
/// </summary>
public sealed class ScratchDirectory : IDisposable
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public ScratchDirectory(string what)
    {
        var parent = Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();
        Path = System.IO.Path.Combine(parent, $"uem-{what}-{Guid.NewGuid().ToString("N")[..12]}");
        Directory.CreateDirectory(Path, Everybody);
    }

    public string Path { get; }

    /// <summary>Lets a process without privileges write here; sticky as /tmp is, or a daemon would not trust it.</summary>
    public void OpenToEverybody() =>
        File.SetUnixFileMode(Path, Everybody | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit);

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
