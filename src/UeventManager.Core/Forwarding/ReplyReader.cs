using System.Text.Json;
using UeventManager.Core.Dispatch;

namespace UeventManager.Core.Forwarding;

/// <summary>The parts of a reply.</summary>
public enum ReplyPart
{
    /// <summary>The end.</summary>
    End,

    /// <summary>Events were lost, or may have been; a state follows.</summary>
    Gap,

    /// <summary>A device of the state.</summary>
    Device,

    /// <summary>An event.</summary>
    Event,

    /// <summary>An error reply.</summary>
    Error,
}

/// <summary>Walks through a reply of <c>Subscribe</c> without allocating.</summary>
/// <param name="frame">The reply, without its NUL.</param>
/// <param name="cursor">Receives the newest cursor; unchanged if the reply has none.</param>
public ref struct ReplyReader(ReadOnlySpan<byte> frame, ByteBuffer cursor)
{
    private Utf8JsonReader _json = new(frame);
    private readonly ByteBuffer _cursor = cursor;
    private Place _place;

    private enum Place : byte
    {
        Start,
        Reply,
        Parameters,
        State,
        Events,
    }

    /// <summary>True at the end of a complete state.</summary>
    public bool IsReady { get; private set; }

    /// <summary>True if the reply has a part of a state, even an empty one.</summary>
    public bool HasState { get; private set; }

    /// <summary>The reason of a gap.</summary>
    public string? GapReason { get; private set; }

    /// <summary>Moves to the next part.</summary>
    /// <param name="into">Receives an event or a device.</param>
    /// <exception cref="JsonException">It is not a reply.</exception>
    public ReplyPart Next(ForwardedEvent into)
    {
        while (_json.Read())
        {
            switch (_place)
            {
                case Place.Start when _json.TokenType == JsonTokenType.StartObject:
                    _place = Place.Reply;
                    break;
                case Place.Reply when _json.TokenType == JsonTokenType.PropertyName:
                    if (_json.ValueTextEquals("error"u8))
                        return ReplyPart.Error;
                    if (!_json.ValueTextEquals("parameters"u8))
                        _json.Skip();
                    else if (Begins(JsonTokenType.StartObject))
                        _place = Place.Parameters;
                    break;
                case Place.Parameters when _json.TokenType == JsonTokenType.PropertyName:
                    if (ReadParameter() is { } part)
                        return part;
                    break;
                case Place.Parameters when _json.TokenType == JsonTokenType.EndObject:
                    _place = Place.Reply;
                    break;
                case Place.State when _json.TokenType == JsonTokenType.StartObject:
                    into.ReadDevice(ref _json);
                    return ReplyPart.Device;
                case Place.Events when _json.TokenType == JsonTokenType.StartObject:
                    into.ReadEvent(ref _json, _cursor);
                    return ReplyPart.Event;
                case Place.State or Place.Events when _json.TokenType == JsonTokenType.EndArray:
                    _place = Place.Parameters;
                    break;
                case Place.Start:
                    throw new JsonException("it is not an object");
            }
        }
        return ReplyPart.End;
    }

    private ReplyPart? ReadParameter()
    {
        if (_json.ValueTextEquals("events"u8))
        {
            _place = Begins(JsonTokenType.StartArray) ? Place.Events : Place.Parameters;
        }
        else if (_json.ValueTextEquals("cursor"u8))
        {
            _json.Read();
            if (_json.TokenType == JsonTokenType.String)
            {
                _cursor.Clear();
                ForwardedEvent.Copy(ref _json, _cursor);
            }
        }
        else if (_json.ValueTextEquals("state"u8))
        {
            HasState = Begins(JsonTokenType.StartArray);
            _place = HasState ? Place.State : Place.Parameters;
        }
        else if (_json.ValueTextEquals("ready"u8))
        {
            IsReady = _json.Read() && _json.TokenType == JsonTokenType.True;
        }
        else if (_json.ValueTextEquals("gap"u8))
        {
            return ReadGap() ? ReplyPart.Gap : null;
        }
        else
        {
            _json.Skip();
        }
        return null;
    }

    private bool ReadGap()
    {
        if (!Begins(JsonTokenType.StartObject))
            return false;
        GapReason = "";
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("reason"u8) && _json.Read())
                GapReason = _json.GetString() ?? "";
            else
                _json.Skip();
        }
        return true;
    }

    // True if the value of the present member has this kind; otherwise the value is skipped.
    private bool Begins(JsonTokenType kind)
    {
        if (_json.TokenType == JsonTokenType.PropertyName)
            _json.Read();
        if (_json.TokenType == kind)
            return true;
        _json.Skip();
        return false;
    }
}
