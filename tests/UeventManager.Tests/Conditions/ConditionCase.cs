using UeventManager.Tests.Sysfs;

namespace UeventManager.Tests.Conditions;

/// <summary>One condition: how it is written, what is there at first, what makes it true, and what is said while it is false.</summary>
public sealed class ConditionCase
{
    private readonly Action<ScratchTree> _before;
    private readonly Action<ScratchTree> _make;

    internal ConditionCase(string wait, string missing, Action<ScratchTree> before, Action<ScratchTree> make)
    {
        (Wait, Missing, _before, _make) = (wait, missing, before, make);
    }

    /// <summary>The item of <c>wait</c>, in braces.</summary>
    public string Wait { get; }

    /// <summary>The item of <c>missing</c> while it does not hold.</summary>
    public string Missing { get; }

    internal void Arrange(ScratchTree tree) => _before(tree);

    internal void MakeTrue(ScratchTree tree) => _make(tree);

    /// <inheritdoc/>
    public override string ToString() => $"{Wait}: {Missing}";
}
