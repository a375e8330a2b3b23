using System.CommandLine;
using System.CommandLine.Parsing;

namespace UeventManager.Commands.Arguments;

/// <summary>Values that are one of a few words: completed to them, and refused with the nearest of them.</summary>
internal static class Choice
{
    /// <summary>Takes only these words.</summary>
    public static Option<string> Only(this Option<string> option, params string[] words)
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(result => Check(result, $"{option.Name}: ", words));
        return option;
    }

    /// <summary>Takes only these words.</summary>
    public static Argument<string> Only(this Argument<string> argument, params string[] words)
    {
        argument.CompletionSources.Add(words);
        argument.Validators.Add(result => Check(result, "", words));
        return argument;
    }

    /// <summary>What to write instead of a word that is none of those that are known.</summary>
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
