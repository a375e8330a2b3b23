using UeventManager.Tests.RuleFiles;

namespace UeventManager.Tests.Commands.Verbs;

/// <summary>What a beginner asks before his rule is in force, and what he would otherwise search for.</summary>
public sealed class RulesCheckTests : IDisposable
{
    private const string All = "version: 1\nsubsystem: net\nrules:\n  - name: net\n";
    private const string Mine = "version: 1\nsubsystem: net\nrules:\n  - name: mine\n    match: {sysname: \"first*\"}\n";

    private readonly RuleScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_warning_is_no_mistake()
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
    public async Task One_file_that_is_in_force_is_checked_among_the_others()
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
}
