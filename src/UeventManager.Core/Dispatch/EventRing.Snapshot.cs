using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <content>The hand-over of the events to the next run of the daemon.</content>
public sealed partial class EventRing
{
    internal void Save(SnapshotWriter to)
    {
        to.Number(First);
        to.Number(Next);
        for (var number = First; number < Next; number++)
        {
            to.Bytes(this[number]);
            var tag = TagOf(number);
            to.Text(tag.Subsystem);
            to.Text(tag.DevType);
            to.Number((long)tag.Action);
            to.Bytes(NotesOf(number));
        }
    }

    internal void Restore(SnapshotReader from)
    {
        First = from.Count();
        Next = First;
        var next = from.Count();
        if (First < 1 || next < First || next - First > maxEvents)
            throw new SnapshotException("the ring has different bounds");
        var buffer = new ArrayBufferWriter<byte>(4096);
        var text = new EventText { OnlyChecks = true };
        while (Next < next)
        {
            buffer.ResetWrittenCount();
            buffer.Write(from.Bytes());
            var tag = new EventTag(from.KnownText(), from.KnownText(), (UeventAction)from.Number(0, (int)UeventAction.Unbind));
            var notes = from.Bytes();
            if (buffer.WrittenCount + notes.Length > maxBytes)
                throw new SnapshotException("an event is longer than the ring");
            Check(text, buffer.WrittenSpan, notes);
            Append(buffer.WrittenSpan, tag, notes);
        }
    }

    // The text is sent to subscribers unchanged, between other frames, and a replay parses it again.
    private static void Check(EventText text, ReadOnlySpan<byte> events, ReadOnlySpan<byte> noted)
    {
        if (events.IsEmpty || !Utf8.IsValid(events))
            throw new SnapshotException("an event is empty or not UTF-8");
        var notes = new EventNotes(noted);
        try
        {
            for (var rest = events; !rest.IsEmpty; rest = events)
            {
                text.TryRead(ref events, out var one);
                var isLast = one.Length == rest.Length;
                if (one is not [(byte)'{', .., (byte)'}'] || !text.IsWhole || isLast != events.IsEmpty || (!isLast && rest[one.Length] != ','))
                    throw new SnapshotException("an event is malformed");
                notes.MoveNext();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            throw new SnapshotException($"an event is malformed: {e.Message}");
        }
        if (!notes.IsAtEnd)
            throw new SnapshotException("there are more notes than events");
    }
}
