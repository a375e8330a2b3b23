using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Recording;

/// <summary>A recording shows when each name appeared.</summary>
public sealed class RecordTests
{
    [Fact]
    public void ANewNameIsRecordedWithTheBoundsOfItsTime()
    {
        using var sandbox = Sandbox.Create();
        using var recorder = RunningRecorder.Start(sandbox, out var sysfs, out var injector);
        var device = sysfs.AddDevice("/devices/virtual/late/d0", "late", "DEVTYPE=slow");
        injector.Send("add", device);
        recorder.WaitFor(line => line.Is("device", device.DevPath), "the first look");
        var before = MonotonicClock.Usec;
        device.Write("ready", "yes\n");
        device.MakeDirectory("below");
        device.Write("below/deep", "1\n");
        device.Link("device", "/devices/virtual/late/d0");
        var ready = recorder.WaitFor(line => line.Is("appeared", device.DevPath, "ready"), "the file");
        Assert.True(ready.Number("afterUsec") <= ready.Number("atUsec") && ready.Number("atUsec") >= before, ready.Text);
        Assert.Equal("directory", recorder.WaitFor(line => line.Is("appeared", device.DevPath, "below"), "the directory").String("type"));
        recorder.WaitFor(line => line.Is("appeared", device.DevPath, "below/deep"), "what is in it");
        Assert.Equal(device.DevPath, recorder.WaitFor(line => line.Is("appeared", device.DevPath, "device"), "the link").String("target"));
        File.Delete(device.Path + "/ready");
        recorder.WaitFor(line => line.Is("disappeared", device.DevPath, "ready"), "that it has gone");
        injector.Send("remove", device);
        device.Remove();
        Assert.Equal(0, recorder.Terminate());
        Assert.Equal("end", recorder.Lines[^1].String("kind"));
        Assert.Equal(1, recorder.Lines[0].Number("version"));
        Assert.Equal(recorder.Lines.Select(line => line.Number("realtimeUsec") - line.Number("atUsec")).Max(), recorder.Lines.Select(line => line.Number("realtimeUsec") - line.Number("atUsec")).Min(), 5_000_000.0);
    }

    [Fact]
    public void TheTreeAtTheStartIsRecordedAndTheFilterKeepsWhatIsAbove()
    {
        using var sandbox = Sandbox.Create();
        using var recorder = RunningRecorder.Start(sandbox, out var sysfs, out var injector, tree =>
        {
            tree.AddDevice("/devices/virtual/bus0", "parent");
            tree.AddDevice("/devices/virtual/bus0/wanted", "late");
            tree.AddDevice("/devices/virtual/other", "other");
        }, "--filter", "subsystem=late");
        recorder.WaitFor(line => line.Is("device", "/devices/virtual/bus0/wanted"), "the device that was there");
        var second = sysfs.AddDevice("/devices/virtual/bus0/second", "late");
        var unwanted = sysfs.AddDevice("/devices/virtual/bus0/unwanted", "other");
        injector.Send("add", unwanted);
        injector.Send("add", second);
        recorder.WaitFor(line => line.Is("device", second.DevPath), "the new device");
        Assert.Equal(0, recorder.Terminate());
        Assert.Contains(recorder.Lines, line => line.Is("device", "/devices/virtual/bus0") && line.Json.GetProperty("atStart").GetBoolean());
        Assert.DoesNotContain(recorder.Lines, line => line.Text.Contains("/other", StringComparison.Ordinal)
            || (line.String("kind") == "uevent" && line.Text.Contains("unwanted", StringComparison.Ordinal)) || line.Is("device", unwanted.DevPath));
    }

    // A recorder that is behind, as in a storm on a busy machine, records what was sent before it was told to end.
    [Fact]
    public void WhatWasSentBeforeTheEndIsRecorded()
    {
        const int Devices = 2000;
        using var sandbox = Sandbox.Create();
        using var recorder = RunningRecorder.Start(sandbox, out var sysfs, out var injector);
        List<FakeDevice> devices = [.. Enumerable.Range(0, Devices).Select(i => sysfs.AddDevice($"/devices/virtual/late/d{i}", "late"))];
        recorder.Stop();
        foreach (var device in devices)
            injector.Send("add", device);
        recorder.AskToEnd();
        recorder.Continue();
        Assert.Equal(0, recorder.WaitForExit());
        var lines = recorder.Lines;
        Assert.Equal((Devices, 0L), (lines.Count(line => line.String("kind") == "uevent"), lines.Where(line => line.String("kind") == "lost").Sum(line => line.Number("count"))));
    }

