using System.Globalization;

namespace UeventManager.Fleet;

/// <summary>
/// A place in the stream at which a consumer continues. While other messages overtake an unfinished transaction, the place has two parts: the newest
/// message that was taken, and the message after which reading starts again to complete the transaction.
/// </summary>
/// <param name="Sequence">The newest message that was taken.</param>
/// <param name="OpenFrom">Messages after this one were taken too, but may belong to an unfinished transaction; equal to <paramref name="Sequence"/>
/// if none was open.</param>
public readonly record struct FleetPosition(ulong Sequence, ulong OpenFrom)
{
    /// <summary>A place without an unfinished transaction.</summary>
    /// <param name="sequence">The newest message that was taken.</param>
    public FleetPosition(ulong sequence)
        : this(sequence, sequence)
    {
    }

    /// <summary>Reads the text that <see cref="ToString"/> writes.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The place; null if the text is not one.</returns>
    public static FleetPosition? TryParse(string? text) => text?.Split('-') switch
    {
        [var one] when ulong.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out ulong sequence) => new FleetPosition(sequence),
        [var one, var other] when ulong.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out ulong sequence)
            && ulong.TryParse(other, NumberStyles.None, CultureInfo.InvariantCulture, out ulong open) && open <= sequence => new FleetPosition(sequence, open),
        _ => null,
    };

    /// <summary>A short text to store.</summary>
    /// <returns><c>103</c>, or <c>103-99</c>.</returns>
    public override string ToString() => OpenFrom == Sequence
        ? Sequence.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Sequence}-{OpenFrom}");
}
