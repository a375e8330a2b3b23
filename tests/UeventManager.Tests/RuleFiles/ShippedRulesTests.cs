using UeventManager.Core.Rules;
using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>A mistake in a shipped rule would leave a whole subsystem without one.</summary>
public sealed class ShippedRulesTests
{
    private static readonly RuleLoad Load = RuleLoader.Load([ShippedRules.Folder]);

    [Fact]
    public void All_of_them_load()
    {
        Assert.Empty(Load.Problems);
        Assert.Equal(
            [
                "20-usb.yaml", "25-input.yaml", "26-hid.yaml", "27-tty.yaml", "30-i2c.yaml", "32-hwmon.yaml", "35-drm.yaml", "37-sound.yaml", "40-mdev.yaml", "42-vfio.yaml", "43-iommu.yaml", "45-sriov.yaml",
                "47-vdpa.yaml", "48-virtio.yaml", "49-virtio-ports.yaml", "50-pci.yaml", "55-xen-backend.yaml", "60-net.yaml", "62-infiniband.yaml", "64-srp.yaml", "65-nvme.yaml",
                "66-scsi.yaml", "67-fc.yaml", "68-sas.yaml", "69-iscsi.yaml", "70-block.yaml", "72-mmc.yaml", "75-power-supply.yaml", "80-dax.yaml", "81-nd.yaml", "82-cxl.yaml", "90-ap.yaml", "91-ccw.yaml",
            ],
            Load.Files.Select(Path.GetFileName));
    }

    [Fact]
    public void Each_file_says_for_which_kernels_what_is_late() =>
        Assert.All(Load.Files, file => Assert.Contains("\n# Late: ", File.ReadAllText(file), StringComparison.Ordinal));

    [Fact]
    public void Examples_load_beside_them()
    {
        var load = RuleLoader.LoadPaths([ShippedRules.Folder, ShippedRules.Examples]);
        Assert.Empty(load.Problems);
        Assert.Equal(ShippedRules.Files.Count, load.Files.Count);
    }

    [Fact]
    public void Only_a_physical_functions_changes_wait() =>
        Assert.Equal(["sriov-pf"], Load.Rules.Where(r => r.On != WaitingActions.Add).Select(r => r.Name));

    [Fact]
    public void An_item_that_may_never_come_holds_a_device_for_at_most_half_a_second() =>
        Assert.All(Load.Rules.SelectMany(r => r.Wait), w => Assert.True(w.OptionalUsec is null or <= 500_000));

    [Theory]
    [InlineData("mdev", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "", "mdev")]
    [InlineData("pci", "0000:00:00.0", "PCI_CLASS=60000", "pci-bridge")]
    [InlineData("pci", "0000:00:1c.0", "PCI_CLASS=60400", "pci-bridge")]
    [InlineData("pci", "0000:01:00.0", "PCI_CLASS=10802", "pci")]
    [InlineData("pci", "0000:01:00.0", "PCI_CLASS=0000", "pci")]
    [InlineData("pci", "0000:01:00.0", "PCI_CLASS=600000", "pci")]
    [InlineData("pci", "0000:01:00.0", "ACTION=add sriov_totalvfs", "sriov-pf-new")]
    [InlineData("pci", "0000:01:00.0", "ACTION=add sriov_totalvfs virtfn0", "sriov-pf")]
    [InlineData("pci", "0000:01:00.0", "ACTION=change sriov_totalvfs virtfn0", "sriov-pf")]
    [InlineData("pci", "0000:01:00.0", "ACTION=change sriov_totalvfs", "sriov-pf")]
    [InlineData("pci", "0000:01:00.0", "ACTION=bind sriov_totalvfs", "sriov-pf")]
    [InlineData("pci", "0000:01:00.0", "PCI_CLASS=20000 sriov_totalvfs", "sriov-pf")]
    [InlineData("pci", "0000:01:10.0", "ACTION=add sriov_vf_msix_count", "sriov-vf")]
    [InlineData("pci", "0000:01:10.0", "ACTION=change sriov_vf_msix_count physfn", "sriov-vf")]
    [InlineData("pci", "0000:01:10.0", "PCI_CLASS=20000 physfn", "sriov-vf-linked")]
    [InlineData("pci", "0000:01:10.0", "ACTION=add", "pci")]
    [InlineData("net", "br0", "DEVTYPE=bridge", "net-bridge")]
    [InlineData("net", "eth0.5", "DEVTYPE=vlan", "net-vlan")]
    [InlineData("net", "wlan0", "DEVTYPE=wlan", "net-wlan")]
    [InlineData("net", "macvtap0", "", "net-macvtap")]
    [InlineData("net", "macvlan0", "", "net")]
    [InlineData("net", "lo", "", "net")]
    [InlineData("net", "vxlan0", "DEVTYPE=vxlan", "net")]
    [InlineData("block", "dm-0", "DEVTYPE=disk", "block-dm")]
    [InlineData("block", "md127", "DEVTYPE=disk", "block-md")]
    [InlineData("block", "md_home", "DEVTYPE=disk", "block-md")]
    [InlineData("block", "md127p1", "DEVTYPE=partition", null)]
    [InlineData("block", "loop0", "DEVTYPE=disk", "block-disk")]
    [InlineData("block", "sda", "DEVTYPE=disk", "block-disk")]
    [InlineData("block", "sda1", "DEVTYPE=partition", null)]
    [InlineData("sound", "card0", "", "sound-card")]
    [InlineData("sound", "controlC0", "", null)]
    [InlineData("hid", "0003:046D:C31C.0001", "", "hid")]
    [InlineData("vfio-dev", "vfio0", "", "vfio-device")]
    [InlineData("vfio", "7", "", null)]
    [InlineData("vfio", "noiommu-0", "", null)]
    [InlineData("iommu", "dmar0", "", null)]
    [InlineData("tty", "ttyUSB0", "", null)]
    [InlineData("hwmon", "hwmon0", "", "hwmon")]
    [InlineData("infiniband", "mlx5_0", "", "infiniband")]
    public void Each_device_has_its_rule(string subsystem, string sysname, string has, string? name) =>
        Assert.Equal(name, Load.Rules.FirstOrDefault(r => r.Subsystems.Contains(subsystem) && Fits(r.Match, sysname, has.Split(' ')))?.Name);

