using System.CommandLine;
using System.CommandLine.Parsing;

namespace UeventManager.Commands.Arguments;

/// <summary>
/// Reads an option's words for validators of whole commands: these also run if a value is missing, when the library throws on access to the value.
/// </summary>
internal static class OptionWords
{
    /// <summary>The values of an option as written; none if the option or its value is missing.</summary>
    public static IEnumerable<string> Words(this SymbolResult result, Option option) => result.GetResult(option)?.Tokens.Select(static token => token.Value) ?? [];
}
