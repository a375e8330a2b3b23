using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Scenarios;

/// <summary>
/// The second thread's two scripts: one creates a mediated device whenever it is not there, the other removes it whenever it is, each as
/// fast as it can and neither knowing of the other. In the thread 0.0032 % of three million removes came too early.
/// </summary>
public sealed class CreateRemoveRaceTests : IDisposable
{
    private const int Rounds = 3000;
    private const int FewestRounds = 20;
    private const string DevPath = "/devices/virtual/mtty/mtty/802d71a3-560d-4316-999a-4c2033b7fbb2";
    private const string Rules = """
        version: 1
        subsystem: mdev
        rules:
          - name: mdev
            on: [add]
            wait: [{exists: mdev_type}, {link: driver}]
            timeout: 10min
            attach: {attributes: [instance], links: [mdev_type]}
        """;

    private readonly Stage _stage = new("mdev");
    private readonly RacedDevice _device;
    private Deadline _enough;
    private Deadline _hangs;
    private Func<bool> _met = () => true;

    public CreateRemoveRaceTests()
    {
        Directory.CreateDirectory(_stage.Sysfs.Root + "/types/mtty-1");
        Directory.CreateDirectory(_stage.Sysfs.Root + "/bus/mdev/drivers/vfio_mdev");
        _device = new RacedDevice(_stage, DevPath);
    }

    public void Dispose() => _stage.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void While_devices_are_created_and_removed_as_fast_as_possible_a_subscriber_sees_only_complete_ones(bool force)
    {
        var random = Seed.Random();
        _met = () => (force ? _device.RemovedHalf : _device.TooEarly) > 1;
        using var subscriber = Begin();
        var creator = Script(_device.Create, Enough);
        // The creator has its turn after each attempt: if all came to something, no device would ever be whole.
        var remover = Script(() => _device.Remove(force && random.Next(4) == 0), Enough);
        creator.Join();
        remover.Join();
        _device.Remove(force: true);
        _device.Create();

        var last = _device.Created;
        var deadline = Deadline.Seconds(60);
        IReadOnlyList<EventView> events = [.. subscriber.EventsUntil(one => one.Action == "add" && Instance(one) == last, deadline), .. _stage.UpToNow(subscriber)];
        AreWholeAndPaired(events);
        _stage.EndsEqual(subscriber);
        Assert.Equal(0, _stage.Daemon.Counters()["lost"]);
        Report(events);
        Assert.True(last >= FewestRounds, $"only {last} rounds");
        Assert.True(_met(), "the scripts never met");
    }

    [Fact]
    public void A_consumer_that_removes_only_announced_devices_never_meets_an_unready_one()
    {
        using var subscriber = Begin();
        var done = false;
        var creator = Script(_device.Create, () => Volatile.Read(ref done));
        var announced = 0;
        while (!Enough())
            RemoveNext();
        Volatile.Write(ref done, true);
        creator.Join();
        while (announced < _device.Created)
            RemoveNext();

        Assert.Equal((announced, 0), (_device.Removed, _device.TooEarly));
        Assert.True(announced >= FewestRounds, $"only {announced} rounds");
        _stage.UpToNow(subscriber);
        _stage.EndsEqual(subscriber);

        void RemoveNext()
        {
            subscriber.WaitForEvent(one => one.Action == "add");
            announced++;
            Assert.Equal(RemoveResult.Removed, _device.Remove(force: false));
        }
    }

    private void AreWholeAndPaired(IEnumerable<EventView> events)
    {
        var due = "add";
        foreach (var one in events.Where(one => one.Action != "bind"))
        {
            Assert.True(one.Action == due, $"{one.Action} where {due} was due: {one}");
            due = due == "add" ? "remove" : "add";
            if (one.Action != "add")
                continue;
            Assert.True(one.Device.Settled, $"half a device: {one}");
            Assert.Equal($"{Instance(one)}", one.Device.Attribute("instance"));
            Assert.True(one.SettledUsec >= _device.CompletedUsec(Instance(one)), $"announced before it was whole: {one}");
        }
    }

    private void Report(IReadOnlyList<EventView> events) =>
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{_device.Created} created, {events.Count(one => one.Action == "add")} announced, {_device.RemovedHalf} removed half, {_device.TooEarly} removes too early");

    private static int Instance(EventView one) => int.Parse(one.Device.Property("INSTANCE")!);

    private Subscription Begin()
    {
        var subscriber = _stage.Begin(Rules, "mdev");
        _enough = Deadline.Exactly(TimeSpan.FromSeconds(Soak.Seconds ?? 3));
        _hangs = Deadline.Seconds(60 + (Soak.Seconds ?? 0));
        return subscriber;
    }

    // A slow machine needs longer for as many rounds as prove something.
    private bool Enough() => _hangs.Passed || (_enough.Passed && _device.Created >= FewestRounds && _met()) || (_device.Created >= Rounds && Soak.Seconds is null);

    private static Thread Script(Action step, Func<bool> done)
    {
        var thread = new Thread(() =>
        {
            while (!done())
                step();
        });
        thread.Start();
        return thread;
    }
}
