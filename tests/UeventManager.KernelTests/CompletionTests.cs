using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>The scripts in the shells that they are for: a script that the shell refuses, or that offers nothing, is found by its user otherwise.</summary>
public sealed class CompletionTests
{
    // zsh completes on a terminal only: another zsh is its user, and has it show what its line has become.
    private const string Zsh = """
        zmodload zsh/zpty
        zpty user zsh -f -i
        zpty -w user 'PS1=; autoload -Uz compinit; compinit -u -D; source <(ueventctl completion zsh)'
        zpty -w user 'show() { print -r -- "<<$BUFFER>>" }; zle -N show; bindkey "^X" show; print -r -- "re""ady"'
        zpty -r user said '*ready*'
        zpty -w -n user "$1"$'\t\C-x'
        zpty -r user said '*<<*>>*'
        said=${said##*<<}
        print -r -- ${said%%>>*}
        """;

    [Theory]
    [InlineData("ueventctl mon", "ueventctl monitor")]
    [InlineData("ueventctl info net:l", "ueventctl info net:lo")]
    [InlineData("ueventctl wait --unt", "ueventctl wait --until")]
    public void In_zsh(string line, string completed)
    {
        Requires.Tools("zsh", "timeout");
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("zsh");
        File.WriteAllText(scratch.Combine("drive"), Zsh + "\n");
        Assert.Equal(completed, Run(sandbox, $"HOME={scratch.Path} timeout {TestTime.Seconds(60).TotalSeconds} zsh -f {scratch.Combine("drive")} '{line}'").Trim());
    }

    [Theory]
    [InlineData("ueventctl mon", "monitor")]
    [InlineData("ueventctl info net:l", "net:lo")]
    [InlineData("ueventctl wait --unt", "--until")]
    public void In_fish(string line, string completed)
    {
        Requires.Tools("fish");
        using var sandbox = Sandbox.Create();
        using var scratch = new ScratchDirectory("fish");
        Assert.Equal(completed, Run(sandbox, $"HOME={scratch.Path} fish --no-config -c 'ueventctl completion fish | source; complete -C \"{line}\"'").Trim());
    }

    private static string Run(Sandbox sandbox, string command) =>
        sandbox.Run($"export PATH={Path.GetDirectoryName(Repository.Ueventctl)}:$PATH; {command}").Ok().Output;
}