    [Theory]
    [InlineData("xen-backend", "pci-1-0", "XENBUS_TYPE=pci num_devs", "xen-pciback")]
    [InlineData("xen-backend", "vif-1-0", "XENBUS_TYPE=vif", "xen-backend")]
    [InlineData("pci", "0000:03:10.0", "ACTION=add physfn sriov_vf_msix_count backend", "xen-pciback-function")]
    [InlineData("pci", "0000:03:10.0", "ACTION=add physfn sriov_vf_msix_count", "sriov-vf")]
    [InlineData("block", "dm-0", "DEVTYPE=disk", "block-dm")]
    [InlineData("block", "dm-0", "DEVTYPE=disk dm/uuid=LVM-1", "block-dm")]
    [InlineData("block", "dm-0", "DEVTYPE=disk dm/uuid=mpath-1", "multipath")]
    [InlineData("block", "sda", "DEVTYPE=disk", "block-disk")]
    public void An_example_rule_matches_its_devices_in_the_directory_to_copy_it_to(string subsystem, string sysname, string has, string? name)
    {
        using var scratch = new RuleScratch();
        foreach (var file in Directory.GetFiles(ShippedRules.Examples))
        {
            var text = File.ReadAllText(file);
            var line = text.Split('\n')[1];
            var copied = Path.GetFileName(line.Split(' ', ',').Single(w => w.StartsWith("/etc/uevent-manager/rules.d/", StringComparison.Ordinal)));
            Assert.EndsWith($"-{Path.GetFileName(file)}", copied);
            scratch.Write(copied, text);
        }
        var load = RuleLoader.Load([ShippedRules.Folder, scratch.Root]);
        Assert.Empty(load.Problems);
        Assert.Equal(name, load.Rules.FirstOrDefault(r => r.Subsystems.Contains(subsystem) && Fits(r.Match, sysname, has.Split(' ')))?.Name);
    }

    // What a device has: properties and attributes as NAME=VALUE, and paths.
    private static bool Fits(RuleMatch match, string sysname, string[] has)
    {
        string? Value(string key) => has.FirstOrDefault(h => h.StartsWith(key + "=", StringComparison.Ordinal))?[(key.Length + 1)..];
        return match.SysName?.Matches(sysname) != false
            && (match.Driver is null || match.Driver.Matches(Value("driver")))
            && match.DevType?.Matches(Value("DEVTYPE")) != false
            && match.Properties.All(p => p.Value.Matches(Value(p.Key)))
            && match.Attributes.All(a => a.Value.Matches(Value(a.Key)))
            && match.Exists.All(has.Contains)
            && !match.Absent.Any(has.Contains);
    }

    [Fact]
    public void Virtual_functions_go_with_their_physical_function()
    {
        var parts = Load.Rules.Where(r => r.Leader is not null || r.Members is not null).Select(r => (r.Name, r.Leader, r.Members));
        Assert.Equal(
            [("sriov-vf", "physfn", null), ("sriov-vf-linked", "physfn", null), ("sriov-pf-new", null, "virtfn*"), ("sriov-pf", null, "virtfn*")],
            parts);
    }

    [Fact]
    public void A_new_physical_function_does_not_wait_for_a_drivers_probe() =>
        Assert.DoesNotContain("sriov_numvfs", Load.Rules.Single(r => r.Name == "sriov-pf-new").Wait.Select(w => w.Condition.Text).Aggregate((a, b) => a + b));

    [Fact]
    public void No_rule_hides_behind_a_more_general_one_of_its_subsystem()
    {
        var general = new HashSet<string>();
        foreach (var rule in Load.Rules)
        {
            Assert.All(rule.Subsystems, s => Assert.DoesNotContain(s, general));
            if (rule.Match == new RuleMatch())
                general.UnionWith(rule.Subsystems);
        }
    }
}
