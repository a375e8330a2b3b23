using UeventManager.Tests.Engine;
using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>G11: what an event says of its device was there at one look that began when the kernel had sent it.</summary>
internal sealed class FreshChecker(CheckedWorld world) : Checker(world)
{
    private static readonly string[] s_attached = ["state", "note"];

    // Since when the kernel's change of an instance is one that an event may speak of.
    private readonly Dictionary<ulong, long> _told = [];

    public override void Delivered(SeenEvent seen)
    {
        if (seen.Kobject || seen.Action == "remove" || World.InstanceOf(seen) is not { } instance)
            return;
        var findings = seen.Findings;
        var says = findings.Attributes is not null || findings.Missing is not null;
        var asked = SimRule.Of(seen.Path) is { Attaches: true };
        // What a look could not tell is named.
        if ((!says && !asked) || findings.Missing?.Any(IsUnknown) == true || World.ByHand.Contains(seen.DeviceId) || World.Kernel.Overruns > 0)
            return;
        var since = _told[instance.Inode] = Math.Max(_told.GetValueOrDefault(instance.Inode), seen.ArrivedUsec);
        Require(
            World.Looks.Of(seen.Inode).Any(look => look.StartedUsec >= since && Says(look, seen)),
            $"{seen} (#{seen.Seqnum}, instance {seen.Inode}) says what no look since {since / 1000.0} ms has found");
    }

    private static bool IsUnknown(string missing) =>
        missing.Contains("no answer", StringComparison.Ordinal) || missing.StartsWith("the device's directory", StringComparison.Ordinal);

    // What is told under the former name may be looked at under the new one, by whose rule.
    private static bool Says(LookRecord look, SeenEvent seen)
    {
        var attaches = SimRule.Of(look.Path) is { Attaches: true };
        var missing = seen.Findings.Missing ?? [];
        if (!seen.Findings.Settled && seen.Action == "add")
            attaches = false;
        foreach (var name in s_attached)
        {
            var value = seen.Findings.Attributes?.FirstOrDefault(attribute => attribute.Key == name).Value;
            if (attaches && value != look.Value(name))
                return false;
        }
        // How long something has been stable is not a single look's answer.
        return SimRule.Of(look.Path) is not { } rule || rule.Wait.All(condition => condition is SimStable || !condition.IsOfLook || condition.Holds(look) != missing.Any(text => text == condition.Text || text.StartsWith(condition.Text + " (", StringComparison.Ordinal)));
    }
}
