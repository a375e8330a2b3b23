namespace UeventManager.Core.Rules;

/// <summary>Whether a condition holds, as far as one look can tell.</summary>
public enum Truth : byte
{
    /// <summary>It does not.</summary>
    False,

    /// <summary>It does.</summary>
    True,

    /// <summary>
    /// Something that it asks could not be read, though it is there: an attribute whose driver says EIO or EAGAIN, a directory in an attribute's
    /// place. Its opposite is not known to hold either.
    /// </summary>
    Unknown,
}

/// <summary>Logic with three values.</summary>
internal static class TruthValues
{
    // What a recording does not know is neither there nor not there.
    public static Truth Of(in Answer answer, bool holds) => answer.IsUnrecorded ? Truth.Unknown : Of(holds);

    public static Truth Of(bool holds) => holds ? Truth.True : Truth.False;

    public static Truth Not(this Truth truth) => truth switch
    {
        Truth.False => Truth.True,
        Truth.True => Truth.False,
        _ => Truth.Unknown,
    };
}
