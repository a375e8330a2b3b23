using System.Diagnostics;
using System.Net.Sockets;
using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>Which files are in force, and what may be in a directory of rules without being a rule file.</summary>
public sealed class RuleLoaderTests : IDisposable
{
    private readonly RuleScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Rules_come_by_file_name_over_all_directories()
    {
        var (a, b) = (_scratch.Folder("a"), _scratch.Folder("b"));
        Write("a/50-x.yaml", "x1", "x2");
        Write("b/40-y.yaml", "y");
        Write("a/9-z.yaml", "z");
        var load = RuleLoader.Load([a, b]);
        Assert.Equal(["y", "x1", "x2", "z"], load.Rules.Select(r => r.Name));
        Assert.Equal(["b/40-y.yaml", "a/50-x.yaml", "a/9-z.yaml"], load.Files.Select(f => Path.GetRelativePath(_scratch.Root, f)));
    }

    [Fact]
    public void A_later_directory_replaces_a_name_and_masks_it()
    {
        var (a, b) = (_scratch.Folder("a"), _scratch.Folder("b"));
        Write("a/1.yaml", "old");
        Write("b/1.yaml", "new");
        Write("a/2.yaml", "masked");
        File.CreateSymbolicLink(_scratch.Path("b/2.yaml"), "/dev/null");
        var load = RuleLoader.Load([a, b]);
        Assert.Empty(load.Problems);
        Assert.Equal(["new"], load.Rules.Select(r => r.Name));
        Assert.Equal([_scratch.Path("b/2.yaml")], load.Masked);
    }

    [Fact]
    public void A_file_without_rules_replaces_the_file_of_its_name()
    {
        var (a, b) = (_scratch.Folder("a"), _scratch.Folder("b"));
        Write("a/1.yaml", "old");
        Write("a/2.yaml", "other");
        _scratch.Write("b/1.yaml", "version: 1\nsubsystem: net\nrules: []\n");
        var load = RuleLoader.Load([a, b]);
        Assert.Empty(load.Problems);
        Assert.Empty(load.LeftOut);
        Assert.Equal(["other"], load.Rules.Select(r => r.Name));
        Assert.Contains(_scratch.Path("b/1.yaml"), load.Files);
    }

    [Fact]
    public void A_file_with_errors_is_left_out_and_still_replaces_the_file_of_its_name()
    {
        var (a, b) = (_scratch.Folder("a"), _scratch.Folder("b"));
        Write("a/1.yaml", "old");
        _scratch.Write("b/1.yaml", "version: 1\n");
        Write("b/2.yaml", "good");
        var load = RuleLoader.Load([a, b]);
        Assert.Equal(["good"], load.Rules.Select(r => r.Name));
        Assert.Equal([_scratch.Path("b/1.yaml")], load.LeftOut);
    }

    [Fact]
    public void Files_with_other_names_are_not_read()
    {
        var a = _scratch.Folder("a");
        foreach (var name in new[] { "x.yml.bak", "x.yaml~", "x.yaml.rpmsave", ".x.yaml", ".#x.yaml", "README" })
            _scratch.Write($"a/{name}", "not a rule");
        var load = RuleLoader.Load([a]);
        Assert.Empty(load.Problems);
        Assert.Empty(load.Files);
    }

    [Fact]
    public void A_file_may_end_in_yml_instead_of_yaml()
    {
        var (a, b) = (_scratch.Folder("a"), _scratch.Folder("b"));
        Write("a/1.yml", "old");
        Write("b/1.yml", "new");
        Write("a/2.yml", "masked");
        File.CreateSymbolicLink(_scratch.Path("b/2.yml"), "/dev/null");
        var load = RuleLoader.Load([a, b]);
        Assert.Empty(load.Problems);
        Assert.Equal(["new"], load.Rules.Select(r => r.Name));
        Assert.Equal(["new"], RuleLoader.LoadPaths([b]).Rules.Select(r => r.Name));
    }

    [Fact]
    public void The_same_name_with_both_endings_is_a_mistake_in_any_directories()
    {
        var (a, b) = (_scratch.Folder("a"), _scratch.Folder("b"));
        Write("a/1.yaml", "one");
        Write("a/1.yml", "two");
        Write("a/2.yaml", "shipped");
        var own = Write("b/2.yml", "own");
        Write("a/3.yaml", "to be masked");
        File.CreateSymbolicLink(_scratch.Path("b/3.yml"), "/dev/null");
        var load = RuleLoader.Load([a, b]);
        string[] expected =
        [
            $"a/1.yml: {a}/1.yaml exists too (remove one of them)",
            $"b/2.yml: {a}/2.yaml exists too (name this one 2.yaml to replace it, or give it another name)",
            $"b/3.yml: {a}/3.yaml exists too (name this one 3.yaml to replace it, or give it another name)",
        ];
        Assert.Equal(expected.Select(e => e.Replace(_scratch.Root + "/", "", StringComparison.Ordinal)), _scratch.Messages(load));
        Assert.Equal(["a/1.yml", "b/2.yml", "b/3.yml"], load.LeftOut.Select(f => Path.GetRelativePath(_scratch.Root, f)));
        Assert.Equal(["one", "shipped", "to be masked"], load.Rules.Select(r => r.Name));
        Assert.Single(RuleLoader.LoadPaths([_scratch.Path("a/1.yml")]).Problems);
        Assert.Empty(RuleLoader.LoadPaths([own]).Problems);
    }

