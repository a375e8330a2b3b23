using System.Net;
using System.Net.Sockets;
using System.Text;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>One user cannot shut others out, and a second daemon cannot take the first one's subscribers.</summary>
public sealed class ListenerTests : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0x1B6;
    private readonly string _directory = Directory.CreateTempSubdirectory("listener").FullName;

    private string SocketPath => Path.Combine(_directory, "socket");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(2, 100)]
    [InlineData(100, 2)]
    public void BeyondALimitAConnectionIsToldAndClosed(int all, int perUid)
    {
        using var server = new TestServer(new VarlinkLimits { MaxConnections = all, MaxConnectionsPerUid = perUid });
        using TestClient first = server.Connect();
        using TestClient second = server.Connect();
        using TestClient third = server.Connect();
        Assert.Equal(
            """{"error":"org.ueventmanager.Devices.TooManySubscribers","parameters":{"limit":2}}""" + "\0", third.ReadToEnd());
        Assert.Equal("{}", first.Ask("Secret"));
        second.Dispose();
        server.Poller.Until(() => server.Listener.Connections == 1, "the second is gone");
        using TestClient fourth = server.Connect();
        Assert.Equal("{}", fourth.Ask("Secret"));
        Assert.Equal(1, server.Listener.Refused);
    }

    [Fact]
    public void ClientsBoundToOddNamesAreServed()
    {
        using var server = new TestServer();
        // The last one fills sun_path to its last byte: no NUL is inside, and the kernel reports an address that is one byte longer than struct sockaddr_un.
        foreach (string name in new[] { "\0abstract" + Guid.NewGuid(), Filled(106), Filled(107), Filled(108), "\0" + new string('a', 107) })
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Bind(new AnyUnixName(name));
            client.Connect(new UnixDomainSocketEndPoint(server.Path));
            client.Send(TestClient.Frame(TestClient.Call("Note", $$"""{"text":"{{name.Length}}"}""")));
            server.Poller.Until(() => server.Notes.Remove($"{name.Length}"), "it is served");
            client.Dispose();
            server.Poller.Until(() => server.Listener.Connections == 0, "it is gone");
        }
        Assert.Equal(0, server.Dispatcher.Turns.Failures);

        string Filled(int length) => Path.Combine(_directory, new string('x', length - _directory.Length - 1));
    }

    private sealed class AnyUnixName(string name) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Unix;

        public override SocketAddress Serialize()
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            var address = new SocketAddress(AddressFamily.Unix, 2 + bytes.Length);
            for (int i = 0; i < bytes.Length; i++)
                address[2 + i] = bytes[i];
            return address;
        }
    }

    [Fact]
    public void OneThousandConnectsLeaveNothingBehind()
    {
        using var server = new TestServer();
        int before = Directory.GetFiles("/proc/self/fd").Length;
        for (int i = 0; i < 1000; i++)
        {
            using TestClient client = server.Connect();
            if (i % 2 == 0)
                client.Send(TestClient.Call("Stream", flags: ",\"more\":true"));
            server.Poller.Turn();
        }
        server.Poller.Until(() => server.Listener.Connections == 0, "all are gone");
        Assert.Equal(1, server.Poller.Watched);
        // Other tests run beside this one.
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 1, before + 200);
    }

    [Fact]
    public void TheFileHasItsModeAndGoesAtAnOrderlyClose()
    {
        using (var server = new TestServer())
        {
            Assert.Equal(Everybody, File.GetUnixFileMode(server.Path));
            using TestClient client = server.Connect();
            Assert.Equal("{}", client.Ask("Secret"));
            server.Listener.Close();
            Assert.False(File.Exists(server.Path));
            Assert.Equal("", client.ReadToEnd());
            Assert.Equal(0, server.Poller.Watched);
        }
    }

    [Fact]
    public void ASocketThatADeadDaemonLeftIsReplaced()
    {
        // Closing a bound socket removes its file; so that of a daemon that was killed is made by a rename.
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(SocketPath + ".dead"));
            File.Move(SocketPath + ".dead", SocketPath);
        }
        Assert.True(File.Exists(SocketPath));
        using Socket listening = ListeningSocket.Open(SocketPath, Everybody);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(SocketPath));
        Assert.Equal([SocketPath], Directory.GetFiles(_directory));
    }

    [Fact]
    public void ALivingDaemonIsNotReplaced()
    {
        using Socket first = ListeningSocket.Open(SocketPath, Everybody, backlog: 0);
        var e = Assert.Throws<ListeningSocketException>(() => ListeningSocket.Open(SocketPath, Everybody));
        Assert.Equal($"{SocketPath}: a daemon is already running there (stop it, or name another --socket)", e.Message);
        // Its backlog is full now: it lives all the same.
        Assert.Throws<ListeningSocketException>(() => ListeningSocket.Open(SocketPath, Everybody));
        Assert.Throws<ListeningSocketException>(() => ListeningSocket.Open(SocketPath, Everybody));
    }

    [Fact]
    public void AFileThatIsNotASocketIsNotReplaced()
    {
        File.WriteAllText(SocketPath, "precious");
        Assert.Contains("not a socket", Assert.Throws<ListeningSocketException>(() => ListeningSocket.Open(SocketPath, Everybody)).Message,
            StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(SocketPath));
        Assert.Contains("directory", Assert.Throws<ListeningSocketException>(() => ListeningSocket.Open(_directory, Everybody)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void APathThatIsTooLongIsSaidSo() =>
        Assert.Contains("106 bytes", Assert.Throws<ListeningSocketException>(
            () => ListeningSocket.Open(Path.Combine(_directory, new string('s', 100)), Everybody)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0x1ED, true)] // rwxr-xr-x
    [InlineData(0x1C0, true)]
    [InlineData(0x3FF, true)] // rwxrwxrwt, as /tmp has it
    [InlineData(0x1FF, false)]
    [InlineData(0x1FD, false)] // rwxrwxr-x: whoever is of the group could put another socket there
    [InlineData(0x1EF, false)]
    public void ADirectoryThatOthersMayWriteToIsRefused(int mode, bool isTrusted)
    {
        string directory = Path.Combine(_directory, "d");
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, (UnixFileMode)mode);
        if (isTrusted)
            ListeningSocket.Open(Path.Combine(directory, "s"), Everybody).Dispose();
        else
            Assert.EndsWith($"(chmod go-w {directory}, or name another one)", Assert.Throws<ListeningSocketException>(() => ListeningSocket.Open(Path.Combine(directory, "s"), Everybody)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u, 0x1ED, 0u, true, true)]
    [InlineData(0u, 0x1ED, 1000u, true, true)]
    [InlineData(1000u, 0x1ED, 1000u, true, true)]
    [InlineData(1000u, 0x1ED, 0u, true, false)]
    [InlineData(1000u, 0x3FF, 0u, true, false)] // Its owner may do everything in a sticky directory too.
    [InlineData(65534u, 0x3FF, 0u, false, true)] // /tmp of the machine, seen from a user namespace
    [InlineData(65534u, 0x1FF, 0u, false, false)]
    public void ADirectoryOfSomebodyElseIsRefused(uint owner, int mode, uint self, bool isMapped, bool isTrusted) =>
        Assert.Equal(isTrusted, TrustedDirectory.Refusal(owner, mode, self, isMapped, "/d") is null);

    [Fact]
    public void TheFileHasItsModeFromItsFirstMomentOnAndTheUmaskIsAsBefore()
    {
        string other = Path.Combine(_directory, "other");
        File.WriteAllText(other, "");
        foreach (UnixFileMode mode in new[] { Everybody, (UnixFileMode)0x180, (UnixFileMode)0x1B0 })
        {
            using Socket listening = ListeningSocket.Open(SocketPath, mode);
            Assert.Equal(mode, File.GetUnixFileMode(SocketPath));
            File.Delete(SocketPath);
        }
        string after = Path.Combine(_directory, "after");
        File.WriteAllText(after, "");
        Assert.Equal(File.GetUnixFileMode(other), File.GetUnixFileMode(after));
    }

    [Fact]
    public void AnEntryAtTheTemporaryNameIsReplacedAndItsTargetIsUntouched()
    {
        string precious = Path.Combine(_directory, "precious");
        File.WriteAllText(precious, "precious");
        File.SetUnixFileMode(precious, UnixFileMode.UserRead);
        File.CreateSymbolicLink(SocketPath + "~", precious);
        using Socket listening = ListeningSocket.Open(SocketPath, Everybody);
        Assert.Equal(("precious", UnixFileMode.UserRead), (File.ReadAllText(precious), File.GetUnixFileMode(precious)));
        File.Delete(SocketPath);
        File.CreateSymbolicLink(SocketPath, precious);
        Assert.Contains("not a socket", Assert.Throws<ListeningSocketException>(() => ListeningSocket.Open(SocketPath, Everybody)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASocketThatIsClosedRemovesNoFile()
    {
        using (Socket listening = ListeningSocket.Open(SocketPath, Everybody))
            File.WriteAllText(SocketPath + "~", "another's");
        Assert.True(File.Exists(SocketPath + "~") && File.Exists(SocketPath));
    }

    [Fact]
    public void AMissingDirectoryIsMade()
    {
        using Socket listening = ListeningSocket.Open(Path.Combine(_directory, "a", "b"), Everybody);
        Assert.True(File.Exists(Path.Combine(_directory, "a", "b")));
    }
}
