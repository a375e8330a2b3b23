using System.Net;
using System.Net.Sockets;
using System.Text;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Hostile;

/// <summary>No client can end the daemon or take its memory, by its name, its bytes or its unread replies.</summary>
public sealed class ClientTests
{
    private static readonly string[] Pieces =
    [
        "\0", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "-", "1e999", "\u00e4", "{}\0", "\"more\":true,", "\"oneway\":true,", "\"upgrade\":true,",
        "\"parameters\":", "\"filter\":{\"sysnames\":[\"*\"]}", "\"device\":\"", "/devices/", "..", "/", "net:lo", "+net:lo", "n1", "c1:3", "b8:0", "/dev/null", "/sys/class/net/lo", "*", "[a-", "!", "{a,b}", "Subscribe", "List",
        "Get", "Wait", "Settle", "Explain", "Status", "Metrics", "\"count\":", "\"until\":\"removed\"", "\"timeoutUsec\":0", "9223372036854775807", "\"cursor\":\"", new string('9', 400), new string('a', 5000),
        new string('[', 40),
    ];

    [Theory]
    [InlineData(106)]
    [InlineData(107)]
    [InlineData(108)]
    public void A_client_whose_name_fills_its_address_is_served_like_any_other(int length)
    {
        using var sandbox = Sandbox.Create();
        using var directory = new ScratchDirectory("name");
        using var daemon = DaemonProcess.Start(sandbox);
        for (var i = 0; i < 3; i++)
        {
            var name = directory.Combine(new string((char)('a' + i), length - directory.Path.Length - 1));
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Bind(new UnixName(name));
            client.Connect(new UnixDomainSocketEndPoint(daemon.SocketPath));
            client.Send("{\"method\":\"org.varlink.service.GetInfo\"}\0"u8);
            client.ReceiveTimeout = (int)Deadline.Default.Remaining.TotalMilliseconds;
            var answer = new byte[4096];
            Assert.Contains("uevent-manager", Encoding.UTF8.GetString(answer, 0, client.Receive(answer)), StringComparison.Ordinal);
        }
        daemon.Call("Status");
        Assert.DoesNotContain("xception", daemon.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_requests_hold_a_bounded_memory_and_give_it_back()
    {
        const int Clients = 400;
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var bystander = Users.As(Users.Bystander, daemon.Connect);
        bystander.Call("org.varlink.service.GetInfo");
        var before = ProcessResources.Of(daemon.Pid).AnonymousKib;
        // What is longer is refused at once.
        var half = Encoding.UTF8.GetBytes("{\"method\":\"" + new string('x', 125_000));
        var crowd = Users.As(Users.Attacker, () => Enumerable.Range(0, Clients).Select(_ => Send(daemon.SocketPath, half)).ToList());
        Eventually.Holds(() => daemon.Counters()["connectionsOverBudget"] > 0, Deadline.Default, "somebody is over the budget");
        bystander.Call("org.varlink.service.GetInfo");
        Assert.InRange(ProcessResources.Of(daemon.Pid).AnonymousKib - before, 1024, 48 << 10);
        crowd.ForEach(socket => socket.Dispose());
        Eventually.Holds(() => daemon.Counters()["connections"] <= 2, Deadline.Default, "they are gone");
        Assert.InRange(ProcessResources.Of(daemon.Pid).AnonymousKib - before, long.MinValue, 8 << 10);
        Assert.Contains($"uid {Users.Attacker}", daemon.SaidOnce(line => line.Contains("MiB", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void Replies_that_nobody_reads_hold_a_bounded_memory()
    {
        const int Clients = 400;
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        for (var i = 0; i < 1000; i++)
            sysfs.AddDevice($"/devices/virtual/hostile/h{i}", "hostile", "PAD=" + new string('p', 1000));
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        using var subscription = Subscription.Open(Users.As(Users.Bystander, daemon.Connect)).WaitReady();
        var before = ProcessResources.Of(daemon.Pid).AnonymousKib;
        var crowd = Users.As(Users.Attacker, () => Enumerable.Range(0, Clients).Select(_ => Send(
            daemon.SocketPath, "{\"method\":\"org.ueventmanager.Devices.List\"}\0"u8.ToArray())).ToList());
        Eventually.Holds(() => crowd.TrueForAll(socket => socket.Poll(0, SelectMode.SelectRead)), Deadline.Seconds(60), "each has its first bytes, or was closed");
        injector.Send("change", "/devices/virtual/hostile/h1", "hostile", "N=1");
        subscription.WaitForEvent(one => one.IsAt("change", "/devices/virtual/hostile/h1"));
        // A copy each would be 550 MiB. What is made for each and dropped is the collector's, when it comes to it.
        Assert.InRange(ProcessResources.Of(daemon.Pid).AnonymousKib - before, long.MinValue, 256 << 10);
        crowd.ForEach(socket => socket.Dispose());
        daemon.Call("Status");
    }

    [Fact]
    public void Any_bytes_from_a_client_cause_no_exception_and_do_not_affect_others()
    {
        var random = Seed.Random();
        using var sandbox = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        for (var i = 0; i < 2000; i++)
        {
            using var socket = Send(daemon.SocketPath, Garbage(random));
            if (random.Next(3) == 0)
                socket.Shutdown(SocketShutdown.Send);
            // Some wait for an answer, or for the end; others are gone before it is made.
            if (random.Next(4) == 0)
                socket.Poll(20_000, SelectMode.SelectRead);
        }
        Assert.Equal(0, daemon.Counters()["connectionsFailed"]);
        Assert.DoesNotContain("xception", daemon.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_of_another_user_is_refused_for_roots_socket()
    {
        using var sandbox = Sandbox.Create();
        using var directory = new ScratchDirectory("alice");
        sandbox.Run($"chown {Users.Attacker} {directory.Path}").Ok();
        var refused = sandbox.Run($"{Repository.Ueventctl} daemon --socket {directory.Combine("s")} --rules {directory.Path}");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"belongs to uid {Users.Attacker}", refused.Error, StringComparison.Ordinal);
        Assert.Contains("run it as that user", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(directory.Path));
        Assert.Contains("belongs to uid", sandbox.Run($"{Repository.Ueventctl} daemon --check --socket {directory.Combine("s")}").Output, StringComparison.Ordinal);
    }

    private static Socket Send(string path, byte[] bytes)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Blocking = false;
        socket.Send(bytes, SocketFlags.None, out _);
        return socket;
    }

    private static byte[] Garbage(Random random)
    {
        var text = new StringBuilder();
        for (var calls = random.Next(1, 4); calls > 0; calls--)
        {
            var call = new StringBuilder("""{"method":"org.ueventmanager.Devices.Wait","parameters":{"device":"net:lo","timeoutUsec":0}}""");
            for (var edits = random.Next(0, 6); edits > 0; edits--)
            {
                var at = random.Next(call.Length + 1);
                if (random.Next(2) == 0)
                    call.Remove(at, Math.Min(random.Next(12), call.Length - at));
                call.Insert(Math.Min(at, call.Length), Pieces[random.Next(Pieces.Length)]);
            }
            text.Append(call).Append('\0');
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private sealed class UnixName(string name) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Unix;

        public override SocketAddress Serialize()
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            var address = new SocketAddress(AddressFamily.Unix, 2 + bytes.Length);
            for (var i = 0; i < bytes.Length; i++)
                address[2 + i] = bytes[i];
            return address;
        }
    }
}
