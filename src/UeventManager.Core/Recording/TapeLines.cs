using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using UeventManager.Core.Engine;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>
/// Writes frames of a <see cref="TapeWriter"/> as lines of a recording and reads them back: a uevent as in any recording, every other input as
/// <c>input</c>, each with the engine's commands. Frames between two inputs (a wake-up, the wall clock) are written with the later input. Each line
/// ends with its digest in a <see cref="LineChain"/>.
/// </summary>
public sealed partial class TapeLines
{
    private static readonly string[] Names = [.. Enum.GetValues<TapeKind>().Select(static kind => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()))];
    private static readonly byte[][] Utf8Names = [.. Names.Select(Encoding.UTF8.GetBytes)];
    private static readonly byte[][] Commands = [.. Enum.GetValues<CommandKind>().Select(static kind => Encoding.UTF8.GetBytes(kind.ToString().ToLowerInvariant()))];

    private readonly TapeWriter _before = new();
    private readonly ArrayBufferWriter<byte> _line = new(4096);
    private readonly LineChain _chain = new();
    private readonly IBufferWriter<byte> _to;

    /// <param name="to">Receives the lines.</param>
    /// <param name="header">The line before them, without its line feed.</param>
    public TapeLines(IBufferWriter<byte> to, ReadOnlySpan<byte> header)
    {
        _to = to;
        _chain.Begin(header);
    }

    /// <summary>Called before each line.</summary>
    public Action? Beginning { get; set; }

    /// <summary>Writes complete frames.</summary>
    public void Write(ReadOnlySpan<byte> frames)
    {
        while (TapeReader.TryTake(ref frames, out var kind, out var frame))
            Write(kind, frame);
        Close();
    }

    private void Write(TapeKind kind, ReadOnlySpan<byte> frame)
    {
        if (kind == TapeKind.Gave)
        {
            Gave(frame);
            return;
        }
        Close();
        if (kind is TapeKind.Wakeup or TapeKind.Realtime or TapeKind.SentSince)
        {
            _before.Begin(kind);
            _before.Raw(frame);
            _before.End();
            return;
        }
        var from = new TapeReader(frame);
        if (kind >= TapeKind.Rules)
        {
            Aside(kind, ref from);
            return;
        }
        var usec = kind is TapeKind.ListensToUdev or TapeKind.Reconciles or TapeKind.HandedOn ? 0 : from.Number();
        if (kind == TapeKind.Uevent)
        {
            Uevent(usec, ref from);
        }
        else
        {
            Text("{\"kind\":\"input\",\"atUsec\":"u8);
            Number(usec);
            Text(",\"input\":\""u8);
            Text(Utf8Names[(int)kind - 1]);
            Text("\",\"data\":\""u8);
            Base64(frame);
            Text("\""u8);
        }
        if (_before.Length == 0)
            return;
        Text(",\"before\":\""u8);
        Base64(_before.Written);
        Text("\""u8);
        _before.Clear();
    }

    private void Uevent(long usec, ref TapeReader from)
    {
        var flags = from.Number(0, 7);
        var subsystem = from.Bytes();
        var datagram = from.Bytes();
        Text("{\"kind\":\"uevent\",\"atUsec\":"u8);
        Number(usec);
        Text((flags & 1) != 0 ? ",\"isDevice\":true"u8 : ",\"isDevice\":false"u8);
        Text((flags & 2) != 0 ? ",\"isBus\":true"u8 : default);
        Text((flags & 4) != 0 ? ",\"isContested\":true"u8 : default);
        if (UeventParser.TryParse(datagram, out var uevent) != UeventRejection.None || !uevent.Subsystem.SequenceEqual(subsystem))
        {
            Text(",\"ofLink\":\""u8);
            Base64(subsystem);
            Text("\""u8);
        }
        Text(",\"bytes\":\""u8);
        Base64(datagram);
        Text("\""u8);
    }

    // Frames that are not inputs of the engine.
    private void Aside(TapeKind kind, ref TapeReader from)
    {
        switch (kind)
        {
            case TapeKind.Rules:
                Text("{\"kind\":\"rules\",\"files\":["u8);
                for (var left = from.Number(0, int.MaxValue); left > 0; left--)
                {
                    Text("{\"file\":"u8);
                    Quoted(from.Text());
                    Text(",\"text\":"u8);
                    Quoted(from.Text());
                    Text(left > 1 ? "},"u8 : "}"u8);
                }
                Text("]"u8);
                break;
            case TapeKind.State:
                Text("{\"kind\":\"state\",\"atUsec\":"u8);
                Number(from.Number());
                Text(from.Flag() ? ",\"more\":true,\"data\":\""u8 : ",\"data\":\""u8);
                Base64(from.Bytes());
                Text("\""u8);
                break;
            case TapeKind.Told:
                Text("{\"kind\":\"told\",\"events\":["u8);
                Text(from.Bytes());
                Text("]"u8);
                break;
            default:
                Text("{\"kind\":\"end\",\"atUsec\":"u8);
                Number(from.Number());
                if (from.Text() is { } why)
                {
                    Text(",\"why\":"u8);
                    Quoted(why);
                }
                break;
        }
    }

    private void Quoted(string? text)
    {
        Text("\""u8);
        Text(JsonEncodedText.Encode(text ?? "").EncodedUtf8Bytes);
        Text("\""u8);
    }

    private void Gave(ReadOnlySpan<byte> frame)
    {
        var from = new TapeReader(frame);
        Text(",\"gave\":["u8);
        for (var left = from.Number(1, int.MaxValue); left > 0; left--)
        {
            Text("\""u8);
            Text(Commands[from.Number(0, Commands.Length - 1)]);
            Text(" "u8);
            Number(from.Number());
            Text(" "u8);
            Number(from.Number());
            Text(" "u8);
            Hex(from.Fixed());
            Text(left > 1 ? "\","u8 : "\""u8);
        }
        Text("]"u8);
    }

    private void Close()
    {
        if (_line.WrittenCount == 0)
            return;
        Beginning?.Invoke();
        _to.Write(_line.WrittenSpan);
        Span<byte> end = stackalloc byte[LineChain.Length + 1];
        _chain.Close(_line.WrittenSpan, end);
        end[^1] = (byte)'\n';
        _to.Write(end);
        _line.ResetWrittenCount();
    }

    private void Text(ReadOnlySpan<byte> text) => _line.Write(text);

    private void Number(long value)
    {
        _ = Utf8Formatter.TryFormat(value, _line.GetSpan(20), out var written);
        _line.Advance(written);
    }

    private void Hex(ulong value)
    {
        _ = Utf8Formatter.TryFormat(value, _line.GetSpan(16), out var written, new StandardFormat('x', 16));
        _line.Advance(written);
    }

    private void Base64(ReadOnlySpan<byte> bytes)
    {
        var space = _line.GetSpan(System.Buffers.Text.Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        _ = System.Buffers.Text.Base64.EncodeToUtf8(bytes, space, out _, out var written);
        _line.Advance(written);
    }
}
