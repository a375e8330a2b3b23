using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Recording;

/// <summary>The pictures in a real browser: without an error, and without text that lies over other text.</summary>
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
    public void ABrowserHasNoComplaint(string recording)
    {
        var browser = Requires.Tool("chromium");
        using var place = new ScratchDirectory("plot");
        var page = place.Combine("plot.html");
        using var plot = RunningProcess.Start(Repository.Ueventctl, ["plot", Path.Combine(Repository.Root, "tests/recordings", recording), "--rules", Path.Combine(Repository.Root, "rules"), "--format", "html", "-o", page]);
        Assert.True(plot.WaitForExit(Deadline.Default) == 0, plot.Error);
        File.WriteAllText(page, File.ReadAllText(page).Replace("</body>", Check + "</body>", StringComparison.Ordinal));
        using var shown = RunningProcess.Start(browser, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr", $"--user-data-dir={place.Combine("profile")}", "--virtual-time-budget=5000", "--dump-dom", $"file://{page}"]);
        Assert.True(shown.WaitForExit(Deadline.Seconds(60)) == 0, shown.Error);
        Assert.DoesNotContain("CONSOLE", shown.Error, StringComparison.Ordinal);
        Assert.Contains(" overlaps=0 ", shown.Output, StringComparison.Ordinal);
        Assert.Matches("texts=[1-9][0-9]+ ", shown.Output);
        Assert.Matches("found=[1-9][0-9]* of [0-9]+", shown.Output);
    }
}
