using System.CommandLine;
using System.CommandLine.Parsing;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// What was written behind an option, for validators of whole commands: they also run where a value is missing, and there the library throws when it is
/// asked for one.
/// </summary>
internal static class OptionWords
{
    /// <summary>The values of an option, as they were written; none if it is absent, or its value is.</summary>
    public static IEnumerable<string> Words(this SymbolResult result, Option option) => result.GetResult(option)?.Tokens.Select(static token => token.Value) ?? [];
}