    // What must not be read is not, although it may be: registers, slow memory, files that are there to be written.
    [Fact]
    public void ADevicesDataIsNotRead()
    {
        using var sandbox = Sandbox.Create();
        using var recorder = RunningRecorder.Start(sandbox, out var sysfs, out var injector, null, "--values");
        var device = sysfs.AddDevice("/devices/pci0000:00/0000:00:01.0", "pci");
        foreach (var name in (string[])["config", "rom", "vpd", "resource0", "resource2_wc", "rescan", "resource", "vendor", "waiting_for_supplier"])
            device.Write(name, "1\n");
        File.SetUnixFileMode(device.Path + "/rescan", UnixFileMode.UserWrite);
        injector.Send("add", device);
        foreach (var name in (string[])["resource", "vendor"])
            recorder.WaitFor(line => line.Is("value", device.DevPath, name), name);
        Assert.Equal(0, recorder.Terminate());
        Assert.Equal(["resource", "uevent", "vendor"], recorder.Lines.Where(line => line.String("kind") == "value").Select(line => line.String("name")).Distinct().Order(StringComparer.Ordinal));
        Assert.Contains("\"config\"", File.ReadAllText(recorder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void HardwareIdentifiersAreReplacedUnlessRaw()
    {
        using var sandbox = Sandbox.Create();
        foreach (var raw in new[] { false, true })
        {
            using var recorder = RunningRecorder.Start(sandbox, out var sysfs, out var injector, null, raw ? ["--raw", "--values"] : ["--values"]);
            var device = sysfs.AddDevice("/devices/virtual/late/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001", "late", "SERIAL=ABC123456");
            device.Write("address", "52:54:00:12:34:56\n");
            device.Write("state", "live\n");
            injector.Send("add", device);
            recorder.WaitFor(line => line.String("kind") == "value" && line.String("name") == "address", "a value");
            recorder.WaitFor(line => line.String("kind") == "value" && line.String("value") == "live", "another value");
            Assert.Equal(0, recorder.Terminate());
            var text = File.ReadAllText(recorder.Path);
            foreach (var secret in new[] { "83b8f4f2", "52:54:00:12:34:56", "ABC123456" })
                Assert.Equal(raw, text.Contains(secret, StringComparison.Ordinal));
            Assert.Equal(raw ? UnixFileMode.None : UnixFileMode.OtherRead, File.GetUnixFileMode(recorder.Path) & UnixFileMode.OtherRead);
        }
    }

    [Fact]
    public void ARecorderThatIsKilledLeavesWhatItWrote()
    {
        using var sandbox = Sandbox.Create();
        using var recorder = RunningRecorder.Start(sandbox, out var sysfs, out var injector);
        var device = sysfs.AddDevice("/devices/virtual/late/d0", "late");
        injector.Send("add", device);
        recorder.WaitFor(line => line.Is("device", device.DevPath), "the first look");
        recorder.Kill();
        var replay = sandbox.Run($"{Repository.Ueventctl} replay {recorder.Path} --rules {recorder.Rules("wait: [{exists: uevent}]")}").Ok();
        Assert.Contains("1 announced complete", replay.Output, StringComparison.Ordinal);
        Assert.Contains("it was cut off", replay.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AFullDiskIsSaidAndWhatIsThereCanBeRead()
    {
        using var sandbox = Sandbox.Create();
        using var place = new ScratchDirectory("full");
        sandbox.Run($"mount -t tmpfs -o size=32k full {place.Path}").Ok();
        using var sysfs = new FakeSysfs();
        using var injector = new UeventInjector(sandbox);
        var recorder = sandbox.Start([Repository.Ueventctl, "record", "--sysfs", sysfs.Root, "-o", place.Combine("r.ndjson")]);
        Eventually.Holds(() => sandbox.Run($"cat {place.Path}/r.ndjson").Output.Contains('\n', StringComparison.Ordinal), Deadline.Default, "the header");
        var number = 0;
        Eventually.Holds(() =>
        {
            injector.Send("add", sysfs.AddDevice($"/devices/virtual/late/d{number++}", "late"));
            return recorder.HasExited;
        }, Deadline.Default, "it ends");
        Assert.Equal(1, recorder.WaitForExit(Deadline.Default));
        Assert.Contains(place.Combine("r.ndjson"), recorder.Error, StringComparison.Ordinal);
        Assert.Contains("can be read", recorder.Error, StringComparison.Ordinal);
        using var rules = new ScratchDirectory("rules");
        File.WriteAllText(rules.Combine("r.yaml"), "version: 1\nsubsystem: late\nrules:\n  - name: r\n    wait: [{exists: uevent}]\n");
        var replay = sandbox.Run($"{Repository.Ueventctl} replay {place.Path}/r.ndjson --rules {rules.Path} --json");
        Assert.Contains("\"outcome\":\"complete\"", replay.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AReadThatHangsDoesNoHarm()
    {
        using var sandbox = Sandbox.Create();
        using var recorder = RunningRecorder.Start(sandbox, out var sysfs, out var injector, null, "--values");
        var device = sysfs.AddDevice("/devices/virtual/late/d0", "late");
        device.Write("slow", "");
        using var blocked = new FuseFile(sandbox, device.Path + "/slow");
        device.Write("quick", "1\n");
        injector.Send("add", device);
        recorder.WaitFor(line => line.Is("blocked", device.DevPath, "slow"), "the read that hangs");
        recorder.WaitFor(line => line.Is("value", device.DevPath, "quick"), "another value");
        device.Write("later", "2\n");
        recorder.WaitFor(line => line.Is("value", device.DevPath, "later"), "a value after it");
        recorder.AskToEnd();
        recorder.WaitFor(line => line.String("kind") == "end", "the orderly end");
        // No process ends while a thread of it is in such a read.
        blocked.Dispose();
        Assert.Equal(0, recorder.WaitForExit());
    }
}
