using UeventManager.Core.Ordering;
using UeventManager.Core.Reconcile;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

// Gives the recorded inputs to the engine.
public sealed partial class TapeReplay
{
    private void Step(TapeKind kind, ref TapeReader from)
    {
        switch (kind)
        {
            case TapeKind.Wakeup:
                Engine.BeginWakeup();
                return;
            case TapeKind.Realtime:
                Engine.RealtimeUsec = from.Number();
                return;
            case TapeKind.SentSince:
                Engine.SentSince(from.Number(), from.Number());
                return;
            case TapeKind.HandedOn:
                HandedOn(ref from);
                return;
            case TapeKind.ListensToUdev:
                Engine.ListenToUdev(from.Flag());
                break;
            case TapeKind.Reconciles:
                Say("a reconciliation began");
                Engine.Reconcile();
                break;
            default:
                _nowUsec = from.Count();
                StepAt(kind, ref from);
                return;
        }
        _driver.CarryOut();
    }

    private void StepAt(TapeKind kind, ref TapeReader from)
    {
        switch (kind)
        {
            case TapeKind.Uevent:
                Uevent(ref from);
                break;
            case TapeKind.UdevSaid:
                UdevSaid(ref from);
                break;
            case TapeKind.UdevLost:
                Say("broadcasts of udevd were lost");
                Engine.UdevLost(_nowUsec);
                break;
            case TapeKind.Answered:
                Answered(ref from);
                return;
            case TapeKind.ReadReturned when Device(ref from, "a read returned") is { } device:
                Engine.ReadReturned(device, _nowUsec);
                break;
            case TapeKind.ReleasedByHand when Device(ref from, "released by hand") is { } device:
                _ = Engine.ReleaseByHand(device, _nowUsec);
                break;
            case TapeKind.ReadReturned or TapeKind.ReleasedByHand:
                break;
            case TapeKind.Drained:
                Say("the socket was drained");
                Engine.Drained(from.Number(), _nowUsec);
                break;
            case TapeKind.Timer:
                Say("a timer was due");
                Engine.Timer(_nowUsec);
                break;
            case TapeKind.Resumed:
                Say("the recording began");
                Engine.Resume(_nowUsec);
                break;
            case TapeKind.Overrun:
                Say("uevents were lost");
                Engine.Overrun(from.Number(), _nowUsec);
                break;
            case TapeKind.Scanned:
                Scanned(ref from);
                break;
            case TapeKind.ScanEnded:
                Say("a scan ended");
                Engine.ScanEnded(from.Number(), _nowUsec, from.Flag());
                break;
            case TapeKind.Doubted:
                // This gives no commands, and another input follows.
                Engine.RescanSoon(_nowUsec);
                return;
            case TapeKind.RulesReplaced:
                Say("other rules were put in force");
                Engine.ReplaceRules(NextRules ?? throw new FormatException("the rules that were put in force are missing"), _nowUsec);
                break;
            default:
                throw TapeReader.Broken();
        }
        _driver.CarryOut();
    }

    // The engine keeps parts of the uevent until the wake-up ends, longer than the caller's buffer lives.
    private void Uevent(ref TapeReader from)
    {
        var flags = from.Number(0, 7);
        var subsystem = from.Bytes().ToArray();
        var datagram = from.Bytes().ToArray();
        if (UeventParser.TryParse(datagram, out var uevent) != UeventRejection.None)
            throw TapeReader.Broken();
        Say($"uevent {uevent.Action.Text()} {KernelText.Decode(uevent.DevPath)}, SEQNUM {uevent.Seqnum}");
        Engine.Step(uevent with { Subsystem = subsystem }, (flags & 1) != 0, _nowUsec, (flags & 2) != 0, (flags & 4) != 0);
    }

    private void UdevSaid(ref TapeReader from)
    {
        var (action, seqnum, flags) = ((UeventAction)from.Number(0, (int)UeventAction.Unbind), from.Number(), from.Number(0, 3));
        var message = new UdevMessage
        {
            Action = action,
            Seqnum = seqnum,
            IsForwarded = (flags & 1) != 0,
            WorkerFailed = (flags & 2) != 0,
            DevPath = from.Bytes(),
            Subsystem = from.Bytes(),
            Properties = from.Bytes(),
        };
        Say($"udevd broadcast {action.Text()} {KernelText.Decode(message.DevPath)}, SEQNUM {seqnum}");
        Engine.UdevSaid(message, _nowUsec);
    }

    private void Answered(ref TapeReader from)
    {
        var id = from.Number();
        var isWanted = from.Flag();
        if (!_looks.Remove(id, out var look))
            throw new FormatException($"look {id} was answered, but the engine has not requested it");
        Say($"look {id} at {look.Device.DevPath} was answered");
        if (isWanted)
            Fill(look, ref from);
        if (_askedUsec.Remove(id, out var asked) && isWanted && look.WentToWorker)
            Memory?.TakeRead(look.Device, string.Join(", ", look.Ask.Where(static query => query.MayBlock).Select(static query => query.Path)), asked, _nowUsec);
        _driver.TakeAnswer(look, id);
    }

    private void HandedOn(ref TapeReader from)
    {
        var id = from.Number();
        if (!_looks.TryGetValue(id, out var look) || look.Id != id)
            throw new FormatException($"look {id} was handed on, but the engine has not requested it");
        Fill(look, ref from);
    }

    private static void Fill(Look look, ref TapeReader from)
    {
        look.Instance = from.Instance();
        look.Errno = from.Number(0, int.MaxValue);
        look.WentToWorker = from.Flag();
        for (var i = from.Number(0, short.MaxValue); i > 0; i--)
        {
            var answer = TapeAnswer.Read(ref from, look.Ask, out var query);
            look.Sheet.Put(query.Slot, answer);
        }
    }

    private void Scanned(ref TapeReader from)
    {
        var scan = from.Number();
        var found = new List<ScannedDevice>();
        for (var i = from.Number(0, int.MaxValue); i > 0; i--)
        {
            var (path, subsystem, instance) = (from.Bytes().ToArray(), from.Text() ?? "", from.Instance());
            var isBus = from.Flag();
            found.Add(new ScannedDevice(path, subsystem, instance, from.Bytes().ToArray(), isBus));
        }
        Say($"a scan found {found.Count} devices");
        Engine.Scanned(scan, found, _nowUsec);
    }

    private Device? Device(ref TapeReader from, string what)
    {
        var id = from.Number();
        var path = from.Bytes();
        Say($"{what}: {KernelText.Decode(path)}");
        return Engine.Devices.Find(path) is { } device && device.Id == id ? device : null;
    }
}
