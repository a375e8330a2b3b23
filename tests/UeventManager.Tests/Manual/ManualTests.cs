using System.CommandLine;
using System.CommandLine.Help;
using System.Text.RegularExpressions;
using UeventManager.Commands;
using UeventManager.Commands.Arguments;
using UeventManager.Core.Rules;
using UeventManager.RuleFiles;

namespace UeventManager.Tests.Manual;

/// <summary>The pages of the manual are compared with the code.</summary>
public sealed partial class ManualTests
{
    private static readonly ManualPage Ctl = new("ueventctl.1");
    private static readonly ManualPage Daemon = new("uevent-manager.8");
    private static readonly ManualPage Rules = new("uevent-manager.rules.5");

    [Fact]
    public void EveryCommandAndOptionIsInThePage()
    {
        RootCommand root = Root();
        foreach (Option option in root.Options)
            Check("COMMON OPTIONS", option);
        int commands = 0;
        foreach ((string name, Command command) in All(root, ""))
        {
            commands++;
            Assert.NotEmpty(Ctl[name].Trim());
            foreach (Option option in command.Options.Where(static o => !o.Hidden && !o.Recursive))
                Check(name, option);
        }
        Assert.True(commands >= 7, $"{commands} commands were compared");
    }

    [Fact]
    public void EveryVariableIsInThePageAndNoOther()
    {
        string section = Ctl["ENVIRONMENT"];
        IReadOnlyDictionary<string, (Command, Option)> table = Configuration.Table(Root());
        Assert.Contains("UEVENT_MANAGER_RECEIVE_BUFFER", table.Keys);
        foreach (string variable in table.Keys)
            Assert.True(ManualPage.HasWord(section, variable), variable);
    }

    [Fact]
    public void EveryExitStatusIsInThePage()
    {
        foreach (int status in new[] { ExitStatus.Done, ExitStatus.Failed, ExitStatus.Usage, ExitStatus.TimedOut, ExitStatus.Unreachable })
            Assert.Matches($@"(?m)^{status}:", Ctl["EXIT STATUS"]);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void EveryKeyOfTheRuleLanguageIsInThePage(string section, string name, string? byDefault)
    {
        string paragraph = Rules.Paragraph(section, name);
        if (byDefault is not null)
            Assert.Contains($"Default: {byDefault}.", paragraph, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string?> Keys()
    {
        var data = new TheoryData<string, string, string?>();
        foreach ((string section, IReadOnlyList<SchemaKey> keys) in new[]
        {
            ("FILE", RuleSchema.FileKeys), ("RULE", RuleSchema.RuleKeys), ("MATCH", RuleSchema.MatchKeys), ("CONDITIONS", RuleSchema.StableKeys),
            ("CONDITIONS", RuleSchema.ItemKeys), ("ATTACH", RuleSchema.AttachKeys), ("GROUP", RuleSchema.GroupKeys), ("CONDITIONS", RuleSchema.CountTests),
        })
        {
            foreach (SchemaKey key in keys)
                data.Add(section, key.Name, key.Default);
        }
        foreach (SchemaCondition condition in RuleSchema.Conditions)
            data.Add("CONDITIONS", condition.Name, null);
        return data;
    }

    [Fact]
    public void EveryTestWordAndLimitIsInThePage()
    {
        foreach (string word in RuleSchema.ValueTests.Select(static k => k.Name).Concat(RuleSchema.Conditions.SelectMany(static c => RuleSchema.Names(c.With))))
            Assert.True(ManualPage.HasWord(Rules["CONDITIONS"], word), word);
        foreach (string word in RuleSchema.Names(RuleSchema.Actions))
            Assert.True(ManualPage.HasWord(Rules.Paragraph("RULE", "on"), word), word);
        foreach (string word in RuleSchema.Names(RuleSchema.TimeoutPolicies))
            Assert.True(ManualPage.HasWord(Rules.Paragraph("RULE", "onTimeout"), word), word);
        Assert.Contains($"1 MiB a file, depth {RuleSchema.MaxDepth}, {RuleSchema.MaxRules:N0} rules", Rules["LIMITS"], StringComparison.Ordinal);
        Assert.Contains($"{Glob.MaxLength:N0} characters", Rules["LIMITS"], StringComparison.Ordinal);
        Assert.Contains($"at most {RuleSchema.MaxConditions} conditions", Rules["LIMITS"], StringComparison.Ordinal);
        Assert.Contains($"{RuleSchema.MaxItems} entries", Rules["LIMITS"], StringComparison.Ordinal);
        Assert.Equal((1 << 20, 1_000, 600_000_000), (RuleSchema.MaxFileBytes, RuleSchema.MinDurationUsec, RuleSchema.MaxTimeoutUsec));
        Assert.Contains("1ms to 10min", Rules.Paragraph("RULE", "timeout"), StringComparison.Ordinal);
        foreach (string directory in RuleLoader.DefaultDirectories)
        {
            Assert.Contains(directory, Rules["DESCRIPTION"], StringComparison.Ordinal);
            Assert.Contains(directory, Daemon["FILES"], StringComparison.Ordinal);
        }
    }

    private static void Check(string section, Option option)
    {
        string paragraph = Ctl.Paragraph(section, option.Name);
        foreach (string alias in option.Aliases.Where(static a => a.StartsWith('-')))
            Assert.True(paragraph.Contains(alias, StringComparison.Ordinal), $"{section} {option.Name}: {alias}");
        string? byDefault = DefaultText().Match(option.Description ?? "") is { Success: true } given ? given.Groups[1].Value
            : option is { HasDefaultValue: true, ValueType: var type } && type == typeof(string) ? (string?)option.GetDefaultValue() : null;
        if (option is not HelpOption && byDefault is not null)
            Assert.True(paragraph.Contains(byDefault, StringComparison.Ordinal), $"{section} {option.Name}: default {byDefault}");
    }

    private static IEnumerable<(string Name, Command Command)> All(Command parent, string prefix) => parent.Subcommands
        .Where(static c => !c.Hidden)
        .SelectMany(c => c.Subcommands.Count > 0 ? All(c, prefix + c.Name + " ") : [(prefix + c.Name, c)]);

    private static RootCommand Root() =>
        CommandLine.Build();

    [GeneratedRegex(@"\[default: ([^\];,]+)")]
    private static partial Regex DefaultText();
}
