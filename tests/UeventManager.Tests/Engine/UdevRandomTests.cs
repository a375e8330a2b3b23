using UeventManager.Tests.Simulation.Model;

namespace UeventManager.Tests.Engine;

/// <summary>
/// In random worlds where udevd is late, broadcasts are lost and the daemon restarts, each event has udev's data of that event, and none waits
/// for ever.
/// </summary>
public sealed class UdevRandomTests
{
    private const int Worlds = 400;

    private const string Rules = """
        - name: r
          on: [add, change]
          wait: [{udev: true}]
          timeout: 10s
          attach: {udev: ["ID_*"]}
        """;

    [Fact]
    public void A_device_that_waits_for_udev_gets_the_data_of_this_event() => Run(loses: false);

    [Fact]
    public void Lost_broadcasts_cause_no_endless_wait() => Run(loses: true);

    private static void Run(bool loses)
    {
        for (var i = 0; i < Worlds; i++)
        {
            var seed = Seed.Given ?? i;
            try
            {
                new Udevd(seed, loses).Run();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"world {seed}: {Seed.Replay(seed)}", e);
            }
            if (Seed.Given is not null)
                return;
        }
    }

    private sealed class Udevd
    {
        private const int Names = 4;
        private const int Actions = 60;
        private readonly EngineWorld _world = new(Rules);
        private readonly Random _random;
        private readonly bool _loses;
        // One event after another of each device, as udevd does it.
        private readonly Dictionary<ulong, long> _busyUntil = [];
        private int _checked;

        public Udevd(int seed, bool loses)
        {
            (_random, _loses) = (new Random(seed), loses);
            _world.ListenToUdev();
            _world.DropsWhenCongested = true;
            _world.KeepsUdevSocket = !loses;
        }

        public void Run()
        {
            _world.Start();
            // Before a first broadcast the database is all there is, and it may be of an earlier event that udevd was late with.
            _world.Tell(1, "change", "elsewhere");
            _world.Run(1_000);
            for (var i = 0; i < Actions; i++)
            {
                Act();
                if (_random.Next(3) > 0)
                    _world.Run(_random.Next(4_000));
                Check();
            }
            _world.Run(60_000_000);
            Check();
            foreach (var device in _world.Engine.Devices.All())
                Assert.True(device is { State: Core.Ordering.DeviceState.Announced, Pending: null }, $"{device.DevPath} is {device.State} and waits");
            Assert.Equal(_world.Sysfs.All.Select(d => d.Path).Order(), _world.Engine.Devices.All().Select(d => d.DevPath).Order());
        }

        private void Act()
        {
            var name = $"d{_random.Next(Names)}";
            if (_world.Sysfs.Find(EngineWorld.Dev(name)) is not { } device)
            {
                device = _world.Create(name, "block");
                device.Uevent = $"INODE={device.Inode}\n";
                Say("add", device);
                return;
            }
            switch (_random.Next(12))
            {
                case < 2:
                    Say("remove", device);
                    _world.Sysfs.Remove(device.Path);
                    break;
                case 2:
                    Say("bind", device);
                    break;
                case 3 when _world.Sysfs.Find(EngineWorld.Dev($"d{_random.Next(Names)}x")) is null:
                    var (from, to) = (device.Path, device.Path + "x");
                    if (_world.Sysfs.Find(to) is not null)
                        break;
                    _world.Sysfs.Move(from, to);
                    Say("move", device, $"DEVPATH_OLD={from}");
                    break;
                case 4:
                    _world.Restart();
                    break;
                case 5 when _loses:
                    _world.LoseUdev();
                    break;
                default:
                    Say("change", device);
                    break;
            }
        }

        private void Say(string action, ModelDevice device, params string[] properties)
        {
            var path = device.Path;
            var seqnum = _world.Send(action, path, "block", properties);
            var begin = Math.Max(_world.Now, _busyUntil.GetValueOrDefault(device.Inode)) + _random.Next(3_000);
            _busyUntil[device.Inode] = begin;
            _world.At(begin, () => Process(seqnum, action, device, path));
        }

        // Where it stands now or stood then: udevd may say either.
        private void Process(long seqnum, string action, ModelDevice device, string path)
        {
            string[] said = [$"ID_SEQ={seqnum}", $"ID_INODE={device.Inode}"];
            if (action != "remove" && device.Exists)
                _world.WriteUdev(device.Path, string.Concat(said.Select(line => $"E:{line}\n")));
            if (_loses && _random.Next(4) == 0)
                _world.LoseUdev();
            else
                _world.Tell(seqnum, action, _random.Next(2) == 0 ? path : device.Path, said);
        }

        private void Check()
        {
            for (; _checked < _world.Seen.Count; _checked++)
            {
                var seen = _world.Seen[_checked];
                if (seen.Action is not ("add" or "change") || !seen.Findings.Settled)
                    continue;
                Assert.True(seen.Properties.GetValueOrDefault("ID_INODE") == seen.Properties["INODE"], $"{seen} of {seen.Properties["INODE"]} has what udev said of {seen.Properties.GetValueOrDefault("ID_INODE")}");
                // What was lost nobody can tell: its database may be of an earlier event that udevd was late with.
                if (!_loses)
                    Assert.True(long.Parse(seen.Properties["ID_SEQ"], System.Globalization.CultureInfo.InvariantCulture) >= seen.Seqnum, $"{seen} #{seen.Seqnum} has what udev said of #{seen.Properties["ID_SEQ"]}");
            }
        }
    }
}
