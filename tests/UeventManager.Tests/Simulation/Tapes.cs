namespace UeventManager.Tests.Simulation;

/// <summary>From when on a world is recorded.</summary>
internal enum Tapes
{
    /// <summary>Never.</summary>
    None,

    /// <summary>From before anything happens.</summary>
    FromTheBeginning,

    /// <summary>From when half of it has happened, as <c>record --daemon</c> does.</summary>
    FromTheMiddle,
}
