using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Uevents;

/// <summary>Datagrams of real kernels are read whole: a dropped key is a rule that never matches.</summary>
public sealed class CapturedDatagramTests
{
    private static readonly byte[] s_netAdd = Datagram.Full(
        "add", "/devices/virtual/net/veth0", "SUBSYSTEM=net", "DEVTYPE=veth", "INTERFACE=veth0", "IFINDEX=14");

    private static readonly byte[] s_blockChange = Datagram.Full(
        "change", "/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sr0",
        "SUBSYSTEM=block", "MAJOR=11", "MINOR=0", "DEVNAME=sr0", "DEVTYPE=disk", "DISK_MEDIA_CHANGE=1", "DISKSEQ=9");

    private static readonly byte[] s_mdevAdd = Datagram.Full(
        "add", "/devices/virtual/mtty/mtty/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "SUBSYSTEM=mdev");

    private static readonly byte[] s_netMove = Datagram.Full(
        "move", "/devices/pci0000:00/0000:00:03.0/virtio0/net/ens3", "SUBSYSTEM=net",
        "DEVPATH_OLD=/devices/pci0000:00/0000:00:03.0/virtio0/net/eth0", "INTERFACE=ens3", "IFINDEX=2");

    private static readonly byte[] s_pciBind = Datagram.Full(
        "bind", "/devices/pci0000:00/0000:00:03.0", "DRIVER=virtio-pci", "PCI_CLASS=20000", "PCI_ID=1AF4:1000",
        "PCI_SUBSYS_ID=1AF4:0001", "PCI_SLOT_NAME=0000:00:03.0", "MODALIAS=pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00", "SUBSYSTEM=pci");

    private static readonly byte[] s_trigger = Datagram.Full(
        "add", "/devices/virtual/tty/tty1", "SUBSYSTEM=tty", "SYNTH_UUID=0", "MAJOR=4", "MINOR=1", "DEVNAME=tty1");

    private static readonly byte[] s_triggerWithArguments = Datagram.Full(
        "change", "/devices/virtual/block/loop0", "SUBSYSTEM=block", "SYNTH_UUID=fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed",
        "SYNTH_ARG_WHY=a=b", "MAJOR=7", "MINOR=0", "DEVNAME=loop0", "DEVTYPE=disk");

    private static readonly byte[] s_queue = Datagram.Full("add", "/devices/virtual/net/veth0/queues/rx-0", "SUBSYSTEM=queues");

    private static readonly byte[] s_module = Datagram.Full("add", "/module/veth", "SUBSYSTEM=module");

    public static TheoryData<string, byte[], string, string, string> Captured => new()
    {
        { "net add", s_netAdd, "Add", "/devices/virtual/net/veth0", "net" },
        { "block change", s_blockChange, "Change", "/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sr0", "block" },
        { "mdev add", s_mdevAdd, "Add", "/devices/virtual/mtty/mtty/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "mdev" },
        { "rename", s_netMove, "Move", "/devices/pci0000:00/0000:00:03.0/virtio0/net/ens3", "net" },
        { "bind", s_pciBind, "Bind", "/devices/pci0000:00/0000:00:03.0", "pci" },
        { "trigger", s_trigger, "Add", "/devices/virtual/tty/tty1", "tty" },
        { "trigger with arguments", s_triggerWithArguments, "Change", "/devices/virtual/block/loop0", "block" },
        { "queue", s_queue, "Add", "/devices/virtual/net/veth0/queues/rx-0", "queues" },
        { "module", s_module, "Add", "/module/veth", "module" },
    };

    [Theory]
    [MemberData(nameof(Captured))]
    public void A_message_is_parsed_in_place(string name, byte[] datagram, string action, string path, string subsystem)
    {
        Assert.Equal(UeventRejection.None, UeventParser.TryParse(datagram, out var uevent));
        Assert.True(
            (uevent.Action.ToString(), Datagram.Text(uevent.DevPath), Datagram.Text(uevent.Subsystem), uevent.Seqnum) == (action, path, subsystem, 4711),
            name);
    }

    [Fact]
    public void Every_property_is_kept_with_all_of_its_value()
    {
        UeventParser.TryParse(s_triggerWithArguments, out var uevent);
        Assert.True(PropertyBlock.TryGet(uevent.Properties, "SYNTH_ARG_WHY"u8, out var value));
        Assert.Equal("a=b", Datagram.Text(value));
        var entries = new List<string>();
        foreach (var entry in PropertyBlock.Entries(uevent.Properties))
            entries.Add(Datagram.Text(entry));
        Assert.Equal(10, entries.Count);
        Assert.Equal("DEVTYPE=disk", entries[8]);
    }

    [Fact]
    public void Triggered_events_are_distinguished_from_the_kernels_own()
    {
        UeventParser.TryParse(s_trigger, out var plain);
        Assert.True(plain.IsSynthetic);
        UeventParser.TryParse(s_triggerWithArguments, out var arguments);
        Assert.True(arguments.IsSynthetic);
        UeventParser.TryParse(s_netAdd, out var own);
        Assert.False(own.IsSynthetic);
    }

    [Fact]
    public void A_rename_names_the_old_path()
    {
        UeventParser.TryParse(s_netMove, out var uevent);
        Assert.Equal("/devices/pci0000:00/0000:00:03.0/virtio0/net/eth0", Datagram.Text(uevent.DevPathOld));
        UeventParser.TryParse(s_netAdd, out uevent);
        Assert.True(uevent.DevPathOld.IsEmpty);
    }

    [Theory]
    [InlineData("add")]
    [InlineData("remove")]
    [InlineData("change")]
    [InlineData("move")]
    [InlineData("online")]
    [InlineData("offline")]
    [InlineData("bind")]
    [InlineData("unbind")]
    public void Every_action_of_the_kernels_is_known_by_its_word(string word)
    {
        Assert.Equal(UeventRejection.None, UeventParser.TryParse(Datagram.Full(word, "/devices/a"), out var uevent));
        Assert.Equal(word, uevent.Action.Text());
        Assert.Equal(word, Datagram.Text(uevent.Action.Utf8()));
        Assert.Contains(word, UeventActions.All);
    }

    [Fact]
    public void Names_that_are_no_utf8_are_kept_as_they_are()
    {
        var datagram = Datagram.Full("add", "/devices/caf\u00e9", "SUBSYSTEM=net", "NAME=\u00ff\u00fe");
        Assert.Equal(UeventRejection.None, UeventParser.TryParse(datagram, out var uevent));
        Assert.Equal("/devices/caf\\xe9", KernelText.Decode(uevent.DevPath));
        PropertyBlock.TryGet(uevent.Properties, "NAME"u8, out var value);
        Assert.Equal("\\xff\\xfe", KernelText.Decode(value));
    }

    [Fact]
    public void Properties_that_an_injector_omits_are_not_required()
    {
        Assert.Equal(UeventRejection.None, UeventParser.TryParse(Datagram.Of("add@/devices/a"), out var uevent));
        Assert.Equal(0, uevent.Seqnum);
        Assert.True(uevent.Subsystem.IsEmpty);
    }

    [Fact]
    public void A_datagram_is_read_without_allocating()
    {
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 1_000; i++)
                UeventParser.TryParse(s_blockChange, out _);
        }));
    }
}
