using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Scenarios;

/// <summary>A physical function with SR-IOV, whose writes to <c>sriov_numvfs</c> do what the kernel does, step by step.</summary>
internal sealed class SriovFunction
{
    public const string Address = "0000:3b:00.0";
    private readonly Stage _stage;
    private readonly List<FakeDevice> _virtual = [];

    public SriovFunction(Stage stage)
    {
        _stage = stage;
        Directory.CreateDirectory(stage.Sysfs.Root + "/bus/pci/drivers/igb");
        Directory.CreateDirectory(stage.Sysfs.Root + "/bus/pci/drivers/igbvf");
        Device = stage.Sysfs.AddDevice($"/devices/pci0000:3a/{Address}", "pci");
        Device.Write("sriov_totalvfs", "8\n");
        Device.Write("config", "");
        Device.Write("resource0", "");
        Device.Link("driver", "/bus/pci/drivers/igb");
        Number(0);
    }

    public FakeDevice Device { get; }

    public IReadOnlyList<FakeDevice> Virtual => _virtual;

    /// <summary>What sriov_numvfs_show() prints.</summary>
    public void Number(int count) => Device.Write("sriov_numvfs", $"{count}\n");

    /// <summary>sriov_enable() up to its CHANGE, which comes one line before num_VFs is set.</summary>
    public void EnableAndAnnounce(int count)
    {
        for (var i = 0; i < count; i++)
            AddVirtual(i);
        _stage.Kernel.Send("change", Device);
    }

    /// <summary>sriov_disable(): the links, then the functions, and no CHANGE.</summary>
    public void Disable()
    {
        foreach (var (function, i) in _virtual.Select((function, i) => (function, i)))
        {
            File.Delete($"{Device.Path}/virtfn{i}");
            _stage.Kernel.Send("remove", function);
            function.Remove();
        }

        _virtual.Clear();
    }

    /// <summary>pci_iov_add_virtfn(): ADD, the links, CHANGE, and only then pci_bus_add_device().</summary>
    private void AddVirtual(int number)
    {
        var function = _stage.Sysfs.AddDevice($"/devices/pci0000:3a/0000:3b:10.{number}", "pci");
        _virtual.Add(function);
        function.Write("sriov_vf_msix_count", "0\n");
        function.Write("config", "");
        _stage.Kernel.Send("add", function);
        Device.Link($"virtfn{number}", function.DevPath);
        function.Link("physfn", Device.DevPath);
        _stage.Kernel.Send("change", function);
        function.Write("resource0", "");
        function.Link("driver", "/bus/pci/drivers/igbvf");
        _stage.Kernel.Send("bind", function, "DRIVER=igbvf");
    }
}
