using UeventManager.Tests.RuleFiles;

namespace UeventManager.Tests.Commands.Verbs;

/// <summary>The questions of a beginner before a rule is in force.</summary>
public sealed class RulesCheckTests : IDisposable
{
    private const string All = "version: 1\nsubsystem: net\nrules:\n  - name: net\n";
    private const string Mine = "version: 1\nsubsystem: net\nrules:\n  - name: mine\n    match: {sysname: \"first*\"}\n";

    private readonly RuleScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_warning_is_not_an_error()
    {
        _scratch.Write("60-net.yaml", All);
        _scratch.Write("99-mine.yaml", Mine);
        (int status, string output, string error) = await CommandRun.Async("rules", "check", _scratch.Root);
        Assert.Equal((0, ""), (status, error));
        Assert.Equal(
            [
                $"{_scratch.Root}/99-mine.yaml:4: warning: rule 'mine' is never in force: {_scratch.Root}/60-net.yaml:4 ('net') comes first and matches all of net",
                "2 rules in 2 files, no mistake, 1 warning",
            ],
            output.Trim().Split('\n'));
        (status, output, _) = await CommandRun.Async("rules", "check", _scratch.Root, "--json");
        Assert.Equal(0, status);
        Assert.Contains("\"level\":\"warning\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_force_is_checked_together_with_the_others()
    {
        _scratch.Write("60-net.yaml", All);
        string mine = _scratch.Write("99-mine.yaml", Mine);
        (int status, string output, _) = await CommandRun.Async("rules", "check", "--rules", _scratch.Root, mine);
        Assert.Equal(0, status);
        Assert.Contains("rule 'mine' is never in force", output, StringComparison.Ordinal);
        string again = _scratch.Write("98-again.yaml", All);
        (status, output, _) = await CommandRun.Async("rules", "check", "--rules", _scratch.Root, again);
        Assert.Equal(1, status);
        Assert.Equal($"{again}:4:11: rule name 'net' is already used at {_scratch.Root}/60-net.yaml:4", output.Trim());
        string elsewhere = _scratch.Folder("elsewhere") + "/99-mine.yaml";
        await File.WriteAllTextAsync(elsewhere, Mine, TestContext.Current.CancellationToken);
        (status, output, _) = await CommandRun.Async("rules", "check", "--rules", _scratch.Root, elsewhere);
        Assert.Equal((0, "1 rule in 1 file, no mistake"), (status, output.Trim()));
    }

    [Fact]
    public async Task A_file_that_is_not_read_because_of_its_name_is_named()
    {
        foreach (string name in new[] { "50-a.yml", "91.YAML", "85.json", "70-net.yaml.txt", "60-net.rules", "README.md", "60-net.yaml~", "60-net.yaml.rpmsave", ".50-a.yaml.swp" })
            _scratch.Write(name, All);
        (int status, string output, string error) = await CommandRun.Async("rules", "check", _scratch.Root);
        Assert.Equal((0, ""), (status, error));
        string[] lines = output.Trim().Split('\n');
        Assert.Equal(
            new[] { "60-net.rules", "70-net.yaml.txt", "85.json", "91.YAML" }.Select(name => $"{_scratch.Root}/{name}: warning: not read: the name does not end in .yaml or .yml (rename it, or move it away)"),
            lines[..^1].Order(StringComparer.Ordinal));
        Assert.Equal("1 rule in 1 file, no mistake, 4 warnings", lines[^1]);
    }

    [Theory]
    [InlineData("/nowhere", "no such directory")]
    [InlineData("broken", "99-broken.yaml")]
    public async Task A_dry_run_without_all_rules_exits_with_an_error(string rules, string said)
    {
        string folder = _scratch.Folder("broken");
        _scratch.Write("broken/50-net.yaml", All);
        _scratch.Write("broken/99-broken.yaml", "version: 1\nsubsystem: net\nrulez: []\n");
        (int status, _, string error) = await CommandRun.Async("rules", "test", "/devices/virtual/net/lo", "--rules", rules == "broken" ? folder : rules);
        Assert.Equal(1, status);
        Assert.Contains(said, error, StringComparison.Ordinal);
    }
}
