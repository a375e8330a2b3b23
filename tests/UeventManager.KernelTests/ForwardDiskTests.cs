using System.Globalization;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A full /run/udev does not keep events from programs.</summary>
public sealed class ForwardDiskTests
{
    [Fact]
    public void Messages_are_sent_while_the_database_cannot_be_written_and_it_is_completed_afterwards()
    {
        Requires.Tools("udevadm");
        using var sandbox = ForwardTests.Host();
        // Room for the directories, the sockets and the record of what was sent, and for few entries.
        sandbox.Run("mkdir /run/udev && mount -t tmpfs -o nr_inodes=16 udev /run/udev").Ok();
        using var daemon = DaemonProcess.Start(sandbox);
        var forward = ForwardTests.Forward(sandbox, daemon, "--filter", "subsystem=net,sysname=uem-*");
        var monitor = UdevMonitor.Start(sandbox);
        sandbox.Run("for i in 0 1 2 3 4 5 6 7 8 9; do ip link add uem-$i type bridge; done").Ok();
        for (var i = 0; i < 10; i++)
            monitor.WaitForLine(line => line.EndsWith($"/uem-{i} (net)", StringComparison.Ordinal), Deadline.Default, $"uem-{i}");
        Assert.Single(forward.ErrorLines, line => line.Contains("(logged once)", StringComparison.Ordinal));
        Assert.True(Entries(sandbox) < 10, "the disk was not full");

        sandbox.Run("mount -o remount,nr_inodes=1000 /run/udev && ip link add uem-last type bridge").Ok();
        forward.WaitForErrorLine(line => line.Contains("up to date", StringComparison.Ordinal), Deadline.Default, "it is completed");
        Assert.Equal(11, Entries(sandbox));

        // A later run knows what was sent.
        forward.Signal(Syscalls.SIGKILL);
        forward.WaitForExit(Deadline.Default);
        forward = ForwardTests.Forward(sandbox, daemon, "--filter", "subsystem=net,sysname=uem-*");
        sandbox.Run("ip link del uem-0").Ok();
        monitor.WaitForLine(line => line.Contains(" remove ", StringComparison.Ordinal) && line.EndsWith("/uem-0 (net)", StringComparison.Ordinal), Deadline.Default, "the remove");
        Assert.Equal(10, Entries(sandbox));
        Assert.Equal(0, ForwardTests.Terminate(forward));
    }

    [Fact]
    public void Tags_that_are_no_directories_or_fill_a_message_are_refused()
    {
        using var sandbox = ForwardTests.Host();
        foreach (var (tags, reason) in new[] { ($"--tag {new string('x', 256)}", "is not a tag"), (string.Concat(Enumerable.Range(0, 9).Select(i => $" --tag {i}{new string('x', 250)}")), "more than 2048 characters") })
        {
            var result = sandbox.Run($"{Repository.Ueventctl} forward --socket /run/none {tags}");
            Assert.NotEqual(0, result.ExitCode);
            Assert.Contains(reason, result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_event_that_the_kernel_takes_is_injected_whatever_its_size()
    {
        using var sandbox = ForwardTests.Host();
        using var container = Sandbox.Create();
        using var daemon = DaemonProcess.Start(sandbox);
        using var reader = new UeventReader(container);
        using var kernel = new UeventInjector(sandbox);
        var forward = ForwardTests.Forward(sandbox, daemon, "--netns", $"/proc/{ForwardTests.PidOf(container)}/ns/net", "--format", "kernel", "--filter", "subsystem=uem");
        var sent = new List<string>();
        try
        {
            for (var size = 1850; size < 2048; size += 2)
            {
                kernel.Send("change", "/devices/virtual/uem/a", "uem", $"SIZE={size}", $"PAD={new string('p', size)}");
                sent.Add(size.ToString(CultureInfo.InvariantCulture));
            }
        }
        catch (IOException)
        {
            // The kernel of the host refuses longer ones too (UEVENT_BUFFER_SIZE).
        }
        Assert.NotEmpty(sent);
        kernel.Send("change", "/devices/virtual/uem/a", "uem", "SIZE=last");
        var heard = new List<string>();
        reader.Next(one => { heard.Add(one["SIZE"]); return one["SIZE"] == "last"; }, Deadline.Default);
        Assert.Equal([.. sent, "last"], heard);
        Assert.Equal(0, ForwardTests.Terminate(forward));
        Assert.DoesNotContain("not accepted", forward.Error, StringComparison.Ordinal);
    }

    private static int Entries(Sandbox sandbox) => int.Parse(sandbox.Run("ls /run/udev/data | grep -c ^n || true").Ok().Output.Trim(), CultureInfo.InvariantCulture);
}
