using System.Text.Json;
using System.Xml.Linq;
using UeventManager.Core.Recording;
using UeventManager.Plot;
using UeventManager.Tests.Engine;
using UeventManager.Tests.Recording;

namespace UeventManager.Tests.Plot;

/// <summary>A picture is readable whatever devices are called and however many there are.</summary>
public sealed class PlotTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void ARowADeviceWithWhatAppearedAndWhenItWasAnnounced()
    {
        var world = new RecordingScript().Add(10, "/devices/pci/n", "pci", []).Add(17, "/devices/pci/n/nvme/nvme0", "nvme", []).Appears(17.3, "/devices/pci/n", "nvme/").Appears(17.3, "/devices/pci/n", "nvme/nvme0/").End(100);
        var replay = new Replay(world, TestRules.Of("- name: early\n  match: {sysname: n}\n  wait: [{exists: uevent}]", "- name: right\n  wait: [{exists: uevent}]"));
        replay.Run(TestContext.Current.CancellationToken);
        List<PlotDevice> devices = [.. PlotRows.Devices(world, replay)];
        var rows = PlotRows.Of(devices);
        Assert.Equal([("pci:n", 0), ("nvme:nvme0", 1)], rows.Select(row => (row.Label, row.Depth)));
        Assert.True(devices[0].IsIncomplete && !devices[1].IsIncomplete);
        var drawn = Parse(new SvgPlot(rows, "title").Draw());
        var groups = drawn.Descendants(Svg + "g").Where(one => (string?)one.Attribute("class") == "row").ToList();
        Assert.Equal(["/devices/pci/n", "/devices/pci/n/nvme/nvme0"], groups.Select(one => (string?)one.Attribute("data-name")));
        Assert.Contains(groups[0].Elements(Svg + "path"), one => (string?)one.Attribute("class") == "bad");
        Assert.Contains(groups[1].Elements(Svg + "path"), one => (string?)one.Attribute("class") == "done");
        Assert.Contains("+7 ms nvme/nvme0", groups[0].Element(Svg + "title")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesDoNotBreakIt()
    {
        var world = new RecordingScript().Add(10, "/devices/virtual/net/<script>&\"'\u0007\u202e", "n<et", ["mtu"]).Appears(10.4, "/devices/virtual/net/<script>&\"'\u0007\u202e", "]]><x y='").End(100);
        var rows = PlotRows.Of(PlotRows.Devices(world, null));
        var text = new SvgPlot(rows, "<t>").Draw();
        Parse(text);
        Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", text, StringComparison.Ordinal);
        Assert.Equal(1, HtmlPlot.Of(text, "<t>").Split("<script").Length - 1);
    }

    [Fact]
    public void ManyOfOneKindShareARow()
    {
        var script = new RecordingScript();
        for (var i = 0; i < 500; i++)
            script.Add(10 + i, $"/devices/virtual/net/veth{i}", "net", ["mtu"]).Appears(10.4 + i, $"/devices/virtual/net/veth{i}", "queues");
        script.Add(600, "/devices/virtual/net/br0", "net", ["mtu"]);
        var rows = PlotRows.Of(PlotRows.Devices(script.End(1000), null));
        Assert.Equal(["net:br0", "net:veth* \u00d7 500"], rows.Select(row => row.Label).Order(StringComparer.Ordinal));
        Parse(new SvgPlot(rows, "many").Draw());
    }

    [Fact]
    public void DevicesOfOneParentShareARowBeforeThoseOfSimilarParents()
    {
        var script = new RecordingScript();
        for (var i = 0; i < 200; i++)
            script.Add(10 + i, $"/devices/pci0000:0{i / 50}/0000:0{i / 50}:00.{i}", "pci", []).Add(10.5 + i, $"/devices/pci0000:0{i / 50}/0000:0{i / 50}:00.{i}/net/eth{i}", "net", []);
        var rows = PlotRows.Of(PlotRows.Devices(script.End(1000), null));
        Assert.Equal(["net:eth* \u00d7 50", "net:eth1* \u00d7 50", "pci:0000:00:00.* \u00d7 50", "pci:0000:01:00.* \u00d7 50", "pci:0000:02:00.1* \u00d7 50", "pci:0000:03:00.1* \u00d7 50"], rows.Select(row => row.Label).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(8, rows.Count);
    }

    [Fact]
    public void RestsAreShortenedAndNoTwoTimesAreOnTopOfEachOther()
    {
        var scale = new TimeScale([(1_000, 1_400), (5_000_000, 5_000_300), (9_000_000, 9_070_000)], 400, 780);
        Assert.Equal(2, scale.Breaks.Count());
        Assert.True(scale.At(1_400) - scale.At(1_000) > 50);
        Assert.True(scale.At(9_070_000) <= 400 + 780 + 0.01);
        long[] times = [0, 1_000, 1_200, 1_400, 3_000_000, 5_000_000, 5_000_300, 9_000_000, 9_070_000, 20_000_000];
        Assert.Equal(times.Select(scale.At).Order(), times.Select(scale.At));
        var ticks = scale.Ticks(92).Select(tick => tick.X).ToList();
        Assert.NotEmpty(ticks);
        Assert.All(ticks.Zip(ticks.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 92));
    }

    [Fact]
    public void TheScaleTakesAnything() => Fuzz.Run(random =>
    {
        var spans = Enumerable.Range(0, random.Next(0, 60)).Select(_ => (From: random.NextInt64(0, 1L << random.Next(1, 58)), Length: random.NextInt64(0, 1L << random.Next(1, 40)))).Select(one => (one.From, one.From + one.Length)).ToList();
        var scale = new TimeScale(spans, 400, 780);
        Assert.True(scale.Ticks(92).Take(100).Count() <= 20);
        Assert.All(spans, span => Assert.InRange(scale.At(span.Item2), 399.9, 1180.1));
    });

    [Fact]
    public void ATraceHasABeginningAndAnEndForEachDevice()
    {
        var world = new RecordingScript().Add(10, "/devices/virtual/net/a", "net", []).Appears(10.4, "/devices/virtual/net/a", "late").Add(12, "/devices/virtual/net/b", "net", []).End(100);
        using var trace = JsonDocument.Parse(PerfettoTrace.Of(PlotRows.Devices(world, null)));
        var events = trace.RootElement.GetProperty("traceEvents").EnumerateArray().ToList();
        Assert.Equal(["M", "b", "n", "e", "b", "e"], events.Select(one => one.GetProperty("ph").GetString()));
        Assert.Equal(["net:a", "net:b"], events.Where(one => one.GetProperty("ph").GetString() == "b").Select(one => one.GetProperty("name").GetString()));
        Assert.Equal((10_000, 10_400), (events[1].GetProperty("ts").GetInt64(), events[3].GetProperty("ts").GetInt64()));
    }

    // The documented trace event format: of one category, id and process, each "b" has its "e", they nest in the order of time, and an "n" is within them.
    [Fact]
    public void ATraceIsWhatItsFormatAsksForAlsoWhereReadsOverlap()
    {
        const string Path = "/devices/virtual/net/a";
        var world = new RecordingScript().Add(10, Path, "net", ["speed", "carrier"]).Appears(10.4, Path, "late")
            .Write(new ValueLine(RecordingScript.At(40), RecordingScript.At(10), Path, "speed", "1", 0, 29_000)).Write(new ValueLine(RecordingScript.At(50), RecordingScript.At(10), Path, "carrier", "1", 0, 38_000)).End(100);
        using var trace = JsonDocument.Parse(PerfettoTrace.Of(PlotRows.Devices(world, null)));
        var events = trace.RootElement.GetProperty("traceEvents").EnumerateArray().ToList();
        Assert.Equal(3, events.Count(one => one.GetProperty("ph").GetString() == "b"));
        foreach (var track in events.Where(one => one.GetProperty("ph").GetString() != "M").GroupBy(one => (one.GetProperty("cat").GetString(), one.GetProperty("id").GetInt32(), one.GetProperty("pid").GetInt32())))
        {
            var open = new Stack<string?>();
            foreach (var one in track.OrderBy(one => one.GetProperty("ts").GetInt64()))
            {
                var (phase, name) = (one.GetProperty("ph").GetString(), one.GetProperty("name").GetString());
                Assert.Contains(phase, (string[])["b", "n", "e"]);
                Assert.True(phase == "b" || open.Count > 0, $"{phase} {name} is outside of everything");
                if (phase == "b")
                    open.Push(name);
                else if (phase == "e")
                    Assert.Equal(name, open.Pop());
            }
            Assert.Empty(open);
        }
    }

    private static XDocument Parse(string svg) => XDocument.Parse(svg);
}
