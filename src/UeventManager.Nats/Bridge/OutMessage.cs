using System.Globalization;
using NATS.Client.Core;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>A message that is to be published.</summary>
/// <param name="Subject">Where.</param>
/// <param name="Payload">Lines of JSON; may be empty.</param>
/// <param name="Id">By which the server knows one that it has.</param>
internal sealed record OutMessage(string Subject, ReadOnlyMemory<byte> Payload, string Id)
{
    /// <summary>The device as it is listed then; null if it is gone from the subject.</summary>
    public byte[]? Device { get; init; }

    /// <summary>The device's devpath.</summary>
    public string DevPath { get; init; } = "";

    /// <summary>The daemon's cursor behind it.</summary>
    public string? Cursor { get; init; }

    /// <summary>Why the state was read again, if it was.</summary>
    public string? Gap { get; init; }

    /// <summary>The transaction that it belongs to.</summary>
    public TransactionPart? Part { get; init; }

    /// <summary>Its headers.</summary>
    /// <param name="after">The daemon's cursor before all that is sent together.</param>
    /// <param name="boot">The boot of the host.</param>
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
