using System.Text;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Udev;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Looks;

/// <summary>The findings of a deciding look as they are announced, and the questions that the look needs for them.</summary>
internal static class LookFindings
{
    /// <summary>Builds findings from this look's answers only; nothing from earlier looks is kept (G11).</summary>
    public static Findings Of(Device device, Pending pending, Look look)
    {
        if (look.Rule is not { } rule)
            return Findings.None;
        var facts = look.AttachFacts;
        var (missing, attributes, links) = (pending.Missing(), AttributesOf(rule, facts), LinksOf(rule, facts));
        missing = WithoutAnswer(rule, look, missing);
        // Nearly every look at a change has the same findings as the one before.
        return missing is null && attributes is null && links is null && device.Findings is { Settled: true, Missing: null, Attributes: null, Links: null } known
            && known.Rule == rule.Rule.Name
            ? known
            : new Findings(HasRequired(pending), rule.Rule.Name, missing, attributes, links);
    }

    /// <summary>
    /// The uevent file at the deciding look; null if it was not read. It replaces the datagram's properties; the wanted properties of udev's entry,
    /// which no kernel datagram contains, are added.
    /// </summary>
    /// <param name="look">The look.</param>
    /// <param name="udev">udev's properties as <c>KEY=VALUE\0…</c>.</param>
    public static UeventText? FileText(Look look, ReadOnlySpan<byte> udev)
    {
        if (!look.Attaching)
            return null;
        if (look.Rule is null)
            return look.AttachFacts[BareAttachment.UeventFile.Slot].Value is { } bare ? new UeventText(bare, IsWhole: true) : null;
        var text = WithDriver(look.AttachFacts[look.Rule.UeventFile.Slot].Value, look, look.Rule);
        if (udev.IsEmpty)
            return text is null ? null : new UeventText(text, IsWhole: true);
        return new UeventText(WithUdev(text, look.Rule.Rule.Attach.Udev, udev), IsWhole: text is not null);
    }

    // The file is read a moment after the links: if a driver was bound or unbound in between, the link's driver is used, so that the event does not
    // contradict itself.
    private static string? WithDriver(string? text, Look look, BoundRule rule)
    {
        if (!look.WithFile || !SawDriver(look, rule, out var driver) || (text is not null && UeventFile.Find(text, "DRIVER") == driver))
            return text;
        // The file gave no answer in time: the link alone names the driver.
        if (text is null)
            return driver is null ? "" : "DRIVER=" + driver;
        var lines = text.Split('\n').Where(static line => !line.StartsWith("DRIVER=", StringComparison.Ordinal));
        return string.Join('\n', driver is null ? lines : lines.Prepend("DRIVER=" + driver));
    }

    /// <summary>Tells what the look saw of the link to the driver.</summary>
    /// <param name="look">The look.</param>
    /// <param name="rule">Its rule.</param>
    /// <param name="driver">The driver's name; null if none is bound.</param>
    /// <returns>False if the look did not ask.</returns>
    public static bool SawDriver(Look look, BoundRule rule, out string? driver)
    {
        var answer = rule.AttachedDriver is { } attached && look.AttachFacts[attached.Slot] is { Asked: true } found ? found
            : rule.Table.Driver is { } asked ? look.Facts[asked.Slot] : default;
        // kobject_set_name_vargs(): a name's slash is an exclamation mark in sysfs.
        driver = answer.LinkTarget is { } target ? target[(target.LastIndexOf('/') + 1)..].Replace('!', '/') : null;
        return answer.Asked;
    }

    // The kernel's own properties win over udev's.
    private static string WithUdev(string? text, IReadOnlyList<Glob> wanted, ReadOnlySpan<byte> udev)
    {
        var all = new StringBuilder();
        foreach (var entry in PropertyBlock.Entries(udev))
        {
            if (UdevNews.IsWanted(entry, wanted, out var key))
                all.Append(KernelText.Decode(key)).Append('=').Append(KernelText.WithoutPadding(KernelText.Decode(entry[(key.Length + 1)..]))).Append('\n');
        }
        return all.Append(text).ToString();
    }

    /// <summary>Asks only for the uevent file.</summary>
    public static void AskFile(Look look)
    {
        Begin(look, BareAttachment.Table);
        look.Ask.Add(BareAttachment.UeventFile);
        look.WithFile = true;
    }

    /// <summary>Asks the second half of a deciding look: the values that the rule attaches, except the uevent file.</summary>
    public static void Ask(Look look, BoundRule rule)
    {
        Begin(look, rule.AttachTable);
        Ask(look, rule, rule.Attributes);
        Ask(look, rule, rule.Links);
        if (rule.UdevEntry is { } entry && !look.KnowsUdev)
            Ask(look, rule, entry);
    }

    /// <summary>Asks for the uevent file too.</summary>
    public static void AskFile(Look look, BoundRule rule)
    {
        look.WithFile = true;
        Ask(look, rule, rule.UeventFile);
    }

    private static void Begin(Look look, QueryTable table)
    {
        look.Ask.Clear();
        look.Attaching = true;
        look.AttachFacts.Reset(table.Count);
    }

    private static void Ask(Look look, BoundRule rule, IReadOnlyList<SysfsQuery> queries)
    {
        for (var i = 0; i < queries.Count; i++)
            Ask(look, rule, queries[i]);
    }

    // A value that was read for match or wait is attached as it was read then, so that the delivered value is the one that held.
    private static void Ask(Look look, BoundRule rule, SysfsQuery query)
    {
        if (rule.Answered(query, look.Facts, out var answer))
            look.AttachFacts.Put(query.Slot, answer);
        else if (!look.Ask.Contains(query) && !IsHung(look, query))
            look.Ask.Add(query);
    }

    private static bool IsHung(Look look, SysfsQuery query)
    {
        foreach (var hung in look.Hung)
        {
            if (hung.Kind == query.Kind && hung.Path == query.Path)
                return true;
        }
        return false;
    }

    /// <summary>Whether all required conditions held at the last look.</summary>
    public static bool HasRequired(Pending pending)
    {
        for (var i = 0; i < pending.Items.Length; i++)
        {
            if (!pending.Items[i].Held && pending.Rule!.Items[i].OptionalUsec is null)
                return false;
        }
        return true;
    }

    // A value that hangs is left out and listed as missing, because the old value may be outdated.
    private static List<string>? WithoutAnswer(BoundRule rule, Look look, List<string>? missing)
    {
        foreach (var query in rule.Attributes)
        {
            if (look.Attaching && !look.AttachFacts[query.Slot].Asked)
                (missing ??= []).Add(NoAnswer(query));
        }
        return missing;
    }

    /// <summary>The attached values that hang, at a look at which all conditions held.</summary>
    public static List<string>? WithoutAnswer(Look look) => look.Rule is { } rule ? WithoutAnswer(rule, look, null) : null;

    /// <summary>True if the last event of a device lacked only attached values that hung.</summary>
    public static bool LacksOnlyAnswers(Device device) =>
        device.Findings is { Missing: { } missing, Rule: { } name } && device.Rules.Rules.FirstOrDefault(rule => rule.Rule.Name == name) is { } rule
        && missing.All(text => rule.Attributes.Any(query => NoAnswer(query) == text));

    private static string NoAnswer(SysfsQuery query) => $"attribute: {query.Path} (no answer)";

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
}
