using System.CommandLine;
using System.CommandLine.Help;

namespace UeventManager.Commands;

/// <summary><c>ueventctl help [COMMAND]</c> and <c>version</c>: the same as <c>--help</c> and <c>--version</c>.</summary>
internal static class HelpCommands
{
    /// <summary>Builds <c>help</c>.</summary>
    public static Command Help(RootCommand root)
    {
        var words = new Argument<string[]>("COMMAND") { Arity = ArgumentArity.ZeroOrMore, Description = "The command, such as rules check" };
        var command = new Command("help", "Show help, also for a command; the same as --help") { words };
        command.SetAction((parsed, _) => CommandLine.RunAsync(root, [.. parsed.GetValue(words) ?? [], "--help"], parsed.InvocationConfiguration));
        return command;
    }

    /// <summary>Builds <c>version</c>.</summary>
    public static Command Version(RootCommand root)
    {
        var command = new Command("version", "Show the version; the same as --version");
        command.SetAction((parsed, _) => CommandLine.RunAsync(root, ["--version"], parsed.InvocationConfiguration));
        return command;
    }

    /// <summary>Removes the names of the help option that do not suit Linux: here <c>/?</c> is a path, and <c>-?</c> a shell pattern.</summary>
    public static void NameAsHere(RootCommand root)
    {
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
        {
            foreach (string alias in (string[])["/?", "/h", "-?"])
                help.Aliases.Remove(alias);
        }
    }
}
