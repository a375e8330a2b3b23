using System.Runtime.InteropServices;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;

namespace UeventManager.Core.Recording;

/// <summary>A 64-bit digest of a command: two commands that differ collide with a chance of 2^-64. It is not cryptographic.</summary>
public ref struct CommandDigest
{
    // Odd constants without a pattern, taken from wyhash.
    private const ulong First = 0xa0761d6478bd642f;
    private const ulong Second = 0xe7037ed1a0b428db;

    private ulong _state;

    /// <summary>Computes the digest of a command.</summary>
    public static ulong Of(in EngineCommand command)
    {
        var digest = new CommandDigest { _state = First };
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
        return digest._state;
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
        Text(told.OldDevPath);
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

    private void Number(long value)
    {
        var high = Math.BigMul(_state ^ Second, (ulong)value ^ First, out var low);
        _state = high ^ low ^ (ulong)value;
    }

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number(bytes.Length);
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var at = 0;
        for (; at + 1 < words.Length; at += 2)
        {
            var high = Math.BigMul(words[at] ^ Second, words[at + 1] ^ _state, out var low);
            _state = high ^ low ^ words[at];
        }
        if (at < words.Length)
            Number((long)words[at]);
        ulong last = 0;
        foreach (var one in bytes[(words.Length * 8)..])
            last = (last << 8) | one;
        Number((long)last);
    }
}
