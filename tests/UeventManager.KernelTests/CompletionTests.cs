using UeventManager.KernelTests.Harness;
using UeventManager.Tests;

namespace UeventManager.KernelTests;

/// <summary>The completion scripts in bash, zsh and fish.</summary>
public sealed class CompletionTests
{
    // A shell completes on a terminal only: zsh makes one, types the line and TAB there, and has the shell show what its line has become.
    private const string Driver = """
        zmodload zsh/zpty
        if [[ $1 == zsh ]]; then
            zpty user zsh -f -i
            zpty -w user 'PS1=; autoload -Uz compinit; compinit -u -D; source <(ueventctl completion zsh)'
            zpty -w user 'show() { print -r -- "<<$BUFFER>>" }; zle -N show; bindkey "^G" show; print -r -- "re""ady"'
        else
            zpty user bash --norc --noprofile -i
            zpty -w user "PS1=; source <(ueventctl completion bash); bind -x '\"\C-g\": printf \"<<%s>>\n\" \"\$READLINE_LINE\"'; echo re\"\"ady"
        fi
        zpty -r user said '*ready*'
        zpty -w -n user "$2"$'\t\C-g'
        zpty -r user said '*<<*>>*'
        said=${said##*<<}
        print -r -- ${said%%>>*}
        """;

    // DIR is a directory with "my rules.yaml" and "directory" in it. A blank at the end: the word is complete.
    public static TheoryData<string, string> Lines => new()
    {
        { "ueventctl mon", "monitor " },
        { "ueventctl ver", "version " },
        { "ueventctl help rul", "rules " },
        { "ueventctl info quux:q", "quux:quux0 " },
        { "ueventctl info qu", "quux:" },
        { "ueventctl wait --unt", "--until " },
        { "ueventctl wait --until=rem", "--until=removed " },
        { "ueventctl list -s qu", "quux " },
        { "ueventctl monitor -a unb", "unbind " },
        { "ueventctl trigger --filter sub", "subsystem=" },
        { "ueventctl trigger --filter subsystem=qu", "subsystem=quux " },
        { "ueventctl trigger --filter subsystem=quux,sysname=q", "subsystem=quux,sysname=quux0 " },
        { "ueventctl rules check DIR/my", @"DIR/my\ rules.yaml " },
        { "ueventctl list --socket DIR/my", @"DIR/my\ rules.yaml " },
        { "ueventctl list --socket=DIR/my", @"--socket=DIR/my\ rules.yaml " },
        { "ueventctl rules check --rules DIR/d", "DIR/directory/" },
        // What a command refuses, and what is no Unix: nothing.
        { "ueventctl reload --rul", "--rul" },
        { "ueventctl monitor --rul", "--rul" },
        { "ueventctl monitor --standalone --rul", "--rules " },
        { "ueventctl /", "/" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void In_zsh(string line, string completed) => OnTerminal("zsh", line, completed);

    [Theory]
    [MemberData(nameof(Lines))]
    public void In_bash(string line, string completed) => OnTerminal("bash", line, completed);

    [Theory]
    [MemberData(nameof(Lines))]
    public void In_fish(string line, string completed)
    {
        Requires.Tools("fish");
        using var place = new Place();
        var offered = place.Run($"fish --no-config -c 'ueventctl completion fish | source; complete -C \"{place.Of(line)}\"'").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // It lists words instead: as they are, and with what kind of file they are.
        var word = place.Of(completed).TrimEnd().Replace("\\", "", StringComparison.Ordinal);
        Assert.Equal(line.EndsWith(' ' + completed, StringComparison.Ordinal) ? [] : [word], offered.Select(one => one.Split('\t')[0]));
    }

    private static void OnTerminal(string shell, string line, string completed)
    {
        Requires.Tools("zsh", "bash", "timeout");
        using var place = new Place();
        File.WriteAllText(place.Scratch.Combine("drive"), Driver + "\n");
        var became = place.Run($"HOME={place.Scratch.Path} timeout {TestTime.Seconds(60).TotalSeconds} zsh -f {place.Scratch.Combine("drive")} {shell} '{place.Of(line)}'");
        Assert.Equal(place.Of(line[..(line.LastIndexOf(' ') + 1)] + completed), became.TrimEnd('\n', '\r'));
    }

    private sealed class Place : IDisposable
    {
        private readonly Sandbox _sandbox = Sandbox.Create();
        private readonly FakeSysfs _sysfs = new();

        public Place()
        {
            _sysfs.AddDevice("/devices/virtual/quux/quux0", "quux");
            Directory.CreateDirectory(_sysfs.Root + "/class/quux/quux0");
            File.WriteAllText(Scratch.Combine("my rules.yaml"), "");
            Directory.CreateDirectory(Scratch.Combine("directory"));
        }

        public ScratchDirectory Scratch { get; } = new("completion");

        public string Of(string text) => text.Replace("DIR", Scratch.Path, StringComparison.Ordinal);

        public string Run(string command) =>
            _sandbox.Run($"export UEVENT_MANAGER_SYSFS={_sysfs.Root} PATH={Path.GetDirectoryName(Repository.Ueventctl)}:$PATH; {command}").Ok().Output;

        public void Dispose()
        {
            _sandbox.Dispose();
            _sysfs.Dispose();
            Scratch.Dispose();
        }
    }
}
