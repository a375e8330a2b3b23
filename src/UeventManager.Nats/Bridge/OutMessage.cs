using System.Globalization;
using NATS.Client.Core;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>A message to publish.</summary>
/// <param name="Subject">The subject.</param>
/// <param name="Payload">Lines of JSON; may be empty.</param>
/// <param name="Id">The id by which the server recognises a duplicate.</param>
internal sealed record OutMessage(string Subject, ReadOnlyMemory<byte> Payload, string Id)
{
    /// <summary>The device after the message, as it is listed; null if it is gone from the subject.</summary>
    public byte[]? Device { get; init; }

    /// <summary>The device's devpath.</summary>
    public string DevPath { get; init; } = "";

    /// <summary>The daemon's cursor after the message.</summary>
    public string? Cursor { get; init; }

    /// <summary>Why the state was read again; null if it was not.</summary>
    public string? Gap { get; init; }

    /// <summary>The message's place in a transaction.</summary>
    public TransactionPart? Part { get; init; }

    /// <summary>Makes the message's headers.</summary>
    /// <param name="after">The daemon's cursor before everything that is sent together.</param>
    /// <param name="boot">The host's boot id.</param>
    /// <param name="expected">The sequence of the subject's newest message.</param>
    public NatsHeaders Headers(string? after, string boot, ulong expected)
    {
        var headers = new NatsHeaders
        {
            [FleetHeaders.ExpectedLast] = expected.ToString(CultureInfo.InvariantCulture),
            [FleetHeaders.MessageId] = Id,
            [FleetHeaders.Boot] = boot,
        };
        if (Cursor is not null)
            headers[FleetHeaders.Cursor] = Cursor;
        if (after is not null)
            headers[FleetHeaders.After] = after;
        if (Gap is not null)
            headers[FleetHeaders.Gap] = Gap;
        if (Part is not null)
            headers[FleetHeaders.Transaction] = Part.ToString();
        if (Device is null)
            headers[FleetHeaders.Gone] = "1";
        return headers;
    }
}
