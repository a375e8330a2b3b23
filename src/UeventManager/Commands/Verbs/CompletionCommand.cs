using System.CommandLine;
using UeventManager.Commands.Arguments;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl completion SHELL</c>: a script with which a shell completes commands, options, devices and subsystems.</summary>
internal static class CompletionCommand
{
    /// <summary>The name of the command.</summary>
    public const string Name = "completion";

    // The program itself knows the completions: "[suggest:POSITION] LINE"; the shell completes files better. A completion that ends with a separator
    // gets no space. In bash, colons and equals signs separate words, so only the part behind them is replaced.
    private const string Bash = """
        _ueventctl() {
            local line=${COMP_LINE:0:COMP_POINT} one i part prefix=
            local IFS=$'\n' word
            word=${line##*[[:space:]]}
            COMPREPLY=()
            for one in $(ueventctl "[suggest:${#line}]" "$line" 2>/dev/null); do
                case $one in
                    :files) compopt -o default 2>/dev/null; return 0 ;;
                    :directories) compopt -o dirnames 2>/dev/null; return 0 ;;
                    *) COMPREPLY+=("$one") ;;
                esac
            done
            for part in : =; do
                if [[ $word == *$part* && $COMP_WORDBREAKS == *$part* ]]; then
                    one=${word%"${word##*"$part"}"}
                    [[ ${#one} -gt ${#prefix} ]] && prefix=$one
                fi
            done
            for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$prefix"}; done
            [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:=/] ]] && compopt -o nospace 2>/dev/null
            return 0
        }
        complete -F _ueventctl ueventctl
        """;

    private const string Zsh = """
        #compdef ueventctl
        _ueventctl() {
            local line="${BUFFER[1,CURSOR]}" one
            local -a found open
            for one in "${(@f)$(ueventctl "[suggest:${#line}]" "$line" 2>/dev/null)}"; do
                case $one in
                    (:files) compset -P '--*='; _files; return ;;
                    (:directories) compset -P '--*='; _files -/; return ;;
                    (*[:=/]) open+=("$one") ;;
                    (?*) found+=("$one") ;;
                esac
            done
            compadd -S '' -- "${open[@]}"
            compadd -- "${found[@]}"
        }
        compdef _ueventctl ueventctl
        """;

    private const string Fish = """
        function __ueventctl_complete
            set -l line (commandline -cp)
            set -l token (commandline -ct)
            set -l head (string match -r -- '^--[^=]*=' $token)
            for one in (ueventctl "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
                switch $one
                    case :files
                        string replace -r -- '^' "$head" (__fish_complete_path (string replace -- "$head" '' "$token"))
                    case :directories
                        string replace -r -- '^' "$head" (__fish_complete_directories (string replace -- "$head" '' "$token") '')
                    case '*'
                        echo $one
                end
            end
        end
        complete -c ueventctl -f -a '(__ueventctl_complete)'
        """;

    /// <summary>Builds the command.</summary>
    public static Command Build(CommonOptions common) => Build(common.Read);

    /// <summary>Builds it for a program of another name, <see cref="CommandRunner.Program"/>, that answers in the same way.</summary>
    /// <param name="settings">Reads the options of all commands.</param>
    public static Command Build(Func<ParseResult, CommonSettings> settings)
    {
        string program = CommandRunner.Program;
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.Only("bash", "zsh", "fish");
        var command = new Command(Name, $"Print a completion script: source <({program} completion bash)") { shell };
        command.SetAction(CommandRunner.Action(settings, context =>
        {
            string script = context.Parsed.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish };
            // A name of a function has no hyphen in every shell.
            script = script.Replace("_ueventctl", "_" + program.Replace('-', '_'), StringComparison.Ordinal).Replace("ueventctl", program, StringComparison.Ordinal);
            foreach (string line in script.Split('\n'))
                context.Output.Line(line);
            return Task.FromResult(ExitStatus.Done);
        }));
        return command;
    }
}
