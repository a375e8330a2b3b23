using System.CommandLine;
using System.CommandLine.Parsing;
using UeventManager.RuleFiles;

namespace UeventManager.Commands.Arguments;

/// <summary>The conditions of a wait besides settled: items of the rule language, and short forms of frequent ones.</summary>
internal sealed class WaitConditions
{
    private readonly Option<string[]> _items = new("--for") { HelpName = "CONDITION", Description = "A further condition in the form of a rule's wait, such as '{attribute: operstate, equals: up}'; may be repeated" };
    private readonly Option<string[]> _attributes = new("--attribute") { HelpName = "NAME=VALUE", Description = "An attribute must also have this value; may be repeated" };
    private readonly Option<string[]> _paths = new("--exists") { HelpName = "NAME", Description = "This name must also exist in the device's directory; may be repeated" };

    /// <summary>Creates the options.</summary>
    public WaitConditions()
    {
        _items.Validators.Add(static result => Check(result, static text => text));
        _attributes.Validators.Add(static result => Check(result, Attribute));
        _paths.Validators.Add(static result => Check(result, Exists));
    }

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_items, _attributes, _paths])
            command.Add(option);
        command.Validators.Add(result =>
        {
            if (!result.Errors.Any() && All(result).Count() > ConditionText.MaxConditions)
                result.AddError($"more than {ConditionText.MaxConditions} conditions (write them as one: 'all: [...]')");
        });
    }

    /// <summary>True if there is a condition.</summary>
    public bool AreGiven(CommandResult result) => new Option[] { _items, _attributes, _paths }.Any(option => result.GetResult(option) is { Implicit: false });

    /// <summary>The conditions in the daemon's form.</summary>
    public IReadOnlyList<string> Read(ParseResult parsed) => [.. All(parsed.CommandResult)];

    private IEnumerable<string> All(CommandResult result) => result.Words(_items)
        .Concat(result.Words(_attributes).Select(Attribute).OfType<string>()).Concat(result.Words(_paths).Select(Exists));

    private static void Check(OptionResult result, Func<string, string?> text)
    {
        foreach (Token token in result.Tokens)
        {
            if (text(token.Value) is not { } condition)
                result.AddError($"{result.Option.Name}: '{token.Value}' is not NAME=VALUE (for any other test: --for '{{attribute: NAME, matches: GLOB}}' or --for 'not: …')");
            else if (ConditionText.Read(condition, out string? mistake) is null)
                result.AddError($"{result.Option.Name}: {mistake}");
        }
    }

    // Null for a text other than NAME=VALUE, such as a filter's NAME!=VALUE: no attribute's name ends with '!'.
    private static string? Attribute(string pair)
    {
        int equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals <= 0 || pair[equals - 1] == '!' ? null : $"{{attribute: {Quoted(pair[..equals])}, equals: {Quoted(pair[(equals + 1)..])}}}";
    }

    private static string Exists(string path) => $"exists: {Quoted(path)}";

    // YAML's single quotes, in which a doubled quote is one.
    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
