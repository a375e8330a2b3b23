using System.Globalization;
using Microsoft.Extensions.Primitives;
using NATS.Client.Core;

namespace UeventManager.Fleet;

/// <summary>A message of the stream.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Sequence">The place in the stream.</param>
/// <param name="Time">The time of receipt, by the server's clock.</param>
/// <param name="Payload">Lines of JSON; a lease is one line.</param>
internal sealed record FleetMessage(string Subject, ulong Sequence, DateTimeOffset Time, ReadOnlyMemory<byte> Payload)
{
    /// <summary>True if the device is removed from the subject.</summary>
    public bool IsGone { get; init; }

    /// <summary>The daemon's cursor after the message.</summary>
    public string? Cursor { get; init; }

    /// <summary>The daemon's cursor before everything that was sent together with the message.</summary>
    public string? After { get; init; }

    /// <summary>Why the state was read again; null if it was not.</summary>
    public string? Gap { get; init; }

    /// <summary>The kernel's boot id of the host.</summary>
    public string? Boot { get; init; }

    /// <summary>The place in a transaction, or null.</summary>
    public TransactionPart? Part { get; init; }

    /// <summary>The sequence of the subject's previous message; null if the header is missing.</summary>
    public ulong? Before { get; init; }

    /// <summary>The message's age by the broker's clock when reading began; zero for messages that came later.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>True for a lease.</summary>
    public bool IsLease => FleetSubjects.IsLease(Subject);

    /// <summary>True for a purge report.</summary>
    public bool IsPruned => FleetSubjects.IsPruned(Subject);

    /// <summary>True for a message about a device.</summary>
    public bool IsDevice => !IsLease && !IsPruned;

    /// <summary>Reads the headers.</summary>
    public static FleetMessage Of(string subject, ulong sequence, DateTimeOffset time, ReadOnlyMemory<byte> payload, NatsHeaders? headers) => new(subject, sequence, time, payload)
    {
        IsGone = Value(headers, FleetHeaders.Gone) is not null,
        Cursor = Value(headers, FleetHeaders.Cursor),
        After = Value(headers, FleetHeaders.After),
        Gap = Value(headers, FleetHeaders.Gap),
        Boot = Value(headers, FleetHeaders.Boot),
        Part = TransactionPart.TryParse(Value(headers, FleetHeaders.Transaction)),
        Before = ulong.TryParse(Value(headers, FleetHeaders.ExpectedLast), NumberStyles.None, CultureInfo.InvariantCulture, out ulong before) ? before : null,
    };

    private static string? Value(NatsHeaders? headers, string name) =>
        headers is not null && headers.TryGetValue(name, out StringValues values) && values.Count > 0 ? values[0] : null;
}

/// <summary>A message's place in its transaction.</summary>
/// <param name="Id">The transaction's id, unique on its host.</param>
/// <param name="Number">The message's number, from 1.</param>
/// <param name="Size">The number of messages in the transaction.</param>
internal sealed record TransactionPart(string Id, int Number, int Size)
{
    /// <summary>Reads a header's value; null if it is not valid.</summary>
    public static TransactionPart? TryParse(string? text) =>
        text?.Split(' ') is [var id, var number, var size]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int which)
        && int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out int all)
        && which >= 1 && which <= all
            ? new TransactionPart(id, which, all) : null;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} {Number} {Size}");
}
