using System.Globalization;
using System.Text.RegularExpressions;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Recording;

/// <summary>The pictures in a real browser, without an error and without overlapping text.</summary>
public sealed class PlotTests
{
    // Writes into the page what is wrong with it; the browser prints the page.
    private const string Check = """
        <script>addEventListener('load', () => {
          const boxes = [...document.querySelectorAll('svg text')].map(one => [one.getBoundingClientRect(), one.textContent]), wrong = [];
          for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
            const [a, b] = [boxes[i][0], boxes[j][0]];
            if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3) wrong.push(boxes[i][1] + ' | ' + boxes[j][1]);
          }
          document.getElementById('find').value = 'net'; document.getElementById('find').oninput(); document.getElementById('in').onclick();
          document.body.insertAdjacentHTML('beforeend', '<p id="checked"></p>');
          document.getElementById('checked').textContent = 'texts=' + boxes.length + ' overlaps=' + wrong.length + ' ' + wrong.slice(0, 3).join(' ; ') + ' found=' + document.getElementById('count').textContent;
        });</script>
        """;

    [Theory]
    [InlineData("macvtap.ndjson")]
    [InlineData("bridge-veth.ndjson")]
    public void ABrowserHasNoComplaint(string recording) => Shown(Path.Combine(Repository.Root, "tests/recordings", recording), "net", []);

    // Functions of five buses with an interface each: rows of fifty; a tenth of the time: a row each.
    [Fact]
    public void FiveHundredDevicesCanBeRead()
    {
        using var place = new ScratchDirectory("many");
        var recording = place.Combine("many.ndjson");
        File.WriteAllLines(recording, Many());
        Assert.Equal(10, Shown(recording, "eth", []));
        Assert.InRange(Shown(recording, "eth", ["-s", "net", "--from", "200ms", "--to", "300ms"]), 11, 120);
    }

    // How many rows there are.
    private static int Shown(string recording, string find, string[] options)
    {
        var browser = Requires.Tool("chromium");
        using var place = new ScratchDirectory("plot");
        var page = place.Combine("plot.html");
        using var plot = RunningProcess.Start(Repository.Ueventctl, ["plot", recording, "--rules", Path.Combine(Repository.Root, "rules"), "--format", "html", "-o", page, .. options]);
        Assert.True(plot.WaitForExit(Deadline.Default) == 0, plot.Error);
        File.WriteAllText(page, File.ReadAllText(page).Replace("</body>", Check.Replace("'net'", $"'{find}'", StringComparison.Ordinal) + "</body>", StringComparison.Ordinal));
        using var shown = RunningProcess.Start(browser, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr", $"--user-data-dir={place.Combine("profile")}", "--virtual-time-budget=5000", "--dump-dom", $"file://{page}"]);
        Assert.True(shown.WaitForExit(Deadline.Seconds(60)) == 0, shown.Error);
        Assert.DoesNotContain("CONSOLE", shown.Error, StringComparison.Ordinal);
        Assert.Contains(" overlaps=0 ", shown.Output, StringComparison.Ordinal);
        Assert.Matches("texts=[1-9][0-9]+ ", shown.Output);
        return int.Parse(Regex.Match(shown.Output, "found=[1-9][0-9]* of ([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Many()
    {
        var lines = new List<(long AtUsec, string Text)>();
        var usec = 1_000_000L;
        for (var i = 0; i < 250; i++, usec += 1_700 + (i * 7919 % 4000))
        {
            var function = $"/devices/pci0000:{i / 50:x2}/0000:{i / 50:x2}:{1 + (i % 50 / 8):x2}.{i % 8}";
            Device(function, "pci", usec, "driver", 4_000 + (i * 104729 % 30_000));
            Device($"{function}/net/eth{i}", "net", usec + 40_000, "queues/tx-7", 300 + (i * 31 % 2_000));
        }
        return [$"{{\"kind\":\"header\",\"atUsec\":1000000,\"realtimeUsec\":1700000000000000,\"version\":1,\"kernel\":\"6.12.57\",\"depth\":2}}", .. lines.OrderBy(line => line.AtUsec).Select(line => line.Text), $"{{\"kind\":\"end\",\"atUsec\":{usec + 1_000_000}}}"];

        void Device(string path, string subsystem, long at, string name, int late)
        {
            lines.Add((at, $"{{\"kind\":\"uevent\",\"atUsec\":{at},\"isDevice\":true,\"text\":[\"add@{path}\",\"ACTION=add\",\"DEVPATH={path}\",\"SUBSYSTEM={subsystem}\",\"SEQNUM={lines.Count + 1}\"]}}"));
            lines.Add((at + 20, $"{{\"kind\":\"device\",\"atUsec\":{at + 20},\"sinceUsec\":{at},\"devpath\":\"{path}\",\"subsystem\":\"{subsystem}\",\"atStart\":false,\"inode\":{lines.Count + 100},\"uevent\":\"\",\"files\":[\"uevent\"],\"directories\":[],\"links\":{{}}}}"));
            lines.Add((at + late, $"{{\"kind\":\"appeared\",\"atUsec\":{at + late},\"afterUsec\":{at + late - 90},\"devpath\":\"{path}\",\"name\":\"{name}\",\"type\":\"{(name == "driver" ? "link" : "directory")}\"}}"));
        }
    }
}
