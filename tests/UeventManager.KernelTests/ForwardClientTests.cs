using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>The distribution's libudev itself, which rejects in silence what is not as it expects.</summary>
public sealed class ForwardClientTests
{
    [Fact]
    public void Libudev_takes_the_messages_and_filters_them_by_subsystem_and_tag()
    {
        using var sandbox = ForwardTests.Host();
        using var daemon = DaemonProcess.Start(sandbox);
        ForwardTests.Forward(sandbox, daemon, "--tag", "mine");
        var (hears, otherSubsystem, otherTag) = (Client(sandbox, "net", "mine"), Client(sandbox, "block", "mine"), Client(sandbox, "net", "other"));
        sandbox.Run("ip link add uem-a type bridge && ip link set uem-a name uem-b && ip link del uem-b").Ok();
        hears.WaitForLine(line => line.StartsWith("remove uem-b", StringComparison.Ordinal), Deadline.Default, "the remove");
        Assert.Equal(
            ["listening", "add uem-a initialised mine,settled numbered", "move uem-b initialised mine,settled numbered", "remove uem-b initialised mine,settled numbered"], hears.Lines);
        Assert.Equal(["listening"], otherSubsystem.Lines);
        Assert.Equal(["listening"], otherTag.Lines);
    }

    private static RunningProcess Client(Sandbox sandbox, string subsystem, string tag)
    {
        var client = sandbox.Start([Requires.Tool("python3"), Path.Combine(Repository.Root, "tests/UeventManager.KernelTests/Harness/libudev.py"), subsystem, tag]);
        client.WaitForLine(line => line == "listening", Deadline.Default, "libudev listens");
        return client;
    }
}
