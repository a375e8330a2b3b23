using System.Text;
using UeventManager.Core.Rules;

namespace UeventManager.Udev;

/// <summary>
/// The udev rules that shut the gates of our rules, only at the kernel's own add. A device that existed before is never shut, because SYSTEMD_READY=0
/// would unmount a file system in use. An event with our argument opens a gate, and so does any event once retell no longer runs.
/// </summary>
internal static class GateRules
{
    private const string End = "uevent_manager_end";
    private const string Block = "uevent_manager_block";
    private const string Ready = "uevent_manager_ready";

    /// <summary>False for a path that a udev rule cannot name: its strings cannot escape every character.</summary>
    public static bool CanName(string path) => path.StartsWith('/') && !path.Any(static c => char.IsControl(c) || c is '"' or '\'' or '\\');

    /// <summary>Creates the rules.</summary>
    /// <param name="rules">All rules in force together.</param>
    /// <param name="gate">The link that exists while retell runs.</param>
    /// <param name="program">The program that blocked workers run; <see cref="CanName"/> must hold for it.</param>
    public static string Of(IReadOnlyList<Rule> rules, string gate, string program)
    {
        var text = new StringBuilder("# Gates of UeventManager's rules, as `ueventctl rules udev` prints them: man 5 uevent-manager.rules. Rewritten at each reload.\n");
        string[] selectors = [.. rules.Where(static rule => rule.Gate != RuleGate.None).OrderByDescending(static rule => rule.Gate).SelectMany(Selectors).Distinct(StringComparer.Ordinal)];
        if (selectors.Length == 0)
            return text.Append("# No rule has a gate.\n").ToString();
        string place = Substituted(gate);
        foreach (string selector in selectors)
            text.Append(selector).Append('\n');
        text.Append($"GOTO=\"{End}\"\n\n");
        bool blocks = rules.Any(static rule => rule.Gate == RuleGate.Block);
        if (blocks)
        {
            text.Append($$"""
                LABEL="{{Block}}"
                ENV{.UEVENT_BLOCK}="1"


                """);
        }
        // Set only at the kernel's own add. An empty udev database does not prove a new device: since systemd 256 USEC_INITIALIZED exists before the
        // rules run, and in earlier versions an entry may belong to an earlier device.
        text.Append($$"""
            LABEL="{{Ready}}"
            ACTION=="remove", GOTO="{{End}}"
            ACTION=="add", ENV{SYNTH_UUID}=="", ENV{.UEVENT_NEW}="1"
            ENV{.UEVENT_NEW}!="1", IMPORT{db}="UEVENT_SETTLED"
            ENV{SYNTH_ARG_UEVENTMANAGER}=="settled", ENV{UEVENT_SETTLED}="1"
            ENV{.UEVENT_NEW}=="1", TEST=="{{place}}", ENV{UEVENT_SETTLED}="0"

            """);
        if (blocks)
            text.Append($$"""ENV{.UEVENT_NEW}=="1", ENV{UEVENT_SETTLED}=="0", ENV{.UEVENT_BLOCK}=="1", PROGRAM=="{{Word(program)}} gate {{Word(gate + ".socket")}}", ENV{UEVENT_SETTLED}="1"{{"\n"}}""");
        return text.Append($$"""
            TEST!="{{place}}", ENV{UEVENT_SETTLED}=="0", ENV{UEVENT_SETTLED}="1"
            ENV{UEVENT_SETTLED}=="0", ENV{SYSTEMD_READY}="0"
            ENV{UEVENT_SETTLED}=="1", TAG+="settled"
            LABEL="{{End}}"

            """).ToString();
    }

    // Blocked ones first, because the first match wins.
    private static IEnumerable<string> Selectors(Rule rule) => rule.Subsystems.Select(subsystem =>
        $"SUBSYSTEM==\"{Literal(subsystem)}\", {(rule.Match.DevType is { } type ? $"ENV{{DEVTYPE}}{(type.Negated ? "!" : "=")}=\"{Pattern(type)}\", " : "")}GOTO=\"{(rule.Gate == RuleGate.Block ? Block : Ready)}\"");

    private static string Pattern(Glob glob) => Safe(glob.Text[(glob.Negated ? 1 : 0)..].Replace("**", "*", StringComparison.Ordinal));

    // `$` and `%` begin a substitution; a program's arguments are split at white space.
    private static string Word(string text) => text.Any(char.IsWhiteSpace) ? $"'{Substituted(text)}'" : Substituted(text);

    private static string Substituted(string text) => text.Replace("$", "$$", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal);

    private static string Literal(string name) => Safe(string.Concat(name.Select(static c => "*?[]|".Contains(c, StringComparison.Ordinal) ? '?' : c)));

    // A character that would end the string, or begin an escape, is replaced by "any character".
    private static string Safe(string pattern) => pattern.Replace('"', '?').Replace('\\', '?');
}
