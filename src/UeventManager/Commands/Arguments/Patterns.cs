using System.CommandLine;
using System.CommandLine.Parsing;
using UeventManager.Core.Rules;

namespace UeventManager.Commands.Arguments;

/// <summary>Options whose values are patterns, checked as they are parsed.</summary>
internal static class Patterns
{
    /// <summary>An option that may be repeated.</summary>
    public static Option<string[]> Option(string name, string value, string description, params string[] aliases)
    {
        var option = new Option<string[]>(name, aliases) { HelpName = value, Description = description + "; may be repeated" };
        option.Validators.Add(static result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (token.Value.Length == 0)
                    result.AddError($"{result.Option.Name}: an empty pattern (leave the option out for all)");
                else if (!Glob.TryParse(token.Value, out _, out string? error))
                    result.AddError($"'{token.Value}' is not a pattern: {error}");
            }
        });
        return option;
    }
}
