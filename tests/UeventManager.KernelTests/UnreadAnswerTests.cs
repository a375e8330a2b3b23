using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>Answers are made as clients take them, so clients that read nothing do not take the memory of others.</summary>
public sealed class UnreadAnswerTests
{
    private const int Devices = 2_000;
    private const int Clients = 60;

    [Fact]
    public void Long_answers_are_made_only_for_clients_that_read_them()
    {
        using var sandbox = Sandbox.Create();
        using var sysfs = new FakeSysfs();
        for (var i = 0; i < Devices; i++)
            sysfs.AddDevice($"/devices/virtual/unread/u{i}", "unread", "BIG=" + new string('x', 3_500));
        using var daemon = DaemonProcess.Start(sandbox, new DaemonOptions { Sysfs = sysfs.Root });
        using var injector = new UeventInjector(sandbox);
        Assert.Equal(Devices, daemon.List().Count);
        var before = ProcessResources.Of(daemon.Pid).AnonymousKib;
        var clients = new List<VarlinkProbe>();
        for (var i = 0; i < Clients; i++)
        {
            var probe = daemon.Connect();
            clients.Add(probe);
            var filter = new { sysnames = new[] { "u*", $"x{i}" } };
            switch (i % 3)
            {
                case 0:
                    probe.Send(VarlinkProbe.Devices + "List", new { filter, unsettled = true }, more: true);
                    break;
                case 1:
                    probe.Send(VarlinkProbe.Devices + "Subscribe", new { filter, unsettled = true }, more: true);
                    break;
                default:
                    probe.Send(VarlinkProbe.Devices + "Wait", new { filter, count = Devices }, more: false);
                    break;
            }
        }
        // Each is 7 MiB whole. Meanwhile others are served.
        Assert.Equal(Devices, daemon.List(new { filter = new { subsystems = new[] { "unread" } } }).Count);
        var after = ProcessResources.Of(daemon.Pid).AnonymousKib;
        Assert.InRange(after - before, long.MinValue, 100 * 1024);
        // What changes before it was read is read as it was.
        injector.Send("remove", "/devices/virtual/unread/u1999", "unread");
        Eventually.Holds(() => daemon.List(new { filter = new { sysnames = new[] { "u1999" } } }).Count == 0, Deadline.Default, "it is removed");
        var list = new List<string>();
        for (var isLast = false; !isLast;)
        {
            var reply = clients[0].Read("a page", Deadline.Default);
            list.AddRange(reply.Parameters.GetProperty("devices").EnumerateArray().Select(device => device.GetProperty("sysname").GetString()!));
            isLast = reply.Parameters.TryGetProperty("cursor", out _);
        }
        Assert.Equal(Devices, list.Distinct().Count());
        Assert.Contains("u1999", list);
        Assert.Equal(Devices, clients[2].ReadReply("Wait", Deadline.Default).Parameters.GetProperty("devices").GetArrayLength());
        clients.ForEach(client => client.Dispose());
        Assert.DoesNotContain("xception", daemon.Log, StringComparison.Ordinal);
    }
}
