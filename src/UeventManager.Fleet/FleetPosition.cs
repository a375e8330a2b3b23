using System.Globalization;

namespace UeventManager.Fleet;

/// <summary>
/// A place of the stream at which a consumer goes on. While messages of a transaction are on their way that others overtake, it is two places: up to where everything was
/// seen, and from where what is not whole yet must be read again.
/// </summary>
/// <param name="Sequence">The newest message that was taken.</param>
/// <param name="OpenFrom">What is behind this one was seen too, but may belong to a transaction that was not whole; the same place if none was open.</param>
public readonly record struct FleetPosition(ulong Sequence, ulong OpenFrom)
{
    /// <summary>A place at which nothing was open.</summary>
    /// <param name="sequence">The newest message that was taken.</param>
    public FleetPosition(ulong sequence)
        : this(sequence, sequence)
    {
    }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The place; null if it is none.</returns>
    public static FleetPosition? TryParse(string? text) => text?.Split('-') switch
    {
        [var one] when ulong.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out ulong sequence) => new FleetPosition(sequence),
        [var one, var other] when ulong.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out ulong sequence)
            && ulong.TryParse(other, NumberStyles.None, CultureInfo.InvariantCulture, out ulong open) && open <= sequence => new FleetPosition(sequence, open),
        _ => null,
    };

    /// <summary>A short text, to be kept.</summary>
    /// <returns><c>103</c>, or <c>103-99</c>.</returns>
    public override string ToString() => OpenFrom == Sequence
        ? Sequence.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Sequence}-{OpenFrom}");
}
