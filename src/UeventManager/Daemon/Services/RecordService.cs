using System.Runtime.InteropServices;
using System.Text.Json;
using UeventManager.Core.Recording;
using UeventManager.Core.Snapshots;
using UeventManager.Daemon.Edge;
using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>
/// The methods that record the engine's inputs, only for <see cref="ControlAccess"/>, because a recording contains all devices' values.
/// </summary>
internal sealed class RecordService(Pipeline pipeline, DaemonLog log, Action<Action> post)
{
    private const string Name = "org.ueventmanager.Control";

    // The default limit of a recording's inputs, in bytes.
    private const long MostBytes = 1L << 30;
    private const int LastMsec = 1_000;

    private VarlinkCall? _call;
    private TapeRecorder? _recorder;
    private long _untilUsec = long.MaxValue;

    /// <summary>When <see cref="Turn"/> must be called; <see cref="long.MaxValue"/> if nothing is due.</summary>
    public long NextDueUsec => _call is null ? long.MaxValue : _untilUsec;

    /// <summary>Registers the methods.</summary>
    public void Register(VarlinkDispatcher dispatcher, ReadyGate gate)
    {
        dispatcher.Handle($"{Name}.Record", gate.WhenOpen(Record), VarlinkMethodFlags.Privileged | VarlinkMethodFlags.RequiresMore);
        dispatcher.Handle($"{Name}.EndRecording", gate.WhenOpen(EndRecording), VarlinkMethodFlags.Privileged);
    }

    /// <summary>Begins a waiting recording, and ends one at its deadline.</summary>
    public void Turn(long nowUsec)
    {
        if (_call is null)
            return;
        // A reconciliation under way would be lost.
        if (_recorder is null && !pipeline.Engine.IsReconciling)
            Begin(_call, nowUsec);
        if (nowUsec >= _untilUsec)
            End();
    }

    /// <summary>Called at the end of a turn of the engine's thread.</summary>
    /// <param name="rests">True if nothing is to be done at once.</param>
    public void Rest(bool rests) => _recorder?.Flush(rests);

    /// <summary>Ends a recording because the daemon ends.</summary>
    public void Stop() => _recorder?.CutOff("the daemon ended", LastMsec);

    private void Record(VarlinkCall call)
    {
        if (_call is not null)
        {
            call.Error($"{Name}.AlreadyRecording");
            return;
        }
        (_call, _untilUsec) = (call, long.MaxValue);
        call.Closed = () => Gone(call);
    }

    private void Begin(VarlinkCall call, long nowUsec)
    {
        var parameters = call.Parameters;
        var mostBytes = Number(parameters, "maxBytes") ?? MostBytes;
        if (Number(parameters, "forUsec") is { } usec)
            _untilUsec = nowUsec + Math.Min(usec, long.MaxValue / 4);
        var recorder = new TapeRecorder(call.Duplicate(), Header(nowUsec), mostBytes, last => post(() => Ended(call, last)));
        try
        {
            pipeline.Record(recorder);
            _recorder = recorder;
            log.Records(call.Peer.Uid);
        }
        catch (SnapshotException e)
        {
            recorder.Discard();
            (_call, _recorder) = (null, null);
            call.Attempt(() => call.Error($"{Name}.NoRecording", VarlinkError.Parameter("reason", e.Message)));
        }
    }

    private void EndRecording(VarlinkCall call)
    {
        var isRecording = _call is not null;
        if (_recorder is null && _call is { } waiting)
        {
            _call = null;
            waiting.Attempt(() => waiting.Reply("{\"lines\":[]}"u8));
        }
        End();
        call.Reply(isRecording ? "{\"recorded\":true}"u8 : "{\"recorded\":false}"u8);
    }

    // The last lines are sent before another recording may begin.
    private void End()
    {
        _untilUsec = long.MaxValue;
        _recorder?.End(null);
    }

    private void Gone(VarlinkCall call)
    {
        if (_call != call)
            return;
        if (_recorder is { } recorder)
            recorder.Abandon();
        else
            _call = null;
    }

    private void Ended(VarlinkCall call, ReadOnlyMemory<byte> last)
    {
        (_call, _recorder, _untilUsec) = (null, null, long.MaxValue);
        log.RecordsNoMore();
        // Gives back the recorder's memory: a daemon without work would not collect it for a long time.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        if (!call.IsFinished && last.Length > 0)
            call.Attempt(() => call.Reply(last.Span));
    }

    private static byte[] Header(long nowUsec) => new RecordingWriter(null).Header(new RecordingHeader
    {
        IsOfDaemon = true,
        Kernel = KernelRelease.Text,
        Machine = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant(),
        Program = $"uevent-manager {StatusWriter.Version}",
        HasValues = true,
        Depth = 1,
        AtUsec = nowUsec,
        RealtimeUsec = Realtime.NowUsec,
    }).ToArray();

    private static long? Number(JsonElement parameters, string name) =>
        parameters.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
