using System.Text;
using UeventManager.Core.Rules;

namespace UeventManager.Udev;

/// <summary>
/// The rules of udev that shut the gates which our rules ask for, at the kernel's own add alone. A device that was there before is never shut: SYSTEMD_READY=0
/// would unmount a file system that is in use. What was shut is opened by an event with our argument, or by any event once retell no longer runs.
/// </summary>
internal static class GateRules
{
    private const string End = "uevent_manager_end";
    private const string Block = "uevent_manager_block";
    private const string Ready = "uevent_manager_ready";

    /// <summary>False for a path that a rule of udev's cannot name: its strings know no escape for all that a name may have.</summary>
    public static bool CanName(string path) => path.StartsWith('/') && !path.Any(static c => char.IsControl(c) || c is '"' or '\'' or '\\');

    /// <summary>Writes them.</summary>
    /// <param name="rules">All rules that are in force together.</param>
    /// <param name="gate">The link that exists while retell runs.</param>
    /// <param name="program">What blocked workers run; one that <see cref="CanName"/> holds for.</param>
    public static string Of(IReadOnlyList<Rule> rules, string gate, string program)
    {
        var text = new StringBuilder("# Gates of UeventManager's rules, as `ueventctl rules udev` prints them: man 5 uevent-manager.rules. Written anew at each reload.\n");
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
        // Written on the kernel's own add alone. That udev's database has nothing is no sign of a new device: since systemd 256 USEC_INITIALIZED is there
        // before the rules are run, and before that an entry of yesterday's device may be.
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

    // Blocked ones first: the first that fits is gone to.
    private static IEnumerable<string> Selectors(Rule rule) => rule.Subsystems.Select(subsystem =>
        $"SUBSYSTEM==\"{Literal(subsystem)}\", {(rule.Match.DevType is { } type ? $"ENV{{DEVTYPE}}{(type.Negated ? "!" : "=")}=\"{Pattern(type)}\", " : "")}GOTO=\"{(rule.Gate == RuleGate.Block ? Block : Ready)}\"");

    private static string Pattern(Glob glob) => Safe(glob.Text[(glob.Negated ? 1 : 0)..].Replace("**", "*", StringComparison.Ordinal));

    // `$` and `%` begin a substitution; a program's words are split at white space.
    private static string Word(string text) => text.Any(char.IsWhiteSpace) ? $"'{Substituted(text)}'" : Substituted(text);

    private static string Substituted(string text) => text.Replace("$", "$$", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal);

    private static string Literal(string name) => Safe(string.Concat(name.Select(static c => "*?[]|".Contains(c, StringComparison.Ordinal) ? '?' : c)));

    // What would end the string, or is an escape there, is any character.
    private static string Safe(string pattern) => pattern.Replace('"', '?').Replace('\\', '?');
}