    [Fact]
    public void A_missing_directory_is_a_mistake_only_if_somebody_named_it()
    {
        var missing = _scratch.Path("none");
        Assert.Equal([$"{missing}: no such directory"], RuleLoader.Load([missing]).Problems.Select(p => p.ToString()));
        var file = _scratch.Write("f", "x");
        Assert.Equal([$"{file}: not a directory (name its directory)"], RuleLoader.Load([file]).Problems.Select(p => p.ToString()));
        Assert.Empty(RuleLoader.Load([.. RuleLoader.DefaultDirectories.Where(d => !Directory.Exists(d))]).Problems);
    }

    [Fact]
    public void A_name_used_in_two_files_is_reported_for_the_second()
    {
        Write("1.yaml", "a");
        Write("2.yaml", "b", "a");
        var load = RuleLoader.Load([_scratch.Root]);
        Assert.Equal(["2.yaml:5:11: rule name 'a' is already used at 1.yaml:4"], _scratch.Messages(load));
        Assert.Equal(["a"], load.Rules.Select(r => r.Name));
    }

    [Fact]
    public void The_thousand_and_first_rule_is_refused_with_its_file()
    {
        Write("1.yaml", [.. Enumerable.Range(0, 999).Select(i => $"a{i}")]);
        Write("2.yaml", "b", "c");
        Write("3.yaml", "d");
        var load = RuleLoader.Load([_scratch.Root]);
        Assert.Equal(["2.yaml:5:5: more than 1,000 rules in all files together"], _scratch.Messages(load));
        Assert.Equal(1_000, load.Rules.Count);
        Assert.Equal("d", load.Rules[^1].Name);
    }

    [Fact]
    public void An_irregular_file_is_refused_without_blocking()
    {
        Directory.CreateDirectory(_scratch.Path("1-dir.yaml"));
        Process.Start("mkfifo", [_scratch.Path("2-fifo.yaml")]).WaitForExit();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_scratch.Path("3-socket.yaml")));
        File.CreateSymbolicLink(_scratch.Path("4-zero.yaml"), "/dev/zero");
        File.CreateSymbolicLink(_scratch.Path("5-dangling.yaml"), "nowhere");
        File.CreateSymbolicLink(_scratch.Path("6-loop.yaml"), "6-loop.yaml");
        _scratch.Write("7-empty.yaml", "");
        File.CreateSymbolicLink(_scratch.Path("8-link-to-fifo.yaml"), "2-fifo.yaml");
        var load = RuleLoader.Load([_scratch.Root]);
        Assert.Equal(
            [
                "1-dir.yaml: a directory, not a rule file",
                "2-fifo.yaml: empty, or not a regular file",
                "3-socket.yaml: empty, or not a regular file",
                "4-zero.yaml: empty, or not a regular file",
                "5-dangling.yaml: a symlink to 'nowhere', which does not exist",
                "6-loop.yaml: cannot be read: Too many levels of symbolic links in '6-loop.yaml'.",
                "7-empty.yaml: empty, or not a regular file",
                "8-link-to-fifo.yaml: empty, or not a regular file",
            ],
            _scratch.Messages(load));
        Assert.Equal(8, load.LeftOut.Count);
    }

    [Fact]
    public void A_link_to_a_rule_file_is_one()
    {
        Write("real", "a");
        File.CreateSymbolicLink(_scratch.Path("1.yaml"), "real");
        Assert.Equal(["a"], RuleLoader.Load([_scratch.Root]).Rules.Select(r => r.Name));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_reported()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may read everything");
        File.SetUnixFileMode(Write("1.yaml", "a"), UnixFileMode.None);
        Assert.Equal(["1.yaml: cannot be read: permission denied"], _scratch.Messages(RuleLoader.Load([_scratch.Root])));
    }

    [Fact]
    public void A_file_larger_than_a_mebibyte_is_not_read()
    {
        var path = _scratch.Path("1.yaml");
        using (var file = File.Create(path))
            file.SetLength(100L << 20);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(["1.yaml: larger than 1 MiB"], _scratch.Messages(RuleLoader.LoadPaths([path])));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void A_file_of_a_mebibyte_is_read()
    {
        var start = RuleScratch.WithRule("on: [add]") + "# ";
        _scratch.Write("1.yaml", start + new string('x', (1 << 20) - start.Length));
        Assert.Equal(["a"], RuleLoader.Load([_scratch.Root]).Rules.Select(r => r.Name));
    }

    [Fact]
    public void A_named_file_is_checked_whatever_its_name()
    {
        var load = RuleLoader.LoadPaths([Write("b.txt", "b"), Write("a", "a"), _scratch.Path("missing"), "", _scratch.Folder("d")]);
        Assert.Equal(["a", "b"], load.Rules.Select(r => r.Name));
        Assert.Equal(2, load.Problems.Count);
        Assert.Contains("missing: no such file", _scratch.Messages(load));
    }

    private string Write(string name, params string[] rules) =>
        _scratch.Write(name, "version: 1\nsubsystem: net\nrules:\n" + string.Concat(rules.Select(r => $"  - name: {r}\n")));
}
