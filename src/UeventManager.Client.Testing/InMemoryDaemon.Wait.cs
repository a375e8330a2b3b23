namespace UeventManager.Client.Testing;

// Unanswered calls of Wait.
public sealed partial class InMemoryDaemon
{
    private Task<Task> WaitAsync(InMemoryConnection connection, WaitParameters wanted)
    {
        // There is no sysfs to check conditions in, and an unchecked condition must not seem to hold.
        if (wanted.Conditions is { Count: > 0 })
        {
            connection.Send(ServerFrame.Error(ServiceName + "InvalidParameter", "parameter", "conditions: an in-memory daemon has no sysfs"));
            return Task.FromResult(Task.CompletedTask);
        }
        var wait = new PendingWait(connection, wanted);
        _waits.Add(wait);
        AnswerWaits();
        if (!wait.IsAnswered && wanted.TimeoutUsec is { } timeout)
            wait.Timer = _time.CreateTimer(_ => TimeOut(wait), null, TimeSpan.FromMicroseconds(timeout), Timeout.InfiniteTimeSpan);
        // The next call is read when this one is answered, or the client has closed.
        return Task.WhenAny(wait.Answered, connection.Closed);
    }

    private void AnswerWaits()
    {
        foreach (PendingWait wait in _waits.ToArray())
        {
            if (wait.Connection.Closed.IsCompleted)
                End(wait);
            else if (Found(wait.Wanted) is { } found)
                Answer(wait, ServerFrame.Reply(new WaitReply(found), WireJson.Default.WaitReply));
        }
    }

    // The devices of the answer; null if the wait is not fulfilled.
    private UeventDevice[]? Found(WaitParameters wanted)
    {
        UeventDevice[] all = [.. Wanted(wanted)];
        UeventDevice[] settled = [.. all.Where(d => d.Settled)];
        if (wanted.Until == "removed")
            return all.Length == 0 ? [] : null;
        return settled.Length >= Math.Max(1, wanted.Count ?? 1) ? settled : null;
    }

    private IEnumerable<UeventDevice> Wanted(WaitParameters wanted)
    {
        if (wanted.Device is not { } name)
            return _devices.Values.Where(d => FilterMatch.Wants(wanted.Filter, d, _devices.GetValueOrDefault));
        return Find(name) is { } device ? [device] : [];
    }

    private void TimeOut(PendingWait wait)
    {
        lock (_lock)
        {
            if (!wait.IsAnswered)
                Answer(wait, ServerFrame.Missing(Name + "Timeout", null, [.. Wanted(wait.Wanted).SelectMany(d => d.Missing ?? [])]));
        }
    }

    private void Answer(PendingWait wait, byte[] frame)
    {
        wait.Connection.Send(frame);
        End(wait);
    }

    private void End(PendingWait wait)
    {
        _waits.Remove(wait);
        wait.End();
    }

    private sealed class PendingWait(InMemoryConnection connection, WaitParameters wanted)
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public InMemoryConnection Connection { get; } = connection;

        public WaitParameters Wanted { get; } = wanted;

        public ITimer? Timer { get; set; }

        public Task Answered => _answered.Task;

        public bool IsAnswered => _answered.Task.IsCompleted;

        public void End()
        {
            _answered.TrySetResult();
            Timer?.Dispose();
        }
    }
}
