using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.HarnessTests;

/// <summary>A sandbox that leaked would test the machine, or harm it.</summary>
public sealed class SandboxTests
{
    [Fact]
    public void A_device_created_in_a_sandbox_exists_only_there()
    {
        using var sandbox = Sandbox.Create();
        using var other = Sandbox.Create();
        sandbox.Run("ip link add uem-here type veth peer name uem-there").Ok();
        Assert.True(Directory.Exists(sandbox.SysRoot + "/class/net/uem-here"));
        Assert.False(Directory.Exists(other.SysRoot + "/class/net/uem-here"));
        Assert.False(Directory.Exists("/sys/class/net/uem-here"));
    }

    [Fact]
    public void A_rootless_sandbox_can_make_devices_and_has_no_root_outside()
    {
        using var sandbox = Sandbox.CreateRootless();
        sandbox.Run("ip link add uem-here type veth peer name uem-there").Ok();
        Assert.True(Directory.Exists(sandbox.SysRoot + "/class/net/uem-here"));
        Assert.Contains("65534", sandbox.Run("cat /proc/self/uid_map").Ok().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_in_a_sandbox_end_with_it()
    {
        int pid;
        using (var sandbox = Sandbox.Create())
            pid = sandbox.Start(["cat"]).Pid;
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public void A_command_reports_its_output_error_and_exit_code()
    {
        using var sandbox = Sandbox.Create();
        var result = sandbox.Run("echo out; echo err >&2; exit 7");
        Assert.Equal((7, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void A_signal_reaches_the_program_itself()
    {
        using var sandbox = Sandbox.Create();
        var program = sandbox.Start(["sh", "-c", "trap 'exit 5' TERM; echo armed; while :; do read line; done"]);
        program.WaitForLine(line => line == "armed", Deadline.Default, "armed");
        program.Signal(Syscalls.SIGTERM);
        program.CloseInput();
        Assert.Equal(5, program.WaitForExit(Deadline.Default));
    }
}
