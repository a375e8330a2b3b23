using System.Text.Json;
using UeventManager.Core.Dispatch;

namespace UeventManager.Core.Forwarding;

/// <summary>What comes next in a reply.</summary>
public enum ReplyPart
{
    /// <summary>Nothing more.</summary>
    End,

    /// <summary>Events were lost, or may have been: a state follows.</summary>
    Gap,

    /// <summary>A device of the state.</summary>
    Device,

    /// <summary>An event.</summary>
    Event,

    /// <summary>The daemon refused: the reply is an error.</summary>
    Error,
}

/// <summary>Walks a reply of <c>Subscribe</c> without making anything of it.</summary>
/// <param name="frame">The reply, without its NUL.</param>
/// <param name="cursor">Takes the newest cursor of it; stays as it is where it tells none.</param>
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

    /// <summary>At the end: true if the state is complete.</summary>
    public bool IsReady { get; private set; }

    /// <summary>True if a part of a state was there, however empty.</summary>
    public bool HasState { get; private set; }

    /// <summary>Of a gap its reason.</summary>
    public string? GapReason { get; private set; }

    /// <summary>Goes on.</summary>
    /// <param name="into">Takes an event or a device.</param>
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

    // Whether the value of the name at which it stands is of a kind; of another one it goes behind the value.
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
