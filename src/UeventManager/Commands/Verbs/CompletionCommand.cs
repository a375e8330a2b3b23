using System.CommandLine;
using UeventManager.Commands.Arguments;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl completion SHELL</c>: a script that lets a shell complete commands, options, devices and subsystems.</summary>
internal static class CompletionCommand
{
    // The parser itself knows what may follow: "[suggest:POSITION] LINE". A colon parts words in bash, which ltrim undoes.
    private const string Bash = """
        _ueventctl() {
            local cur=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT} word
            word=${line##* }
            COMPREPLY=()
            local IFS=$'\n' one
            for one in $(ueventctl "[suggest:${#line}]" "$line" 2>/dev/null); do
                [[ $one == "$word"* ]] && COMPREPLY+=("$one")
            done
            if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
                local prefix=${word%"${word##*:}"} i
                for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$prefix"}; done
            fi
            [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]] && compopt -o nospace 2>/dev/null
            return 0
        }
        complete -F _ueventctl ueventctl
        """;

    private const string Zsh = """
        #compdef ueventctl
        _ueventctl() {
            local line="${BUFFER[1,CURSOR]}"
            local -a found
            found=("${(@f)$(ueventctl "[suggest:${#line}]" "$line" 2>/dev/null)}")
            compadd -Q -S '' -- "${found[@]}"
        }
        compdef _ueventctl ueventctl
        """;

    private const string Fish = """
        function __ueventctl_complete
            set -l line (commandline -cp)
            ueventctl "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c ueventctl -f -a '(__ueventctl_complete)'
        """;

    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a completion script: source <(ueventctl completion bash)") { shell };
        command.SetAction(CommandRunner.Action(common, context =>
        {
            string script = context.Parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish };
            foreach (string line in script.Split('\n'))
                context.Output.Line(line);
            return Task.FromResult(ExitStatus.Done);
        }));
        return command;
    }
}
