using System.Text.RegularExpressions;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Units;

/// <summary>The manual's units for a mount, a libvirt guest and a DPDK application are accepted as written.</summary>
public sealed partial class UnitExampleTests : IDisposable
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "packaging/man/uevent-wait@.service.8"))
        .Replace("\\-", "-", StringComparison.Ordinal).Replace("\\e", "\\", StringComparison.Ordinal);

    private readonly InstalledTree _tree = new();

    /// <summary>The example that follows the name of its file.</summary>
    public static string Example(string file) => Regex.Match(Page, Regex.Escape(file) + @".*?^\.EX\n(.*?)^\.EE", RegexOptions.Singleline | RegexOptions.Multiline).Groups[1].Value;

    /// <summary>The definition of libvirt's guest.</summary>
    public static string Domain => Domains().Match(Page).Value;

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("srv-data.mount")]
    [InlineData("guest.service")]
    [InlineData("vfs.service")]
    [InlineData("dpdk.service")]
    public void Systemd_finds_nothing_to_say_about_an_example(string name)
    {
        var units = UnitNames().Matches(Page).Select(one => one.Groups[1].Value).Distinct().ToList();
        Assert.Contains(name, units);
        foreach (var unit in units)
            File.WriteAllText(Path.Combine(_tree.UnitDirectory, unit), WithProgramsOfThisMachine(Example("/etc/systemd/system/" + unit)));
        foreach (var unit in Directory.GetFiles(_tree.UnitDirectory, "uevent-*"))
            File.WriteAllText(unit, WithProgramsOfThisMachine(File.ReadAllText(unit)));
        // Who has an example's units has these.
        if (name == "guest.service")
            File.WriteAllText(Path.Combine(_tree.UnitDirectory, "libvirtd.service"), "[Service]\nExecStart=/bin/true\n");
        var result = InstalledTree.Analyze("verify", "--man=no", Path.Combine(_tree.UnitDirectory, name));
        Assert.Equal((0, ""), (result.ExitCode, result.Error + result.Output));
        // A mistake is found here.
        File.AppendAllText(Path.Combine(_tree.UnitDirectory, name), "Wrong=yes\n");
        Assert.Contains("Unknown key", InstalledTree.Analyze("verify", "--man=no", Path.Combine(_tree.UnitDirectory, name)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_device_of_an_example_unit_is_a_device_name_after_systemds_unescaping()
    {
        var instances = Instances().Matches(string.Concat(UnitNames().Matches(Page).Select(one => Example("/etc/systemd/system/" + one.Groups[1].Value)))).Select(one => one.Value).Distinct().ToList();
        var devices = instances.Select(instance => Run(Requires.Tool("systemd-escape"), "--unescape", "--instance", instance).Output.Trim());
        Assert.Equal(["/dev/disk/by-id/wwn-0x5000c500a1b2c3d4", "mdev:c2177883-f1bb-47f0-914d-32a22e3a8804", "net:enp59s0f0"], devices.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_ueventctl_command_of_an_example_unit_is_valid()
    {
        using var scratch = new ScratchDirectory("example");
        var bind = Example("/etc/uevent-manager/run.d/bind.conf").Replace("/usr/bin/driverctl", "/bin/true", StringComparison.Ordinal);
        File.WriteAllText(scratch.Combine("bind.conf"), bind);
        string[] none = ["--socket", scratch.Combine("no-socket")];
        // Nobody is there to be asked (4); what is wrong is refused before that (2).
        Assert.Equal(4, Run(Repository.Ueventctl, ["run", "--config", scratch.Combine("bind.conf"), .. none]).ExitCode);
        File.WriteAllText(scratch.Combine("wrong.conf"), bind.Replace("--filter", "--filtre", StringComparison.Ordinal));
        Assert.Equal(2, Run(Repository.Ueventctl, ["run", "--config", scratch.Combine("wrong.conf"), .. none]).ExitCode);
        var command = Command().Match(Example("/etc/systemd/system/dpdk.service")).Groups[1].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["wait", "--filter"], command[..2]);
        Assert.Equal(4, Run(Repository.Ueventctl, [.. command[..^1], "100ms", .. none]).ExitCode);
    }

    private static CommandResult Run(string program, params IReadOnlyList<string> arguments)
    {
        using var process = RunningProcess.Start(program, arguments);
        process.CloseInput();
        var code = process.WaitForExit(Deadline.Default);
        return new CommandResult(program, code, process.Output, process.Error);
    }

    private static string WithProgramsOfThisMachine(string unit) => Programs().Replace(unit, one => one.Groups[1].Value == "/usr/bin/ueventctl" ? "=" + Repository.Ueventctl : File.Exists(one.Groups[1].Value) ? one.Value : "=/bin/true");

    [GeneratedRegex(@"/etc/systemd/system/([\w-]+\.\w+)")]
    private static partial Regex UnitNames();

    [GeneratedRegex(@"(?<==)uevent-wait@\S+\.service")]
    private static partial Regex Instances();

    [GeneratedRegex(@"(?<=^Exec\w+)=(/\S+)", RegexOptions.Multiline)]
    private static partial Regex Programs();

    [GeneratedRegex(@"ExecStartPre=/usr/bin/ueventctl (.*?[^\\])\n", RegexOptions.Singleline)]
    private static partial Regex Command();

    [GeneratedRegex("<domain.*</domain>\n", RegexOptions.Singleline)]
    private static partial Regex Domains();
}
