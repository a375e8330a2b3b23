using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Recording;

/// <summary>Trees go to Debian's umockdev and come from it.</summary>
public sealed class UmockdevTests
{
    [Fact]
    public void UmockdevShowsTheTreeOfARecording()
    {
        var umockdev = Requires.Tool("umockdev-run");
        using var sandbox = Sandbox.Create();
        using var recorder = RunningRecorder.Start(sandbox, out var sysfs, out var injector, null, "--values", "--raw");
        var device = sysfs.AddDevice("/devices/virtual/late/d0", "late", "DEVTYPE=slow");
        device.Write("note", "Grüße, \"quoted\" \\ and\ttabbed\nsecond line\n");
        injector.Send("add", device);
        recorder.WaitFor(line => line.Is("value", device.DevPath, "note"), "the value");
        device.MakeDirectory("below");
        device.Write("below/deep", "7\n");
        device.Link("other", "/devices/virtual/late");
        recorder.WaitFor(line => line.Is("appeared", device.DevPath, "other"), "what comes late");
        recorder.WaitFor(line => line.Is("value", device.DevPath, "below/deep"), "the late value");
        Assert.Equal(0, recorder.Terminate());
        using var place = new ScratchDirectory("umockdev");
        sandbox.Run($"{Repository.Ueventctl} record --format umockdev {recorder.Path} -o {place.Path}/d.umockdev").Ok();
        var at = "/sys" + device.DevPath;
        var shown = sandbox.Run($"{umockdev} -d {place.Path}/d.umockdev -- sh -c 'cat {at}/note {at}/below/deep {at}/uevent; readlink {at}/other; ls /sys/class/late'").Ok();
        Assert.Equal("Grüße, \"quoted\" \\ and\ttabbed\nsecond line\n7\nDEVTYPE=slow\nSUBSYSTEM=late\n..\nd0\n", shown.Output);
    }

    [Fact]
    public void UmockdevLoadsThisMachinesWholeTree()
    {
        var umockdev = Requires.Tool("umockdev-run");
        using var place = new ScratchDirectory("umockdev");
        using var record = RunningProcess.Start(Repository.Ueventctl, ["record", "--format", "umockdev", "-o", place.Combine("all.umockdev")]);
        Assert.True(record.WaitForExit(Deadline.Default) == 0, record.Error);
        var paths = File.ReadLines(place.Combine("all.umockdev")).Where(line => line.StartsWith("P: ", StringComparison.Ordinal)).Select(line => "/sys" + line[3..]).ToList();
        Assert.Contains("/sys/devices/virtual/net/lo", paths);
        using var shown = RunningProcess.Start(umockdev, ["-d", place.Combine("all.umockdev"), "--", "sh", "-c", "find /sys/devices -name uevent"]);
        Assert.True(shown.WaitForExit(Deadline.Default) == 0, shown.Error);
        Assert.Empty(paths.Select(path => path + "/uevent").Except(shown.Output.Split('\n')));
    }

    [Fact]
    public void AUmockdevRecordingBecomesATreeForRulesTest()
    {
        var umockdev = Requires.Tool("umockdev-record");
        Requires.Tools("udevadm");
        using var sandbox = Sandbox.Create();
        sandbox.Run("ip link add br7 type bridge").Ok();
        using var place = new ScratchDirectory("umockdev");
        sandbox.Run($"{umockdev} /sys/class/net/br7 > {place.Path}/br7.umockdev").Ok();
        var made = sandbox.Run($"{Repository.Ueventctl} record --from-umockdev {place.Path}/br7.umockdev {place.Path}/tree").Ok();
        Assert.Contains("1 device in", made.Error, StringComparison.Ordinal);
        // The shipped rule waits for an empty directory too, which no description has.
        Directory.CreateDirectory(place.Combine("rules"));
        File.WriteAllText(place.Combine("rules/r.yaml"), "version: 1\nsubsystem: net\nrules:\n  - name: r\n    match: {devtype: bridge}\n    wait: [{exists: brforward}, {attribute: bridge/stp_state, equals: 0}]\n");
        string Test() => sandbox.Run($"{Repository.Ueventctl} rules test --sysfs {place.Path}/tree/sys --udev-db {place.Path}/tree/run/udev/data --rules {place.Path}/rules net:br7 --json").Ok().Output;
        Assert.Contains("\"rule\":\"r\"", Test(), StringComparison.Ordinal);
        Assert.Contains("\"complete\":true", Test(), StringComparison.Ordinal);
        // And back.
        var described = sandbox.Run($"{Repository.Ueventctl} record --sysfs {place.Path}/tree/sys --raw --format umockdev").Ok().Output;
        Assert.Equal(File.ReadAllLines(place.Combine("br7.umockdev")).Where(line => line.Length > 0).Order(StringComparer.Ordinal), described.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        File.Delete(place.Combine("tree/sys/devices/virtual/net/br7/brforward"));
        Assert.Contains("\"complete\":false", Test(), StringComparison.Ordinal);
    }

    [Fact]
    public void ADirectoryThatIsThereIsLeftAlone()
    {
        using var place = new ScratchDirectory("umockdev");
        File.WriteAllText(place.Combine("d.umockdev"), "P: /devices/a\nE: SUBSYSTEM=late\n");
        Directory.CreateDirectory(place.Combine("full"));
        File.WriteAllText(place.Combine("full/mine"), "");
        using var record = RunningProcess.Start(Repository.Ueventctl, ["record", "--from-umockdev", place.Combine("d.umockdev"), place.Combine("full")]);
        Assert.Equal(1, record.WaitForExit(Deadline.Default));
        Assert.Contains("it exists already", record.Error, StringComparison.Ordinal);
        Assert.Equal([place.Combine("full/mine")], Directory.GetFileSystemEntries(place.Combine("full")));
    }
}
