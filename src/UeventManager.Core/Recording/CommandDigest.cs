using System.Runtime.InteropServices;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>A 64-bit digest of a command: two commands that differ collide with a chance of 2^-64. It is not cryptographic.</summary>
public ref struct CommandDigest
{
    private FastDigest _sum;

    /// <summary>Computes the digest of a command.</summary>
    public static ulong Of(in EngineCommand command)
    {
        var digest = new CommandDigest();
        digest.Number((long)command.Kind);
        digest.Number(command.Device?.Id ?? -1);
        digest.Number(command.Number);
        digest.Number((long)command.Incident);
        if (command.Event is { } told)
            digest.Event(told);
        if (command.Look is { } look)
            digest.Asked(look);
        digest.Texts(command.Missing);
        digest.Text(command.Rule?.Name);
        digest.Bytes(command.Path);
        return digest._sum.Value;
    }

    private void Event(PendingEvent told)
    {
        Number((long)told.Action);
        Number(told.Seqnum);
        Number(told.ArrivedUsec);
        Number((told.Synthetic ? 1 : 0) | (told.ChangesAttributes ? 2 : 0) | (told.CarriesTooMany ? 4 : 0) | (told.EndsTransaction ? 8 : 0));
        Bytes(told.Path.Span);
        Bytes(told.ParentPath.Span);
        Bytes(told.OldParentPath.Span);
        Bytes(told.Properties.Span);
        Bytes(told.Own is { } own ? own.Span : default);
        Bytes(told.Before is { } before ? before.Span : default);
        Text(told.OldDevPath.IsEmpty ? null : KernelText.Decode(told.OldDevPath.Span));
        Text(told.Subsystem);
        Findings(told.Findings);
        Pairs(told.AttributesBefore);
        if (told.Transaction is { } transaction)
        {
            Number(transaction.Id);
            Number(transaction.Size);
            Number(transaction.IsPartial ? 1 : 0);
        }
        foreach (var carried in told.Carried ?? [])
        {
            Number(carried.Device.Id);
            Event(carried.Event);
        }
    }

    private void Findings(Findings findings)
    {
        if (ReferenceEquals(findings, Ordering.Findings.None))
        {
            Number(1);
            return;
        }
        Number(findings.Settled ? 1 : 0);
        Text(findings.Rule);
        Texts(findings.Missing);
        Pairs(findings.Attributes);
        Pairs(findings.Links);
    }

    private void Asked(Look look)
    {
        Number((long)look.Purpose);
        Number(look.MustVerifyDirectory ? 1 : 0);
        foreach (var query in look.Ask)
        {
            Number((long)query.Kind);
            Text(query.Path);
        }
    }

    private void Pairs(IReadOnlyList<KeyValuePair<string, string>>? pairs)
    {
        Number(pairs?.Count ?? -1);
        foreach (var (key, value) in pairs ?? [])
        {
            Text(key);
            Text(value);
        }
    }

    private void Texts(IReadOnlyList<string>? texts)
    {
        Number(texts?.Count ?? -1);
        for (var i = 0; i < texts?.Count; i++)
            Text(texts[i]);
    }

    private void Text(string? text)
    {
        if (text is null)
            Number(-1);
        else
            Bytes(MemoryMarshal.AsBytes(text.AsSpan()));
    }

    private void Number(long value) => _sum.Add(value);

    private void Bytes(ReadOnlySpan<byte> bytes) => _sum.Add(bytes);
}
