using Tmds.Linux;
using UeventManager.Systemd;

namespace UeventManager.Tests.Systemd;

/// <summary>systemd waits for the daemon, restarts it and keeps its descriptors because of these messages (sd_notify(3)).</summary>
public sealed class ServiceNotifierTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_message_arrives_at_an_abstract_and_at_a_named_socket(bool isAbstract)
    {
        using var scratch = new ScratchPath();
        using var manager = new NotifySocket(isAbstract ? $"@uevent-manager-test-{Guid.NewGuid():N}" : scratch.Path);
        using var notifier = ServiceNotifier.To(manager.Address)!;
        Assert.True(notifier.Ready("3 devices"));
        Assert.Equal("READY=1\nSTATUS=3 devices", manager.Receive().Text);
        Assert.True(notifier.Reloading(12345));
        Assert.Equal("RELOADING=1\nMONOTONIC_USEC=12345", manager.Receive().Text);
        Assert.True(notifier.Alive("4 devices"));
        Assert.Equal("WATCHDOG=1\nSTATUS=4 devices", manager.Receive().Text);
        Assert.True(notifier.Discard("state"));
        Assert.Equal("FDSTOREREMOVE=1\nFDNAME=state", manager.Receive().Text);
        Assert.True(notifier.Stopping());
        Assert.Equal("STOPPING=1", manager.Receive().Text);
    }

    [Fact]
    public void A_descriptor_in_the_store_is_the_same_file_in_the_next_run()
    {
        using var scratch = new ScratchPath();
        using var manager = new NotifySocket(scratch.Path);
        using var notifier = ServiceNotifier.To(scratch.Path)!;
        using var memory = UeventManager.Handover.HandoverFile.InMemory("test");
        memory.Write("hand over"u8);
        Assert.True(notifier.Store("state", (int)memory.SafeFileHandle.DangerousGetHandle()));
        var (text, descriptors) = manager.Receive();
        Assert.Equal("FDSTORE=1\nFDNAME=state\nFDPOLL=0", text);
        using var received = UeventManager.Handover.HandoverFile.Open(Assert.Single(descriptors));
        received.Position = 0;
        Assert.Equal("hand over", new StreamReader(received).ReadToEnd());
    }

    [Fact]
    public void A_barrier_waits_until_the_service_manager_has_closed_its_descriptor()
    {
        using var scratch = new ScratchPath();
        using var manager = new NotifySocket(scratch.Path);
        using var notifier = ServiceNotifier.To(scratch.Path)!;
        Assert.False(notifier.Barrier(timeoutMsec: 1));
        var late = manager.Receive();
        Assert.Equal("BARRIER=1", late.Text);
        foreach (var descriptor in late.Descriptors)
            _ = LibC.close(descriptor);
        var thread = new Thread(() =>
        {
            foreach (var descriptor in manager.Receive().Descriptors)
                _ = LibC.close(descriptor);
        });
        thread.Start();
        Assert.True(notifier.Barrier(timeoutMsec: 10_000));
        thread.Join();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("relative/path")]
    [InlineData("vsock:2:1234")]
    public void Without_a_notify_socket_nothing_is_sent(string? address) => Assert.Null(ServiceNotifier.To(address));

    [Fact]
    public void A_service_manager_that_is_gone_or_does_not_read_does_not_delay_the_engine()
    {
        using var scratch = new ScratchPath();
        using (var gone = ServiceNotifier.To("/nonexistent/notify")!)
            Assert.False(gone.Ready("x"));
        using var manager = new NotifySocket(scratch.Path);
        using var notifier = ServiceNotifier.To(scratch.Path)!;
        var sent = 0;
        while (sent < 100_000 && notifier.Alive("x"))
            sent++;
        Assert.InRange(sent, 1, 99_999);
    }

    private sealed class ScratchPath : IDisposable
    {
        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"uem-notify-{Guid.NewGuid():N}");

        public void Dispose() => File.Delete(Path);
    }
}
