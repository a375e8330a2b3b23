using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using UeventManager.Core.Rules;
using UeventManager.RuleFiles;
using UeventManager.Tests.Commands;
using UeventManager.Tests.House;
using UeventManager.Tests.Manual;

namespace UeventManager.Tests.RuleFiles;

/// <summary>The JSON schema for editors accepts every good rule and refuses every bad one.</summary>
public sealed class RuleSchemaTests
{
    private static readonly string File = Path.Combine(SourceTree.Root, "packaging/schema/rules-1.schema.json");

    // For python: a line of JSON for each document, and what each must be found to be.
    private const string Validator = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        for line in sys.stdin:
            print("good" if validator.is_valid(json.loads(line)) else "bad")
        """;

    // What is tried as the value of every key.
    private static readonly string[] Values =
    [
        "", "a", "\"a\"", "\"\"", "\" \"", "\"a\\nb\"", "5", "-1", "0", "0x10", "\"0x10\"", "\" 7 \"", "1.5", "true", "\"true\"", "True", "false", "yes",
        "[]", "[a]", "[a, a]", "[a, b]", "[5]", "[[a]]", "[{}]", "[\"\"]", "{}", "{a: b}", "{a: [b]}", "{\"\": b}", "{a=b: c}", "{/a: b}", "{attribute: a}", "{attribute: /a}", "{exists: a}", "[{exists: a}]", "[{exists: a, optional: 1s}]",
        "{for: 1s, paths: [a]}", "{property: a}", "{property: a, equals: b}", "{property: a, equals: b, in: [c]}", "{name: a}", "[{name: b}]", "[{name: \"\"}]", "{leader: a}", "{members: a}", "{links: [a]}", "{devtype: a}", "{parent: {driver: a}}",
        "1s", "\"1s\"", "50 ms", "1us", ".5s", "2.s", ".s", "1.1.1s", "10min", "11min", "1h", "1m", "1sec", "-1s", "NaNs",
        "/a", "a/", "a/b", "a//b", "../a", "a/..", "./a", "a/.", "...", "a/..b", "/", "a*", "a?", "\"[a\"", "\"[a]\"", "\"a[b]\"", "\"!a\"", "\"!\"", "\"!/a\"", "\"*\"", "\"**/a\"", "a=b", "[\"*\"]", "[\"a*\"]", "[/a]", "[a=b]",
        "add", "[add]", "[add, change]", "[add, add]", "remove", "[remove]", "hold", "Hold", "drop", "ready", "block", "parent",
    ];

    /// <summary>All that is told apart in the tables of mistakes, and what is tried as values.</summary>
    private static IEnumerable<string> Documents() =>
        ConditionMistakeTests.Items.Select(row => RuleScratch.WithRule($"wait:\n  - {row.Data.Item1}"))
            .Concat(RuleMistakeTests.Files.Select(row => row.Data.Item1))
            .Concat(RuleMistakeTests.Rules.Select(row => RuleScratch.WithRule(row.Data.Item1)))
            .Concat(GroupMistakeTests.Groups.Select(row => RuleScratch.WithRule($"group: {row.Data.Item1}")))
            .Concat(Tried().Select(static one => one.Text))
            .Concat(ShippedRules.Files.Select(System.IO.File.ReadAllText));

    [Fact]
    public async Task The_installed_schema_equals_the_programs()
    {
        var (status, output, error) = await CommandRun.Async("rules", "schema");
        Assert.Equal((0, ""), (status, error));
        Assert.True(output == await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken), $"write it anew: ueventctl rules schema > {File}");
    }

    [Fact]
    public void Every_shipped_file_names_it_and_is_good()
    {
        string[] files = [.. ShippedRules.Files, .. Directory.GetFiles(Path.Combine(SourceTree.Root, "samples"), "*.yaml", SearchOption.AllDirectories)];
        Assert.True(files.Length > ShippedRules.Files.Count);
        foreach (var file in files)
        {
            var text = System.IO.File.ReadAllText(file);
            Assert.StartsWith(RuleFileHead.SchemaLine + "\n", text, StringComparison.Ordinal);
            Assert.True(SchemaVerdict.Accepts(text), file);
        }
        Assert.EndsWith($"/usr/share/uevent-manager/schema/{Path.GetFileName(File)}", RuleFileHead.SchemaLine, StringComparison.Ordinal);
    }

    public static TheoryData<string, int> Examples { get; } = new()
    {
        { "README.md", 1 }, { "docs/rules.md", 1 }, { "packaging/man/uevent-manager.rules.5", 1 }, { "tests/systemd/guest/forward.sh", 1 }, { "tests/systemd/guest/retell.sh", 2 },
        { "tests/systemd/guest/journal.sh", 1 },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_in_a_document_is_good(string file, int count)
    {
        var found = ExamplesOf(Path.Combine(SourceTree.Root, file)).ToList();
        Assert.Equal(count, found.Count);
        Assert.All(found, text =>
        {
            Assert.Empty(RuleScratch.Check(text));
            Assert.True(SchemaVerdict.Accepts(text), text);
        });
    }

    [Fact]
    public void No_document_with_an_example_is_left_out()
    {
        string[] folders = ["docs", "packaging/man", "tests/systemd"];
        var files = folders.SelectMany(folder => Directory.GetFiles(Path.Combine(SourceTree.Root, folder), "*", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(SourceTree.Root, "*.md")).Where(file => ExamplesOf(file).Any());
        Assert.Equal(Examples.Select(row => row.Data.Item1).Order(StringComparer.Ordinal), files.Select(file => Path.GetRelativePath(SourceTree.Root, file)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_schema_and_the_reader_agree_on_any_value_of_a_key()
    {
        var (good, count) = (0, 0);
        foreach (var (place, text) in Tried())
        {
            var problems = new ProblemList("x.yaml");
            RuleFileReader.Read(text, RuleSchema.MaxRules, new RuleNames(), problems);
            SchemaVerdict.Agrees(text, problems.Sorted.Select(problem => problem.Message));
            good += problems.IsEmpty ? 1 : 0;
            count++;
            Assert.NotEqual("", place);
        }
        Assert.True(good > 500 && count - good > 500, $"{good} of {count}");
    }

    [Fact]
    public void Every_mistake_of_meaning_is_one_that_the_schema_accepts()
    {
        var messages = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in Documents().Where(text => YamlJson.Node(text) is not null && SchemaVerdict.Accepts(text)))
        {
            var problems = new ProblemList("x.yaml");
            RuleFileReader.Read(text, RuleSchema.MaxRules, new RuleNames(), problems);
            messages.UnionWith(problems.Sorted.Select(problem => problem.Message));
        }
        // Those are said of several rules or of very many, which their own tests make.
        Assert.Equal(["^more than 64 conditions in one rule", "^rule '.*': gate: block, but its group waits for rule ", "^more mistakes follow"], SchemaVerdict.Unused(messages).Where(static one => !one.StartsWith("^a gate", StringComparison.Ordinal) && !one.StartsWith("^gate", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_schema_refuses_a_null_without_quotes_which_the_reader_takes_for_a_text()
    {
        var text = RuleScratch.WithRule("wait: [{attribute: a, equals: null}]");
        Assert.Empty(RuleScratch.Check(text));
        Assert.False(SchemaVerdict.Accepts(text));
        Assert.True(SchemaVerdict.Accepts(text.Replace("null", "\"null\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_schemas_descriptions_are_in_the_manual()
    {
        var page = new ManualPage("uevent-manager.rules.5");
        foreach (var (section, keys) in Sections())
        {
            foreach (var key in keys)
            {
                var text = Words(page.Paragraph(section, key.Name));
                var words = section == "RULE" ? RuleSchema.Gates.Select(static one => one.Name).Concat(RuleSchema.Names(RuleSchema.TimeoutPolicies)) : [];
                foreach (var sentence in key.Description.Split(". ", StringSplitOptions.RemoveEmptyEntries))
                {
                    // What a word of a key does is headed by the word.
                    var said = words.Any(word => sentence.StartsWith(word + ": ", StringComparison.Ordinal)) ? sentence[(sentence.IndexOf(':', StringComparison.Ordinal) + 2)..] : sentence;
                    Assert.Contains(Words(said.TrimEnd('.')), key.Name == "gate" ? text + Words(page["GATES"]) : text, StringComparison.OrdinalIgnoreCase);
                }
            }
        }
    }

    [Fact]
    public async Task Another_validator_agrees()
    {
        var documents = Documents().Select(YamlJson.Node).OfType<RuleNode>().Select(YamlJson.Of).ToList();
        var shape = new JsonShape(JsonNode.Parse(RuleSchemaDocument.Text())!.AsObject());
        using var scratch = new RuleScratch();
        var start = new ProcessStartInfo("python3", ["-c", Validator, File]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Assert.SkipUnless(Exists("python3"), "needs python3 with jsonschema: run tests/install-tools.sh as root");
        using var python = Process.Start(start)!;
        var (output, error) = (python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        try
        {
            foreach (var document in documents)
                await python.StandardInput.WriteLineAsync(document?.ToJsonString() ?? "null");
            python.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended: what it said tells why.
        }
        Assert.SkipWhen((await error).Contains("No module named 'jsonschema'", StringComparison.Ordinal), "needs python3 with jsonschema: run tests/install-tools.sh as root");
        Assert.Equal("", await error);
        Assert.Equal(string.Concat(documents.Select(document => shape.Accepts(document) ? "good\n" : "bad\n")), await output);
    }

    private static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => System.IO.File.Exists(Path.Combine(folder, program)));

    private static IEnumerable<(string Section, IEnumerable<SchemaKey> Keys)> Sections() =>
    [
        ("FILE", RuleSchema.FileKeys), ("RULE", RuleSchema.RuleKeys), ("MATCH", RuleSchema.MatchKeys), ("ATTACH", RuleSchema.AttachKeys), ("GROUP", RuleSchema.GroupKeys),
        ("CONDITIONS", [.. RuleSchema.ItemKeys, .. RuleSchema.StableKeys, .. RuleSchema.CountTests, .. RuleSchema.Conditions.Select(static one => one.Key)]),
    ];

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .Replace(" ,", ",", StringComparison.Ordinal).Replace(" .", ".", StringComparison.Ordinal);

    // Every key of every mapping, with every value; beside it what it needs.
    private static IEnumerable<(string Place, string Text)> Tried()
    {
        foreach (var value in Values)
        {
            foreach (var key in RuleSchema.FileKeys)
                yield return ($"{key.Name}", string.Concat(RuleSchema.FileKeys.Select(one => $"{one.Name}: {(one == key ? value : one.Name switch { "version" => "1", "subsystem" => "net", _ => "[]" })}\n")));
            foreach (var key in RuleSchema.RuleKeys)
                yield return ($"rule {key.Name}", $"version: 1\nsubsystem: net\nrules:\n  - {key.Name}: {value}\n{(key.Name == "name" ? "" : "    name: a\n")}");
            foreach (var (place, entry) in InRule(value))
                yield return (place, RuleScratch.WithRule(entry));
        }
    }

    private static IEnumerable<(string Place, string Entry)> InRule(string value)
    {
        foreach (var (mapping, keys) in new[] { ("match", RuleSchema.MatchKeys), ("attach", RuleSchema.AttachKeys), ("group", RuleSchema.GroupKeys) })
        {
            foreach (var key in keys)
                yield return ($"{mapping} {key.Name}", $"{mapping}:\n  {key.Name}: {value}");
        }
        foreach (var key in RuleSchema.ParentKeys)
            yield return ($"parent {key.Name}", $"match:\n  parent:\n    {key.Name}: {value}");
        foreach (var condition in RuleSchema.Conditions)
        {
            yield return (condition.Name, $"wait:\n  - {condition.Name}: {value}{(condition.NeedsOne ? "\n    equals: 1" : "")}");
            yield return ($"not {condition.Name}", $"wait:\n  - not:\n      {condition.Name}: {value}{(condition.NeedsOne ? "\n      equals: 1" : "")}");
            foreach (var with in condition.With)
                yield return ($"{condition.Name} {with.Name}", $"wait:\n  - {condition.Name}: a\n    {with.Name}: {value}");
        }
        foreach (var key in RuleSchema.ItemKeys)
            yield return (key.Name, $"wait:\n  - exists: a\n    {key.Name}: {value}");
        foreach (var key in RuleSchema.StableKeys)
            yield return ($"stable {key.Name}", $"wait:\n  - stable:\n      {key.Name}: {value}\n      {(key.Name == "for" ? "paths: [a]" : "for: 1s")}");
        foreach (var key in RuleSchema.UdevKeys)
            yield return ($"udev {key.Name}", $"wait:\n  - udev:\n      {key.Name}: {value}\n      {(key.Name == "property" ? "equals: a" : "property: a")}");
    }

    // From its version to the end of the block that it stands in.
    private static IEnumerable<string> ExamplesOf(string file)
    {
        var lines = System.IO.File.ReadAllLines(file, Encoding.UTF8);
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].TrimStart() != $"version: {RuleSchema.Version}")
                continue;
            var indentation = lines[i][..^lines[i].TrimStart().Length];
            yield return string.Concat(lines.Skip(i).TakeWhile(line => line.StartsWith(indentation, StringComparison.Ordinal) && !line[indentation.Length..].StartsWith("```", StringComparison.Ordinal)
                && !line.StartsWith(".EE", StringComparison.Ordinal) && line.Trim() != "END").Select(line => line[indentation.Length..] + '\n'));
        }
    }
}
