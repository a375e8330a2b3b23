using System.CommandLine;
using System.CommandLine.Parsing;

namespace UeventManager.Commands.Arguments;

/// <summary>Values from a few words: completed to them, and otherwise refused with the nearest one.</summary>
internal static class Choice
{
    /// <summary>Accepts only these words.</summary>
    public static Option<string> Only(this Option<string> option, params string[] words)
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(result => Check(result, $"{option.Name}: ", words));
        return option;
    }

    /// <summary>Accepts only these words.</summary>
    public static Argument<string> Only(this Argument<string> argument, params string[] words)
    {
        argument.CompletionSources.Add(words);
        argument.Validators.Add(result => Check(result, "", words));
        return argument;
    }

    /// <summary>A suggestion for an unknown word.</summary>
    public static string Hint(string word, IReadOnlyList<string> words) => Nearest.To(word, words) is { } near
        ? $"did you mean '{near}'?"
        : $"write {string.Join(", ", words.Take(words.Count - 1))} or {words[^1]}";

    private static void Check(SymbolResult result, string prefix, string[] words)
    {
        foreach (Token token in result.Tokens)
        {
            if (!words.Contains(token.Value))
                result.AddError($"{prefix}'{token.Value}' is not known ({Hint(token.Value, words)})");
        }
    }
}
