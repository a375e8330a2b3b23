using UeventManager.Client;
using UeventManager.Fleet;

namespace UeventManager.Nats.Bridge;

/// <summary>Collects messages: one for each subject, whatever happens to the subject.</summary>
/// <param name="host">The host's name.</param>
internal sealed class MessageDraft(string host)
{
    private readonly Dictionary<string, Entry> _bySubject = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [];

    /// <summary>Adds a device that exists.</summary>
    public void Put(string subject, UeventDevice device, byte[] line) => Set(subject, device.DevPath, UeventJson.Write(device), line);

    /// <summary>Adds a device that is gone from its subject.</summary>
    public void Gone(string subject, string devpath, byte[]? line) => Set(subject, devpath, null, line);

    /// <summary>The messages, in the order in which their subjects were added.</summary>
    /// <param name="cursor">The daemon's cursor after all of them.</param>
    /// <param name="gap">Why the state was read; null if it was not.</param>
    /// <param name="id">The transaction's id, if there are several messages.</param>
    /// <param name="idOf">Returns the id of a message.</param>
    public IReadOnlyList<OutMessage> ToMessages(string cursor, string? gap, string id, Func<int, string> idOf) =>
        [.. _entries.Select((one, index) => new OutMessage(one.Subject, one.Payload(), $"{FleetSubjects.Encode(host)}:{idOf(index + 1)}")
        {
            Device = one.Device,
            DevPath = one.DevPath,
            Cursor = cursor,
            Gap = gap,
            Part = _entries.Count > 1 ? new TransactionPart(id, index + 1, _entries.Count) : null,
        })];

    private void Set(string subject, string devpath, byte[]? device, byte[]? line)
    {
        if (!_bySubject.TryGetValue(subject, out Entry? entry))
        {
            entry = new Entry(subject);
            _bySubject.Add(subject, entry);
            _entries.Add(entry);
        }
        (entry.Device, entry.DevPath) = (device, devpath);
        if (line is not null)
            entry.Lines.Add(line);
    }

    private sealed class Entry(string subject)
    {
        public string Subject { get; } = subject;

        public List<byte[]> Lines { get; } = [];

        public byte[]? Device { get; set; }

        public string DevPath { get; set; } = "";

        public byte[] Payload() => Lines is [var only] ? only : [.. Lines.SelectMany(static (line, index) => index == 0 ? line : [(byte)'\n', .. line])];
    }
}
