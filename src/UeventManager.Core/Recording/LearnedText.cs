using System.Text;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>Writes learned rules as a rule file, with the reasons as comments.</summary>
public static class LearnedText
{
    private const int FewDevices = 20;

    /// <summary>Writes one subsystem's file.</summary>
    /// <param name="file">The learned rules.</param>
    /// <param name="worlds">The recordings.</param>
    public static string Of(LearnedFile file, IReadOnlyList<RecordedWorld> worlds)
    {
        var text = new StringBuilder(RuleFileHead.SchemaLine).Append('\n');
        foreach (var line in Head(file, worlds))
            text.Append("# ").Append(Printable.Text(line)).Append('\n');
        text.Append("version: 1\nsubsystem: ").Append(Learner.Quoted(file.Subsystem)).Append("\nrules:");
        if (file.Rules.Count == 0)
            text.Append(" []\n");
        foreach (var rule in file.Rules)
            Write(rule, text.Append('\n'));
        return text.ToString();
    }

    // Says how reliable the rules are, and what the recordings cannot show.
    private static IEnumerable<string> Head(LearnedFile file, IReadOnlyList<RecordedWorld> worlds)
    {
        yield return $"Learned from {worlds.Count} recording{(worlds.Count == 1 ? "" : "s")} (kernel {string.Join(", ", worlds.Select(world => world.Header.Kernel).Distinct())}): {file.Devices} devices arrived, {file.Late} of them incomplete.";
        if (file.Devices < FewDevices)
            yield return $"These are few: a name that comes late on one device in a hundred was probably not seen. Record more (at least {FewDevices}).";
        if (file.TooShort > 0)
            yield return $"{file.TooShort} more were observed for less than {Learner.Milliseconds(Learner.ShortestUsec)} and are left out.";
        if (worlds.Any(world => world.Losses.Count > 0))
            yield return "Uevents were lost during the recording: some devices may be missing, or seem later than they were.";
        var notSeen = new List<string> { "other kernels and other hardware", "changes after a device is announced (on: change)", "nodes in /dev and the work of udev" };
        if (!worlds.All(world => world.Header.HasValues))
            notSeen.Add("values of attributes (record --values)");
        yield return $"Not seen: {string.Join("; ", notSeen)}; names of more than {worlds.Min(world => world.Header.Depth)} components below a device.";
        if (file.Rules.Count == 0)
            yield return "Nothing was late on any of them.";
    }

    private static void Write(LearnedRule rule, StringBuilder text)
    {
        text.Append("  - name: ").Append(Learner.Quoted(rule.Name)).Append('\n');
        text.Append("    description: ").Append(Learner.Quoted(rule.Description)).Append('\n');
        text.Append("    on: [add]\n    match:\n");
        foreach (var line in rule.Match)
            text.Append("      ").Append(line).Append('\n');
        text.Append("    wait:\n");
        foreach (var item in rule.Items)
            text.Append("      # ").Append(Printable.Text(item.Comment)).Append("\n      - ").Append(item.Yaml).Append('\n');
        foreach (var remark in rule.Remarks)
            text.Append("      # ").Append(Printable.Text(remark)).Append('\n');
        text.Append("    timeout: ").Append(Duration.Format(rule.TimeoutUsec)).Append('\n');
    }
}
