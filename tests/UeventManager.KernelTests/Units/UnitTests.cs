using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Units;

/// <summary>systemd accepts the units as they are meant.</summary>
public sealed class UnitTests
{
    private static readonly string[] Others = ["uevent-run@.service", "uevent-wait@.service", "uevent-settle.service"];
    private static readonly string[] OfUdev = ["uevent-forward@.service", "uevent-manager-retell.service"];
    private static readonly string[] AdministratorsFiles = ["/etc/default/uevent-manager"];
    private static readonly string[] Units = ["uevent-manager.service", "uevent-manager-kernel.socket", "uevent-manager-udev.socket", "uevent-manager.socket", .. Others];

    [Fact]
    public void Systemd_finds_nothing_to_say_about_the_units()
    {
        using var tree = new InstalledTree();
        tree.Run("install-udev");
        foreach (var unit in Units.Concat(OfUdev).Select(unit => Path.Combine(tree.UnitDirectory, unit)))
            File.WriteAllText(unit, File.ReadAllText(unit).Replace("=/usr/bin/ueventctl", "=" + Repository.Ueventctl, StringComparison.Ordinal));
        var result = InstalledTree.Analyze(["verify", "--man=no", .. Units.Concat(OfUdev).Select(unit => Path.Combine(tree.UnitDirectory, unit))]);
        Assert.Equal((0, ""), (result.ExitCode, result.Error + result.Output));
    }

    [Fact]
    public void The_service_is_exposed_at_most_2_5()
    {
        using var tree = new InstalledTree();
        var result = InstalledTree.Analyze("security", "--offline=true", "--threshold=25", tree.Service).Ok();
        Assert.Contains("Overall exposure level for uevent-manager.service: ", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("uevent-forward@.service")]
    [InlineData("uevent-manager-retell.service")]
    public void The_units_for_udev_are_packaged_separately_and_their_exposure_is_known(string name)
    {
        using var tree = new InstalledTree();
        var unit = Path.Combine(tree.UnitDirectory, name);
        Assert.False(File.Exists(unit));
        tree.Run("install-udev");
        InstalledTree.Analyze("security", "--offline=true", "--threshold=30", unit).Ok();
        tree.Run("uninstall");
        Assert.Equal(AdministratorsFiles, tree.Files());
    }

    [Fact]
    public void Settings_that_must_stay_off_have_a_reason()
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, "systemd/uevent-manager.service")).ToList();
        foreach (var key in new[] { "PrivateDevices", "PrivateNetwork", "MemoryDenyWriteExecute", "PrivateUsers" })
        {
            var at = lines.IndexOf($"{key}=no");
            Assert.True(at > 0 && lines[at - 1].StartsWith($"# {key}: ", StringComparison.Ordinal), key);
        }
    }

    [Theory]
    [InlineData("/usr")]
    [InlineData("/usr/local")]
    public void Uninstall_leaves_nothing_but_the_administrators_files(string prefix)
    {
        using var tree = new InstalledTree(prefix);
        var files = tree.Files();
        Assert.Contains(prefix + "/bin/ueventctl", files);
        Assert.Contains(prefix + "/lib/uevent-manager/rules.d/40-mdev.yaml", files);
        Assert.Contains(prefix + "/share/man/man8/uevent-manager.8.gz", files);
        Assert.Contains($"ExecStart={prefix}/bin/ueventctl daemon", File.ReadAllLines(tree.Service));
        tree.Run("uninstall");
        Assert.Equal(AdministratorsFiles, tree.Files());
    }

    [Fact]
    public void Users_and_directories_are_written_as_systemd_reads_them()
    {
        Requires.Tools("systemd-sysusers", "systemd-tmpfiles");
        using var tree = new InstalledTree();
        foreach (var (tool, file) in new[] { ("systemd-sysusers", "sysusers.d"), ("systemd-tmpfiles", "tmpfiles.d") })
        {
            string[] create = tool == "systemd-tmpfiles" ? ["--create"] : [];
            using var process = RunningProcess.Start(Requires.Tool(tool), [.. create, $"--root={tree.Root}", $"{tree.Root}/usr/lib/{file}/uevent-manager.conf"]);
            process.CloseInput();
            Assert.True(process.WaitForExit(Deadline.Default) == 0, process.Error);
        }
        Assert.Contains("uevent-manager:", File.ReadAllText(tree.Root + "/etc/passwd"), StringComparison.Ordinal);
        Assert.True(Directory.Exists(tree.Root + "/run/uevent-manager/rules.d"));
    }
}
