using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Settle;

namespace UeventManager.Core.History;

/// <summary>A removed device.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Path">Its last devpath.</param>
/// <param name="Subsystem">SUBSYSTEM.</param>
/// <param name="LastMoment">Its place in the history.</param>
/// <param name="Rule">The rule that announced it, or null.</param>
/// <param name="Missing">The conditions that were missing at its announcement, or null.</param>
public readonly record struct GoneDevice(long Id, byte[] Path, string Subsystem, long LastMoment, string? Rule, IReadOnlyList<string>? Missing);

/// <summary>The last removed devices, and the last looks at devices that do not wait any more: two rings.</summary>
internal sealed class Recollections
{
    /// <summary>The most removed devices.</summary>
    public const int MaxGone = 1024;

    /// <summary>The most looks. Each holds the states of one rule's conditions, some 32 bytes a condition.</summary>
    public const int MaxLooks = 4096;

    private readonly GoneDevice[] _gone = new GoneDevice[MaxGone];
    private readonly (long Id, RuleTexts Rule, ItemState[] Items)[] _looks = new (long, RuleTexts, ItemState[])[MaxLooks];
    private int _goneNext;
    private int _looksNext;

    /// <summary>Adds a removed device.</summary>
    public void Add(in GoneDevice gone) => _gone[_goneNext++ & (MaxGone - 1)] = gone;

    /// <summary>Adds the last look at a device.</summary>
    public void Add(Device device)
    {
        if (device.Pending is not { Rule: { } rule, Items.Length: > 0 } pending)
            return;
        ref var place = ref _looks[_looksNext++ & (MaxLooks - 1)];
        // Called for each change of a storm, so the array is reused if it fits.
        if (place.Items?.Length != pending.Items.Length)
            place.Items = new ItemState[pending.Items.Length];
        pending.Items.CopyTo(place.Items, 0);
        (place.Id, place.Rule) = (device.Id, rule.Texts);
    }

    /// <summary>Adds a look of another run.</summary>
    public void Add(long id, RuleTexts rule, ItemState[] items) => _looks[_looksNext++ & (MaxLooks - 1)] = (id, rule, items);

    /// <summary>The removed devices, newest first.</summary>
    public IEnumerable<GoneDevice> Gone()
    {
        for (var i = 1; i <= MaxGone; i++)
        {
            if (_gone[(_goneNext - i) & (MaxGone - 1)] is { Id: > 0 } gone)
                yield return gone;
        }
    }

    /// <summary>The remembered looks, newest first.</summary>
    public IEnumerable<(long Id, RuleTexts Rule, ItemState[] Items)> Looks()
    {
        for (var i = 1; i <= MaxLooks; i++)
        {
            if (_looks[(_looksNext - i) & (MaxLooks - 1)] is { Id: > 0 } look)
                yield return look;
        }
    }

    /// <summary>The newest remembered look at a device.</summary>
    public (RuleTexts Rule, ItemState[] Items)? LookAt(long id)
    {
        for (var i = 1; i <= MaxLooks; i++)
        {
            var (found, rule, items) = _looks[(_looksNext - i) & (MaxLooks - 1)];
            if (found == id)
                return (rule, items);
        }
        return null;
    }
}
