using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>G1: whoever is told of a device is told after a look at this very instance at which all that its rule requires was there.</summary>
internal sealed class CompleteChecker(CheckedWorld world) : Checker(world)
{
    private readonly Dictionary<long, IReadOnlyList<string>> _missing = [];

    public override void Delivered(SeenEvent seen)
    {
        if (seen.Kobject || seen.Action == "remove")
            return;
        if (seen.Action is "add" or "change")
            Judge(seen);
        _missing[seen.DeviceId] = seen.Findings.Missing ?? [];
    }

    private void Judge(SeenEvent seen)
    {
        // What is passed without a look carries what the last announcement found.
        var change = seen.Action == "change";
        if (!seen.Findings.Settled)
        {
            Unsettled(seen, change);
            return;
        }
        if (SimRule.For(seen.Path, change) is not { } rule)
            return;
        var looks = World.Looks.Of(seen.Inode);
        Require(
            looks.Any(look => Settles(look, rule, seen)),
            $"{seen} (#{seen.Seqnum}, instance {seen.Inode}) was told without a look at which {string.Join(", ", rule.Wait.Select(c => c.Text))} held");
        RightInstance(seen);
    }

    private bool Settles(LookRecord look, SimRule rule, SeenEvent seen)
    {
        if (!look.Ended || look.StartedUsec < seen.ArrivedUsec || SimRule.For(look.Path, seen.Action == "change") != rule)
            return false;
        var missing = seen.Findings.Missing ?? [];
        foreach (var condition in rule.Wait.Where(c => c.IsOfLook))
        {
            var held = condition.Holds(look);
            if (held != !missing.Any(m => Names(m, condition)))
                return false;
            var excused = condition.OptionalUsec is { } usec
                && (look.StartedUsec - seen.ArrivedUsec >= usec || IsExcused(seen, condition));
            if (!held && !excused)
                return false;
        }
        return true;
    }

    private bool IsExcused(SeenEvent seen, SimCondition condition) =>
        seen.Action == "change" && _missing.GetValueOrDefault(seen.DeviceId)?.Any(m => Names(m, condition)) == true;

    private static bool Names(string missing, SimCondition condition) =>
        missing == condition.Text || missing.StartsWith(condition.Text + " (", StringComparison.Ordinal);

    // An event of the kernel's for one instance must not carry another's look, unless the events between were lost.
    private void RightInstance(SeenEvent seen)
    {
        if (World.Kernel.Overruns > 0 || World.Kernel.OfSeqnum(seen.Seqnum) is not { } instance)
            return;
        Require(instance.Inode == seen.Inode, $"{seen} is instance {instance.Inode}'s and was settled by {seen.Inode}'s files");
        Require(
            seen.Properties.GetValueOrDefault("INODE") == $"{instance.Inode}",
            $"{seen} of instance {instance.Inode} has the properties of {seen.Properties.GetValueOrDefault("INODE")}");
    }

    private void Unsettled(SeenEvent seen, bool change)
    {
        if (World.ByHand.Contains(seen.DeviceId) || _missing.ContainsKey(seen.DeviceId))
            return;
        var rule = SimRule.For(seen.Path, change);
        Require(rule is { Policy: "deliver" }, $"{seen}: nothing allows that");
        Require(World.World.Now >= seen.ArrivedUsec + rule!.TimeoutUsec, $"{seen} before its time was over");
        Require(seen.Findings.Missing is { Count: > 0 }, $"{seen} does not say what is missing");
    }
}
