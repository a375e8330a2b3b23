using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Engine;

public sealed partial class UeventEngine
{
    // A change that no rule looks at tells nothing new: what was found last stays.
    private static Findings FindingsOf(Device device, Pending pending, Look look)
    {
        if (look.Rule is not { } rule)
            return look.Action == WaitingActions.Change ? device.Findings : Findings.None;
        var facts = look.AttachFacts;
        var (missing, attributes, links) = (pending.Missing(), AttributesOf(rule, facts), LinksOf(rule, facts));
        // Nearly every look at a change finds what the one before it found.
        return missing is null && attributes is null && links is null && device.Findings is { Settled: true, Missing: null, Attributes: null, Links: null } known
            && known.Rule == rule.Rule.Name
            ? known
            : new Findings(true, rule.Rule.Name, missing, attributes, links);
    }

    private static List<KeyValuePair<string, string>>? AttributesOf(BoundRule rule, LookFacts facts)
    {
        List<KeyValuePair<string, string>>? found = null;
        foreach (var query in rule.Attributes)
        {
            if (facts[query.Slot].Value is { } value)
                (found ??= []).Add(new(query.Path, value));
        }
        return found;
    }

    private static List<KeyValuePair<string, string>>? LinksOf(BoundRule rule, LookFacts facts)
    {
        List<KeyValuePair<string, string>>? found = null;
        foreach (var query in rule.Links)
        {
            if (facts[query.Slot].LinkTarget is { } target)
                (found ??= []).Add(new(query.Path, target));
        }
        return found;
    }

    // What the uevent file said at the deciding look wins over the datagram; so do the wanted properties of udev's entry
    // (lines "E:KEY=VALUE"), which no datagram of the kernel's has.
    private static string? FileText(Look look)
    {
        if (!look.Attaching)
            return null;
        if (look.Rule is null)
            return look.AttachFacts[BareAttachment.UeventFile.Slot].Value;
        var text = look.AttachFacts[look.Rule.UeventFile.Slot].Value;
        if (look.Rule.UdevEntry is not { } udev || look.AttachFacts[udev.Slot].Value is not { } entry)
            return text;
        var all = new StringBuilder(text);
        foreach (var line in entry.Split('\n'))
        {
            var equals = line.IndexOf('=');
            if (!line.StartsWith("E:", StringComparison.Ordinal) || equals < 3)
                continue;
            if (look.Rule.Rule.Attach.Udev.Any(glob => glob.Matches(line.AsSpan(2, equals - 2))))
                all.Append('\n').Append(KernelText.WithoutPadding(line.AsSpan(2)));
        }
        return all.ToString();
    }
}
