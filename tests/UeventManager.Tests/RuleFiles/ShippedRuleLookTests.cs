using UeventManager.Core.Rules;
using UeventManager.RuleFiles;
using UeventManager.Tests.Conditions;

namespace UeventManager.Tests.RuleFiles;

/// <summary>
/// Shipped rules on a temporary tree, which grows as the kernel functions that each rule names make it grow. Where the device exists
/// in the guest of `make vm-test`, its real driver is asked as well.
/// </summary>
public sealed class ShippedRuleLookTests
{
    private static readonly RuleSet Rules = new(RuleLoader.Load([ShippedRules.Folder]).Rules);

    /// <summary>Subsystem, sysname, properties, what is there at ADD, what comes later, the rule in force at last.</summary>
    public static TheoryData<string, string, string, string, string, string> Required { get; } = new()
    {
        { "mdev", "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "", "driver@vfio_mdev iommu_group@7", "mdev_type@mtty-1", "mdev" },
        { "net", "br0", "DEVTYPE=bridge", "bridge/ brforward=", "brif/", "net-bridge" },
        { "net", "eth0", "", "queues/rx-0/", "queues/tx-0/", "net" },
        { "block", "dm-0", "DEVTYPE=disk", "size=0", "dm/uuid=LVM-1 size=8 queue/logical_block_size=512", "block-dm" },
        { "block", "dm-1", "DEVTYPE=disk", "dm/uuid=LVM-1 size=8", "queue/logical_block_size=512", "block-dm" },
        { "block", "nullb0", "DEVTYPE=disk", "size=8", "queue/logical_block_size=512", "block-disk" },
        { "sound", "card0", "", "id=PCH number=0 pcmC0D0p/", "controlC0/", "sound-card" },
        { "block", "md127", "DEVTYPE=disk", "size=0 queue/logical_block_size=512", "md/array_state=clear", "block-md" },
        { "nvme", "nvme0", "", "state=new", "state=live", "nvme" },
        { "nvme", "nvme1", "", "state=connecting", "state=live", "nvme" },
        { "fc_host", "host3", "", "", "port_name=0x500143802426baf4 tgtid_bind_type=wwpn", "fc-host" },
        { "fc_vports", "vport-3:0-0", "", "port_name=0x2101001b32a9d3f2", "vport_disable=", "fc-vport" },
        { "fc_remote_ports", "rport-3:0-1", "", "port_name=0x500143802426baf4", "fast_io_fail_tmo=off", "fc-rport" },
        { "srp_remote_ports", "port-4:1", "", "port_id=0002c903000f8ef9", "roles=SRP_Target", "srp-rport" },
        { "sas_phy", "phy-0:3", "", "sas_address=0x500605b000272b9f", "phy_reset_problem_count=0", "sas-phy" },
        { "sas_port", "port-0:1", "", "", "num_phys=4", "sas-port" },
        { "sas_device", "end_device-0:1/sas_device/end_device-0:1", "", "sas_address=0x5000c5004a2e1f01", "scsi_target_id=1", "sas-device" },
        { "sas_end_device", "end_device-0:1/sas_end_device/end_device-0:1", "", "ready_led_meaning=0", "tlr_enabled=0", "sas-end-device" },
        { "sas_expander", "expander-0:0/sas_expander/expander-0:0", "", "vendor_id=LSI", "level=1", "sas-expander" },
        { "iscsi_session", "session1", "", "targetname=iqn.2026-11.org.example:disk", "target_id=0", "iscsi-session" },
        { "cxl", "root0", "DEVTYPE=cxl_port", "", "uport@ACPI0017:00", "cxl-root" },
        { "cxl", "endpoint3", "DEVTYPE=cxl_port", "uport@mem0", "parent_dport@0000:35:00.0", "cxl-port" },
        { "matrix", "matrix", "", "driver@vfio_ap", "mdev_supported_types/vfio_ap-passthrough/", "ap-matrix" },
    };

    /// <summary>The same where a healthy device may be without.</summary>
    public static TheoryData<string, string, string, string, string, string> Optional { get; } = new()
    {
        { "pci", "0000:01:00.0", "PCI_CLASS=10802", "config= resource0= driver@nvme", "nvme/nvme0/", "pci-nvme" },
        { "pci", "0000:02:00.0", "PCI_CLASS=20000", "config= resource0= driver@e1000e", "net/eth0/", "pci-net" },
        { "pci", "0000:03:00.0", "PCI_CLASS=20000", "config= resource1= driver@virtio-pci", "virtio0/", "pci-virtio" },
        { "pci", "0000:00:1f.3", "PCI_CLASS=c0500", "config= resource4=", "driver@i801_smbus", "pci" },
        { "hid", "0003:046D:C31C.0001", "", "driver@hid-generic input/input5/", "hidraw/hidraw0/", "hid" },
        { "usb", "1-2:1.0", "DEVTYPE=usb_interface", "bNumEndpoints=03 driver@cdc_acm", "ep_81/", "usb-interface" },
        { "input", "input5", "", "name=key", "event3/", "input" },
        { "i2c", "0-0048", "", "name=lm75", "driver@lm75", "i2c-client" },
        { "drm", "card0", "DEVTYPE=drm_minor", "dev=226:0", "card0-HDMI-A-1/", "drm-card" },
        { "vdpa", "vdpa0", "", "driver@vhost_vdpa", "vhost-vdpa-0/", "vdpa-vhost" },
        { "vdpa", "vdpa0", "", "", "driver@virtio_vdpa", "vdpa" },
        { "virtio", "virtio0", "", "driver@virtio_net", "net/eth0/", "virtio-net" },
        { "virtio", "virtio1", "", "driver@virtio_blk", "block/vda/", "virtio-block" },
        { "virtio", "virtio2", "", "", "driver@virtio_balloon", "virtio" },
        { "virtio-ports", "vport2p1", "", "", "name=org.qemu.guest_agent.0", "virtio-port" },
        { "xen-backend", "vif-1-0", "XENBUS_TYPE=vif", "state=1", "driver@vif", "xen-backend" },
        { "scsi", "2:0:0:0", "DEVTYPE=scsi_device", "type=0 vendor=Linux driver@sd", "block/sda/", "scsi-disk" },
        { "scsi", "2:0:0:1", "DEVTYPE=scsi_device", "type=5 vendor=Linux", "driver@sr", "scsi-device" },
        { "fc_host", "host3", "", "port_name=0xffffffffffffffff tgtid_bind_type=wwpn", "port_name=0x500143802426baf4", "fc-host" },
        { "iscsi_session", "session2", "", "target_id=0 targetname=(null)", "targetname=iqn.2026-11.org.example:disk", "iscsi-session" },
        { "iscsi_connection", "connection1:0", "", "", "persistent_port=3260", "iscsi-connection" },
        { "iscsi_connection", "connection2:0", "", "", "state=up", "iscsi-connection" },
        { "iscsi_host", "host6", "", "", "initiatorname=iqn.1993-08.org.debian:01:1", "iscsi-host" },
        { "mmc", "mmc0:aaaa", "", "type=SD driver@mmcblk", "block/mmcblk0/", "mmc-disk" },
        { "mmc", "mmc1:0001", "", "type=SDIO", "driver@other", "mmc-card" },
        { "sdio", "mmc1:0001:1", "", "class=0x07", "driver@brcmfmac", "sdio-function" },
        { "power_supply", "BAT0", "", "type=Battery", "status=Charging", "power-supply" },
        { "power_supply", "AC", "", "type=Mains", "online=1", "power-supply" },
        { "dax", "dax0.0", "", "size=1073741824 align=2097152", "driver@device_dax", "dax" },
        { "nd", "namespace0.0", "DEVTYPE=nd_namespace_io", "size=67108864", "driver@nd_pmem", "nd" },
        { "ap", "card02", "", "driver@cex4card", "online=1", "ap-zcrypt" },
        { "ap", "02.0005", "", "", "driver@vfio_ap", "ap" },
        { "infiniband", "mlx5_0", "", "node_type=1:CA", "ports/1/gid_attrs/types/", "infiniband" },
        { "css", "0.0.0013", "", "type=0", "driver@io_subchannel", "ccw" },
        { "ccw", "0.0.0190", "", "online=0", "driver@dasd-eckd", "ccw" },
    };

    /// <summary>What has nothing that is late, and must not wait: subsystem, sysname, properties, what is there at ADD.</summary>
    public static TheoryData<string, string, string, string> Passing { get; } = new()
    {
        { "usb", "1-2:1.0", "DEVTYPE=usb_interface", "bNumEndpoints=00" },
        { "input", "event3", "", "dev=13:67" },
        { "i2c", "i2c-0", "", "name=SMBus new_device=" },
        { "drm", "renderD128", "DEVTYPE=drm_minor", "dev=226:128" },
        { "drm", "card0-HDMI-A-1", "DEVTYPE=drm_connector", "status=connected" },
        { "nvme", "ctl", "", "" },
        { "scsi", "host2", "DEVTYPE=scsi_host", "" },
        { "scsi", "target2:0:0", "DEVTYPE=scsi_target", "" },
        { "cxl", "mem0", "DEVTYPE=cxl_memdev", "" },
        { "cxl", "decoder0.0", "DEVTYPE=cxl_decoder_root", "" },
        { "css", "css0", "", "" },
        { "block", "sda", "DEVTYPE=disk", "size=8 queue/logical_block_size=512" },
        { "block", "nbd0", "DEVTYPE=disk", "size=0 queue/logical_block_size=512" },
        { "block", "loop0", "DEVTYPE=disk", "size=0 queue/logical_block_size=512" },
        { "block", "sda1", "DEVTYPE=partition", "size=8" },
        { "pci", "0000:02:00.0", "PCI_CLASS=20000", "config= resource0= driver@pciback" },
        { "pci", "0000:02:00.0", "PCI_CLASS=20000", "config= resource0= driver@pci-stub" },
        { "pci", "0000:02:00.0", "PCI_CLASS=20000", "config= resource0= driver@uio_pci_generic" },
        { "pci", "0000:02:00.0", "PCI_CLASS=20000", "config= resource0= driver@igb_uio" },
        { "pci", "0000:02:00.0", "PCI_CLASS=20000", "config= resource0= driver@vfio-pci" },
        { "pci", "0000:02:00.0", "PCI_CLASS=20000", "config= resource0= driver@mlx5-vfio-pci" },
        { "pci", "0000:02:00.0", "PCI_CLASS=20000", "config= resource0= driver@e1000e vfio-dev/vfio0/" },
        { "sound", "controlC0", "", "dev=116:0" },
        { "sound", "pcmC0D0p", "", "dev=116:16" },
        { "vfio", "7", "", "dev=511:0" },
        { "vfio", "noiommu-0", "", "dev=511:1" },
        { "vfio-dev", "vfio0", "", "dev=511:0" },
        { "vfio-dev", "vfio1", "", "" },
        { "iommu", "dmar0", "", "" },
        { "infiniband", "mlx5_0", "", "node_type=1 node_guid=0c42:a103:0058:9b32 ports/1/gid_attrs/types/" },
        { "tty", "ttyS0", "", "dev=4:64" },
        { "hwmon", "hwmon0", "", "name=nvme" },
        { "hwmon", "hwmon1", "", "" },
    };

    /// <summary>What comes with a device that waits for nothing: subsystem, sysname, what is there at ADD, names and values.</summary>
    public static TheoryData<string, string, string, string> Attached { get; } = new()
    {
        { "hwmon", "hwmon0", "name=nvme temp1_input=31850 device@nvme0", "name=nvme device=nvme0" },
        { "hwmon", "hwmon1", "temp1_input=31850 device@nvme0", "device=nvme0" },
        { "infiniband", "mlx5_0", "node_guid=0c42:a103:0058:9b32 fw_ver=20.31.1014 ports/1/gid_attrs/types/", "node_guid=0c42:a103:0058:9b32" },
        { "vfio-dev", "vfio0", "dev=511:0 device@0000:01:00.0", "device=0000:01:00.0" },
        { "vfio", "7", "dev=511:0", "" },
        { "tty", "ttyS0", "dev=4:64 type=4 device@serial8250", "" },
        { "iommu", "dmar0", "device@none", "" },
    };

    [Theory]
    [MemberData(nameof(Required))]
    public void A_device_is_not_announced_before_its_required_items_exist(string subsystem, string sysname, string properties, string there, string late, string rule)
    {
        using var looks = Waiting(subsystem, sysname, properties, there, 3_000_000);
        Grow(looks, sysname, late);
        Announced(looks, rule);
    }

    [Theory]
    [MemberData(nameof(Optional))]
    public void A_device_is_not_announced_before_its_usual_items_exist(string subsystem, string sysname, string properties, string there, string late, string rule)
    {
        using var looks = Waiting(subsystem, sysname, properties, there, 100_000);
        Grow(looks, sysname, late);
        Announced(looks, rule);
    }

    [Theory]
    [MemberData(nameof(Optional))]
    public void An_item_that_a_healthy_device_may_lack_holds_it_for_at_most_half_a_second(string subsystem, string sysname, string properties, string there, string late, string rule)
    {
        using var looks = Waiting(subsystem, sysname, properties, there, 100_000);
        looks.Run(400_000);
        Assert.NotEqual("", late + rule);
        Assert.True(Assert.Single(looks.Seen).Findings.Settled);
        Assert.NotEmpty(looks.Seen[0].Findings.Missing ?? []);
    }

    [Theory]
    [MemberData(nameof(Passing))]
    public void Nothing_waits_where_the_kernel_is_never_late(string subsystem, string sysname, string properties, string there)
    {
        using var looks = Added(subsystem, sysname, properties, there);
        Assert.True(Assert.Single(looks.Seen).Findings.Settled);
        Assert.Empty(looks.Seen[0].Findings.Missing ?? []);
    }

    [Theory]
    [MemberData(nameof(Attached))]
    public void Values_for_consumers_are_attached_without_waiting(string subsystem, string sysname, string there, string attached)
    {
        using var looks = Added(subsystem, sysname, "", there);
        var findings = Assert.Single(looks.Seen).Findings;
        var values = (findings.Attributes ?? []).Concat(findings.Links ?? []).Select(one => $"{one.Key}={one.Value.Split('/')[^1]}");
        Assert.Equal(attached.Split(' ', StringSplitOptions.RemoveEmptyEntries), values);
    }

    [Theory]
    [InlineData("1-2", "1-2:1.0/", "1-2:1.1/")]
    [InlineData("usb1", "1-0:1.0/", "")]
    // Nobody has authorised it.
    [InlineData("1-3", "", "")]
    public void A_USB_device_is_announced_with_all_its_interfaces(string sysname, string first, string second)
    {
        using var looks = Waiting("usb", sysname, "DEVTYPE=usb_device", "descriptors= bConfigurationValue=", 1_000);
        Grow(looks, sysname, first);
        // The first one's driver takes its time.
        looks.Run(300_000);
        Assert.Empty(looks.Seen);
        Grow(looks, sysname, second);
        looks.Send("bind", "DEVTYPE=usb_device", "DRIVER=usb");
        Announced(looks, "usb-device");
    }

    // udevadm trigger runs while the daemon starts, and its uevent is read before the scan has found the device.
    [Fact]
    public void A_synthetic_add_of_a_device_of_usb_is_not_taken_for_a_new_device()
    {
        using var looks = Waiting("usb", "1-2", "DEVTYPE=usb_device SYNTH_UUID=0", "descriptors= 1-2:1.0/", 1_000);
        // Its interfaces may be on their way.
        Grow(looks, "1-2", "1-2:1.1/");
        looks.Run(150_000);
        Assert.Empty(looks.Seen);
        looks.Run(200_000);
        Assert.Null(Assert.Single(looks.Seen).Findings.Missing);
    }

    [Fact]
    public void A_probe_that_waits_for_children_of_its_device_delays_it_by_half_a_second()
    {
        using var looks = Waiting("usb", "1-2", "DEVTYPE=usb_device", "descriptors= 1-2:1.0/", 400_000);
        looks.Run(110_000);
        Assert.NotEmpty(Assert.Single(looks.Seen).Findings.Missing!);
        looks.Send("bind", "DEVTYPE=usb_device", "DRIVER=usb");
        looks.Run(1_000_000);
        Assert.Contains(looks.Seen, seen => seen is { Action: "change", Findings.Missing: null or [] });
    }

    [Fact]
    public void No_rule_asks_a_controller_for_its_model_before_the_kernel_knows_it()
    {
        string[] deadly = ["model", "serial", "firmware_rev", "subsysnqn"];
        var nvme = RuleLoader.Load([ShippedRules.Folder]).Rules.Where(r => r.Subsystems.Contains("nvme")).ToList();
        Assert.NotEmpty(nvme);
        Assert.All(nvme, r => Assert.Empty(r.Attach.Attributes.Intersect(deadly)));
        Assert.All(nvme.SelectMany(r => r.Wait), w => Assert.DoesNotContain(w.Condition.Text.Split(' '), word => deadly.Contains(word)));
        Assert.All(nvme, r => Assert.Empty(r.Match.Attributes.Select(a => a.Key).Intersect(deadly)));
    }

    private static void Announced(RealLooks looks, string rule)
    {
        looks.Run(1_000_000);
        var seen = Assert.Single(looks.Seen);
        Assert.Equal(("add", true, rule), (seen.Action, seen.Findings.Settled, seen.Findings.Rule));
        Assert.Empty(seen.Findings.Missing ?? []);
    }

    private static RealLooks Waiting(string subsystem, string sysname, string properties, string there, long usec)
    {
        var looks = Added(subsystem, sysname, properties, there);
        looks.Run(usec);
        Assert.Empty(looks.Seen);
        return looks;
    }

    private static RealLooks Added(string subsystem, string sysname, string properties, string there)
    {
        var looks = new RealLooks(Rules, $"/devices/{sysname}", subsystem, properties.Replace(' ', '\n') + "\n");
        Grow(looks, sysname, there);
        looks.Add(properties.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return looks;
    }

    /// <summary>Makes <c>file=value</c>, <c>folder/</c> and <c>link@target</c>.</summary>
    private static void Grow(RealLooks looks, string sysname, string items)
    {
        foreach (var item in items.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var path = $"/devices/{sysname}/{item.Split('=', '@')[0]}";
            if (item.EndsWith('/'))
                Directory.CreateDirectory(looks.Tree.Inside(path));
            else if (item.Contains('='))
                looks.Tree.Write(path, item[(item.IndexOf('=') + 1)..] + "\n");
            else
            {
                Directory.CreateDirectory(looks.Tree.Inside($"/targets/{item.Split('@')[1]}"));
                looks.Tree.Link(path, $"../../targets/{item.Split('@')[1]}");
            }
        }
    }
}
