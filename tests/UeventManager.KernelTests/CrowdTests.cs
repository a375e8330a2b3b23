using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using UeventManager.KernelTests.Harness;
using UeventManager.KernelTests.Hostile;

namespace UeventManager.KernelTests;

/// <summary>
/// The limits of all users together: who comes too many is told so by its name, those who are served notice nothing, and root always
/// finds a place.
/// </summary>
public sealed class CrowdTests : IDisposable
{
    private const int FirstUser = 20_001;
    private const int Stranger = FirstUser + 100;
    private const int Connections = 4096;
    private const int Reserved = 64; // For root and the daemon's own user, of either.
    private const int ConnectionsOfUser = 1024;
    private const int Waits = 1024;
    private const int WaitsOfUser = 512;
    private readonly Sandbox _sandbox = Sandbox.Create();
    private readonly FakeSysfs _sysfs = new();
    private readonly DaemonProcess _daemon;

    public CrowdTests()
    {
        Requires.Descriptors(2 * Connections);
        _daemon = DaemonProcess.Start(_sandbox, new DaemonOptions { Sysfs = _sysfs.Root });
    }

    public void Dispose()
    {
        Assert.DoesNotContain("xception", _daemon.Log, StringComparison.Ordinal);
        _daemon.Dispose();
        _sysfs.Dispose();
        _sandbox.Dispose();
    }

    [Fact]
    public void The_last_connection_of_a_user_and_of_all_is_served_and_the_next_is_refused_by_name()
    {
        var crowd = new List<Socket>();
        try
        {
            for (var user = 0; crowd.Count < Connections - Reserved; user++)
                crowd.AddRange(OfUser(FirstUser + user, Math.Min(ConnectionsOfUser, Connections - Reserved - crowd.Count), Connect));
            Assert.All(crowd, socket => Assert.Equal("", Refusal(socket, wait: false)));
            Ask(crowd[^1]);
            Assert.Equal(Error(Connections - Reserved), Refusal(OfUser(Stranger, 1, Connect)[0], wait: true));
            _daemon.Call("Status");
            _daemon.Call("Settle");
            crowd[0].Dispose();
            crowd.RemoveAt(0);
            Eventually.Holds(IsServed, Deadline.Default, "the place that became free");
            crowd.Take(100).ToList().ForEach(socket => socket.Dispose());
            crowd.RemoveRange(0, 100);
            Eventually.Holds(() => _daemon.Call("Status").GetProperty("counters").GetProperty("connections").GetInt64() < Connections - 50, Deadline.Default, "room");
            Assert.Equal(Error(ConnectionsOfUser), Refusal(OfUser(FirstUser + 1, 1, Connect)[0], wait: true));
            Ask(crowd[0]);
            Assert.True(_daemon.Counters()["connectionsRefused"] >= 2);
        }
        finally
        {
            crowd.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public void The_waiting_call_beyond_the_limit_is_refused_with_its_reason()
    {
        var probes = new List<VarlinkProbe>();
        try
        {
            for (var user = 0; probes.Count < Waits - Reserved; user++)
                probes.AddRange(OfUser(FirstUser + user, Math.Min(WaitsOfUser, Waits - Reserved - probes.Count), Wait));
            using var probe = OfUser(Stranger, 1, _daemon.Connect)[0];
            JsonElement limit = default;
            Eventually.Holds(() => Refused(probe, out limit) || AskAgain(probes), Deadline.Default, "the limit");
            Assert.Equal(Waits - Reserved, limit.GetProperty("limit").GetInt32());
            _daemon.Call("Settle");
            // What waits is still answered, and makes room.
            using var injector = new UeventInjector(_sandbox);
            injector.Send("add", _sysfs.AddDevice("/devices/virtual/crowd/awaited", "crowd"));
            foreach (var waiting in probes)
                Assert.Equal("awaited", waiting.Read("Wait", Deadline.Default).Parameters.GetProperty("devices")[0].GetProperty("sysname").GetString());
            Assert.False(Refused(probe, out _));
        }
        finally
        {
            probes.ForEach(probe => probe.Dispose());
        }
    }

    private static string Error(int limit) => $$$"""{"error":"org.ueventmanager.Devices.TooManySubscribers","parameters":{"limit":{{{limit}}}}}""";

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_daemon.SocketPath));
        return socket;
    }

    private VarlinkProbe Wait()
    {
        var probe = _daemon.Connect();
        Wait(probe);
        return probe;
    }

    private static void Wait(VarlinkProbe probe) =>
        probe.Send(VarlinkProbe.Devices + "Wait", new { device = "crowd:awaited", timeoutUsec = 3_600_000_000 }, more: false);

    private static List<T> OfUser<T>(int uid, int count, Func<T> make) => Users.As(uid, () => Enumerable.Range(0, count).Select(_ => make()).ToList());

    private static string Refusal(Socket socket, bool wait)
    {
        if (!wait && !socket.Poll(0, SelectMode.SelectRead))
            return "";
        socket.ReceiveTimeout = Deadline.Default.RemainingMsec;
        var answer = new byte[4096];
        return Encoding.UTF8.GetString(answer, 0, socket.Receive(answer)).TrimEnd('\0');
    }

    private static void Ask(Socket socket)
    {
        socket.Send("{\"method\":\"org.varlink.service.GetInfo\"}\0"u8);
        Assert.Contains("uevent-manager", Refusal(socket, wait: true), StringComparison.Ordinal);
    }

    private bool IsServed()
    {
        using var socket = OfUser(Stranger, 1, Connect)[0];
        return Refusal(socket, wait: false).Length == 0 && Answers(socket);
    }

    private static bool Answers(Socket socket)
    {
        try
        {
            socket.Send("{\"method\":\"org.varlink.service.GetInfo\"}\0"u8);
            return Refusal(socket, wait: true).Contains("uevent-manager", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // While a call of another user's has a place for a moment, one of these may be refused that nobody has read before.
    private static bool AskAgain(IEnumerable<VarlinkProbe> probes)
    {
        foreach (var refused in probes.Where(probe => probe.HasReply(Deadline.Seconds(0))))
        {
            Assert.Equal(VarlinkProbe.Devices + "TooManyWaits", refused.ReadReply("Wait", Deadline.Default).Error);
            Wait(refused);
        }
        return false;
    }

    private static bool Refused(VarlinkProbe probe, out JsonElement limit)
    {
        probe.Send(VarlinkProbe.Devices + "Wait", new { device = "crowd:never", timeoutUsec = 0 }, more: false);
        var reply = probe.ReadReply("Wait", Deadline.Default);
        limit = reply.Parameters;
        return reply.Error == VarlinkProbe.Devices + "TooManyWaits";
    }
}
