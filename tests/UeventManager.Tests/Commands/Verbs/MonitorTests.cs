using System.Text;
using UeventManager.Commands;
using UeventManager.Tests.Client;

namespace UeventManager.Tests.Commands.Verbs;

/// <summary>A monitor continues over the daemon's restart.</summary>
public sealed class MonitorTests
{
    private const string Refused = """{"parameter":"cursor"}""";

    [Fact]
    public async Task EachSelectedEventIsWritten()
    {
        string? asked = null;
        using var daemon = new FakeDaemon(("Subscribe", call =>
        {
            if (asked is not null)
            {
                call.Error("org.varlink.service.InvalidParameter", Encoding.UTF8.GetBytes(Refused));
                return;
            }
            asked = call.Parameters.GetRawText();
            FakeDaemon.Stream("""{"ready":true}""", """{"gap":{"reason":"kernelOverrun","lost":4}}""", Events("net", null), Events("block", "disk"))(call);
            call.Reply(Encoding.UTF8.GetBytes("{}"));
        }
        ));
        (int status, string output, string error) = await CommandRun.Async(
            "monitor", "--json", "-s", "net", "-s", "block/disk", "-a", "add", "--devpath", "/devices/**", "--property-match", "A=1=2",
            "--socket", daemon.Path).WaitAsync(TestDeadline.Start());
        Assert.Equal(
            """{"filter":{"devpaths":["/devices/**"],"actions":["add"],"variables":{"A":"1=2"},"alternatives":[{"subsystems":["net"]},{"subsystems":["block"],"devtypes":["disk"]}]},"stateless":true}""",
            asked);
        Assert.Equal(ExitStatus.Failed, status);
        Assert.StartsWith("ueventctl: 4 events were lost: kernelOverrun\n", error, StringComparison.Ordinal);
        string[] lines = output.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        // Who reads the lines must know of the gap, too, and where it was.
        Assert.Equal("""{"gap":{"reason":"kernelOverrun","lost":4}}""", lines[0]);
        Assert.StartsWith("""{"cursor":"7","action":"add","device":{"devpath":"/devices/virtual/net/veth0","subsystem":"net",""", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"devtype\":\"disk\"", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task KobjectsThatAreNoDevicesAreShownWithTheirPathAndOnlyIfAskedFor()
    {
        const string Queue = """{"events":[{"cursor":"6","action":"add","device":{"devpath":"/devices/virtual/net/a/queues/rx-0","subsystem":"queues","sysname":"rx-0","settled":true,"kobject":true,"properties":{}},"synthetic":false,"arrivedUsec":1000,"settledUsec":1000}]}""";
        bool isAsked = false;
        async Task<(string Output, string Error)> Run(params string[] args)
        {
            isAsked = false;
            using var daemon = new FakeDaemon(("Subscribe", call =>
            {
                if (isAsked)
                    call.Error("org.varlink.service.InvalidParameter", Encoding.UTF8.GetBytes(Refused));
                else
                    FakeDaemon.Replies("""{"ready":true}""", Queue, Events("net", null))(call);
                isAsked = true;
            }
            ));
            (_, string output, string error) = await CommandRun.Async(["monitor", "--socket", daemon.Path, .. args]).WaitAsync(TestDeadline.Start());
            return (output, error);
        }
        Assert.DoesNotContain("rx-0", (await Run()).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("rx-0", (await Run("--json")).Output, StringComparison.Ordinal);
        Assert.Matches("add .* queues +rx-0 +/devices/virtual/net/a/queues/rx-0\n", (await Run("--kobjects")).Output);
        Assert.Contains("\"kobject\":true", (await Run("--kobjects", "--json")).Output, StringComparison.Ordinal);
        // Who asks for such a subsystem would else wait for nothing.
        Assert.StartsWith("ueventctl: no device in /sys has the subsystem 'queues' (a driver may add it later; kobjects that are not devices are shown with --kobjects)\n", (await Run("-s", "queues")).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--kobjects", (await Run("-s", "queues", "--kobjects")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMonitorResumesWithItsCursorAndReportsLossAndReturnOnce()
    {
        var asked = new List<string>();
        using var daemon = new FakeDaemon(("Subscribe", call =>
        {
            asked.Add(call.Parameters.GetRawText());
            if (asked.Count == 1)
                FakeDaemon.Replies("""{"ready":true,"cursor":"5"}""", Events("net", null))(call); // The last reply ends the stream.
            else if (asked.Count < 4)
                call.Error("org.ueventmanager.Devices.TooManySubscribers", "{\"limit\":1}"u8); // Everybody comes back at once.
            else if (asked.Count == 4)
                FakeDaemon.Replies("""{"ready":true,"cursor":"8"}""", Events("net", null).Replace("\"7\"", "\"8\"", StringComparison.Ordinal))(call);
            else
                call.Error("org.varlink.service.InvalidParameter", Encoding.UTF8.GetBytes(Refused));
        }
        ));
        (int status, string output, string error) = await CommandRun.Async("monitor", "--json", "--socket", daemon.Path).WaitAsync(TestDeadline.Start());
        Assert.Equal(
            ["""{"stateless":true}""", .. Enumerable.Repeat("""{"cursor":"7","stateless":true}""", 3), """{"cursor":"8","stateless":true}"""], asked);
        const string Lost = "ueventctl: the connection to the daemon was lost; trying until it is back (Ctrl-C ends)\n";
        Assert.Equal($"{Lost}ueventctl: connected to the daemon again\n{Lost}ueventctl: the daemon refused the parameter 'cursor'\n", error);
        Assert.Equal(["7", "8"], output.TrimEnd().Split('\n').Select(line => line[11..12]));
        Assert.Equal(ExitStatus.Failed, status); // What a daemon refuses is not tried for ever.
    }

    [Fact]
    public async Task AMonitorEndsAfterEnoughEventsAndATimeoutIsAFailure()
    {
        string? asked = null;
        async Task<(int Status, string Output, string Error)> Run(params string[] args)
        {
            using var daemon = new FakeDaemon(("Status", FakeDaemon.Replies(Status)), ("Subscribe", call =>
            {
                asked = call.Parameters.GetRawText();
                FakeDaemon.Stream("""{"ready":true}""", Events("net", null), Events("block", "disk"), Events("usb", null))(call);
            }
            ));
            return await CommandRun.Async(["monitor", "--socket", daemon.Path, .. args]).WaitAsync(TestDeadline.Start());
        }
        Assert.Equal((ExitStatus.Done, "net veth0\nblock veth0\n", ""), await Run("--count", "2", "--format", "{subsystem} {sysname}"));
        Assert.Equal((ExitStatus.Done, "net\nblock\n", ""), await Run("--until", "devtype=disk", "--format", "{subsystem}"));
        Assert.Equal((ExitStatus.Done, "net\n", ""), await Run("--until", "devtype=disk", "--until", "subsystem=net", "--format", "{subsystem}"));
        (int status, string output, string error) = await Run("--until", "sysname=x", "--format", "{subsystem}", "--timeout", "1");
        Assert.Equal((ExitStatus.TimedOut, "ueventctl: timed out after 1s (raise --timeout to wait longer)\n"), (status, error));
        // How much of it is shown by then is the machine's affair.
        Assert.StartsWith(output, "net\nblock\nusb\n", StringComparison.Ordinal);
        Assert.Equal((ExitStatus.Done, "net\nblock\nusb\n", ""), await Run("--until", "subsystem=usb", "--format", "{subsystem}"));
        Assert.Equal(ExitStatus.Done, (await Run("--timeout", "10ms")).Status);
        await Run("--count", "1", "--since", "0123456789abcdef-7");
        Assert.Equal("""{"cursor":"0123456789abcdef-7","stateless":true}""", asked);
        await Run("--count", "1", "--since", "5m");
        // From the daemon's own clock.
        Assert.Matches("""^{"stateless":true,"sinceUsec":[0-9]{8,9}}$""", asked);
    }

    private const string Status = """{"version":"1","startedUsec":0,"nowUsec":400000000,"devices":0,"waiting":0,"held":0,"rules":1,"counters":{},"subscribers":[]}""";

    private static string Events(string subsystem, string? devtype) =>
        $$"""{"events":[{{FakeDaemon.EventJson.Replace("\"subsystem\":\"net\"", $"\"subsystem\":\"{subsystem}\"" + (devtype is null ? "" : $",\"devtype\":\"{devtype}\""), StringComparison.Ordinal)}}]}""";
}
