namespace UeventManager.Core.Rules;

/// <summary>Whether a condition holds, as far as one look can tell.</summary>
public enum Truth : byte
{
    /// <summary>It does not hold.</summary>
    False,

    /// <summary>It holds.</summary>
    True,

    /// <summary>
    /// A file that exists could not be read: an attribute whose driver returns EIO or EAGAIN, or a directory in an attribute's place. The opposite
    /// condition does not hold either.
    /// </summary>
    Unknown,
}

/// <summary>Logic with three values.</summary>
internal static class TruthValues
{
    // A path that a recording does not contain is neither present nor absent.
    public static Truth Of(in Answer answer, bool holds) => answer.IsUnrecorded ? Truth.Unknown : Of(holds);

    public static Truth Of(bool holds) => holds ? Truth.True : Truth.False;

    public static Truth Not(this Truth truth) => truth switch
    {
        Truth.False => Truth.True,
        Truth.True => Truth.False,
        _ => Truth.Unknown,
    };
}
