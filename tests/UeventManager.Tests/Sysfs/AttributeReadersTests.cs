using System.Collections.Concurrent;
using System.Diagnostics;
using Tmds.Linux;
using UeventManager.Core.Rules;
using UeventManager.Sysfs;

namespace UeventManager.Tests.Sysfs;

/// <summary>G5: a read that a driver blocks delays only its own device.</summary>
public sealed class AttributeReadersTests : IDisposable
{
    private static readonly TimeSpan Deadline = TestTime.Seconds(20);
    private readonly ScratchTree _tree = new();
    private readonly SemaphoreSlim _woken = new(0);
    private readonly ConcurrentDictionary<long, ReadResult> _results = new();
    private readonly List<DeviceDirectory> _opened = [];
    private readonly SysfsQuery _value = new QueryTable().Path("value", QueryNeeds.Value);
    private readonly ConcurrentBag<ValueReader> _made = [];
    private AttributeReaders? _readers;

    [Fact]
    public void A_job_is_answered_in_its_order()
    {
        Start(1);
        var job = Job(1, fifo: false);
        var table = new QueryTable();
        Submit(job with { Queries = [table.Path("nothing", QueryNeeds.Value), table.Path("value", QueryNeeds.Value), table.Names("v*")] });
        var answers = Result(1).Answers;
        Assert.Equal([Answer.Absent, Answer.Present with { Value = "1" }, Answer.Present with { Count = 1 }], answers);
    }

    [Fact]
    public void Blocked_reads_delay_no_other_device_once_they_are_given_up()
    {
        Start(2);
        for (var i = 1; i <= 10; i++)
            Submit(Job(i, fifo: true));
        Submit(Job(11, fifo: false));
        for (var i = 1; i <= 10; i++)
            Assert.True(_readers!.Abandon(i));
        Assert.Equal("11", Result(11).Answers[0].Value);
        Assert.InRange(_readers!.Stuck.Count, 0, 10);
        Assert.Equal(0, _readers.Queued);
    }

