using UeventManager.Client;

namespace UeventManager.Tests.Client;

/// <summary>A program that uses the library must find the daemon that the command finds.</summary>
public sealed class SocketPathTests : IDisposable
{
    private readonly string _runtime = Directory.CreateTempSubdirectory("uem-xdg-").FullName;

    public void Dispose() => Directory.Delete(_runtime, recursive: true);

    [Theory]
    [InlineData("/elsewhere/socket", true, false, "/elsewhere/socket")]
    [InlineData("/elsewhere/socket", true, true, "/elsewhere/socket")]
    [InlineData("", true, false, "own")]
    [InlineData(null, true, false, "own")]
    [InlineData(null, true, true, SocketPath.Default)]
    [InlineData(null, false, false, SocketPath.Default)]
    public void A_named_socket_comes_first_and_the_users_before_the_systems(string? named, bool hasOwn, bool isPrivileged, string expected)
    {
        string own = Path.Combine(_runtime, "uevent-manager", "socket");
        Directory.CreateDirectory(Path.GetDirectoryName(own)!);
        if (hasOwn)
            File.WriteAllText(own, "");
        Assert.Equal(expected == "own" ? own : expected, SocketPath.Choose(variable => variable == SocketPath.Variable ? named : _runtime, isPrivileged));
    }

    [Fact]
    public void Without_a_runtime_directory_the_systems_socket_is_used() =>
        Assert.Equal(SocketPath.Default, SocketPath.Choose(_ => null, isPrivileged: false));
}
