using System.Buffers;
using UeventManager.Core.Snapshots;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <content>How the next run of the daemon comes to the events of this one.</content>
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
        First = from.Number();
        Next = First;
        var next = from.Number();
        if (First < 1 || next < First || next - First > maxEvents)
            throw new SnapshotException("the ring has other bounds");
        var buffer = new ArrayBufferWriter<byte>(4096);
        while (Next < next)
        {
            buffer.ResetWrittenCount();
            buffer.Write(from.Bytes());
            var tag = new EventTag(from.KnownText(), from.KnownText(), (UeventAction)from.Number(0, (int)UeventAction.Unbind));
            var notes = from.Bytes();
            if (buffer.WrittenCount + notes.Length > maxBytes)
                throw new SnapshotException("an event is longer than the ring");
            Append(buffer.WrittenSpan, tag, notes);
        }
    }
}