    [Fact]
    public void A_stuck_read_is_listed_until_it_returns_and_its_result_is_thrown_away()
    {
        Start(1);
        var job = Job(1, fifo: true);
        Submit(job);
        UntilReading(1);
        Assert.True(_readers!.Abandon(1));
        var stuck = Assert.Single(_readers.Stuck);
        Assert.Equal((job.Identity.DevPath, "value"), (stuck.DevPath, stuck.Path));
        Assert.InRange(stuck.SinceUsec, 1, Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000));
        Submit(Job(2, fifo: false));
        Assert.Equal("2", Result(2).Answers[0].Value);
        job.Device.Dispose();
        // The reader holds the directory open beyond its owner, so that its number is not another file's.
        Assert.True(LibCDescriptorIsOpen(job.Device));
        File.WriteAllText(_tree.Inside(job.Identity.DevPath + "/value"), "late\n");
        Until(() => _readers.Stuck.Count == 0, "the read never returned");
        Assert.True(_readers.TryTakeReturned(out var returned));
        Assert.Equal(job.Identity.DevPath, returned);
        Assert.False(_readers.TryTakeReturned(out _));
        Submit(Job(3, fifo: false));
        Assert.Equal("3", Result(3).Answers[0].Value);
        Assert.False(_results.ContainsKey(1));
        Until(() => !LibCDescriptorIsOpen(job.Device), "the directory was never closed");
    }

    [Fact]
    public void A_job_that_was_not_started_is_withdrawn_with_its_handle()
    {
        Start(1);
        Submit(Job(1, fifo: true));
        Until(() => _readers!.Queued == 0, "the job was never begun");
        var waiting = Job(2, fifo: false);
        Submit(waiting);
        waiting.Device.Dispose();
        Assert.True(LibCDescriptorIsOpen(waiting.Device));
        Assert.True(_readers!.Abandon(2));
        Assert.False(LibCDescriptorIsOpen(waiting.Device));
        Assert.False(_readers.Abandon(2));
        Assert.Empty(_readers.Stuck);
    }

    [Fact]
    public void Beyond_the_limit_no_thread_is_added_and_a_read_that_returns_takes_its_place_again()
    {
        Start(1);
        const int All = AttributeReaders.MaxStuck + 1;
        var jobs = Enumerable.Range(1, All).Select(i => Job(i, fifo: true)).ToArray();
        foreach (var job in jobs)
        {
            Submit(job);
            UntilReading((int)job.LookId);
            Assert.True(_readers!.Abandon(job.LookId));
        }
        Assert.Equal(All, _readers!.Stuck.Count);
        Submit(Job(1000, fifo: false));
        Assert.Equal(1, _readers.Queued);
        File.WriteAllText(_tree.Inside(jobs[7].Identity.DevPath + "/value"), "late\n");
        Assert.Equal("1000", Result(1000).Answers[0].Value);
        Assert.Equal(All - 1, _readers.Stuck.Count);
    }

    [Fact]
    public void A_device_whose_read_hangs_blocks_only_one_thread_however_often_it_is_looked_at()
    {
        Start(1);
        var job = Job(1, fifo: true);
        Submit(job);
        UntilReading(1);
        Assert.True(_readers!.Abandon(1));
        for (var look = 2; look <= 100; look++)
        {
            Submit(job with { LookId = look });
            Assert.True(_readers.Abandon(look));
        }
        Assert.Single(_readers.Stuck);
        Submit(job with { LookId = 101 });
        Submit(Job(200, fifo: false));
        Assert.Equal("200", Result(200).Answers[0].Value);
        Assert.Equal(1, _readers.Queued);
        // The read returns: whoever waited behind it is asked at last.
        File.WriteAllText(_tree.Inside(job.Identity.DevPath + "/value"), "late\n");
        Until(() => _readers.Stuck.Count == 0, "the read never returned");
        File.WriteAllText(_tree.Inside(job.Identity.DevPath + "/value"), "later\n");
        Assert.Equal("later", Result(101).Answers[0].Value);
        Assert.Empty(_readers.Stuck);
    }

    [Fact]
    public void The_end_does_not_wait_for_a_stuck_read()
    {
        Start(1);
        Submit(Job(1, fifo: true));
        Submit(Job(2, fifo: false));
        _readers!.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _readers.Submit(Job(3, fifo: false)));
    }

    [Fact]
    public void Many_looks_of_many_devices_lose_no_answer()
    {
        Start(4);
        var jobs = Enumerable.Range(1, 50).Select(i => Job(i, fifo: false)).ToArray();
        for (var look = 0; look < 5000; look++)
            Submit(jobs[look % 50] with { LookId = look });
        for (var look = 0; look < 5000; look++)
            Assert.Equal($"{(look % 50) + 1}", Result(look).Answers[0].Value);
    }

    public void Dispose()
    {
        _readers?.Dispose();
        foreach (var fifo in Directory.Exists(_tree.Inside("/devices")) ? Directory.GetFiles(_tree.Inside("/devices"), "fifo", SearchOption.AllDirectories) : [])
            File.Delete(fifo);
        foreach (var device in _opened)
            device.Dispose();
        _tree.Dispose();
        _woken.Dispose();
    }

    private static bool LibCDescriptorIsOpen(DeviceDirectory device) =>
        FileCalls.Stat((int)device.DangerousGetHandle(), "\0"u8, LibC.AT_EMPTY_PATH, LibC.STATX_INO, out var data) == 0
        && data.stx_ino == device.Instance.Inode;

    private static void Until(Func<bool> condition, string complaint)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Deadline, complaint);
            Thread.Yield();
        }
    }

    private void UntilReading(int count) =>
        Until(() => _made.Count(reader => reader.CurrentPath == "value") == count, "the read never began");

    private void Start(int workers) => _readers = new AttributeReaders(NewReader, () => _woken.Release(), workers);

    private ValueReader NewReader()
    {
        var reader = _tree.Reader;
        _made.Add(reader);
        return reader;
    }

    private void Submit(ReadJob job) => _readers!.Submit(job);

    private ReadJob Job(long id, bool fifo)
    {
        var devPath = _tree.Device($"/devices/d{id}");
        if (fifo)
            _tree.Fifo(devPath + "/value");
        else
            _tree.Write(devPath + "/value", $"{id}\n");
        var device = _tree.Open(devPath);
        _opened.Add(device);
        return new ReadJob(id, device, new DeviceIdentity(devPath, "net"), [_value]);
    }

    private ReadResult Result(long id)
    {
        while (!_results.ContainsKey(id))
        {
            Assert.True(_woken.Wait(Deadline), "no answer came");
            while (_readers!.TryTake(out var result))
                _results[result.LookId] = result;
        }
        return _results[id];
    }
}
