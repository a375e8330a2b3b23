using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using UeventManager.Client;
using UeventManager.Client.Testing;
using UeventManager.Fleet;
using UeventManager.Nats.Bridge;

namespace UeventManager.KernelTests.Fleet;

/// <summary>A host that is simulated: its daemon, and the bridge that speaks for it through a connection that may be cut.</summary>
internal sealed class SimulatedHost : IAsyncDisposable
{
    /// <summary>How many devices each group has.</summary>
    public const int GroupSize = 5;

    private const int Groups = 4, Singles = 12;

    private readonly LocalBroker _broker;
    private readonly Random _random;
    private readonly Dictionary<string, UeventDevice> _there = new(StringComparer.Ordinal);
    private CuttingProxy _proxy;
    private CancellationTokenSource _ending = new();
    private Task _bridge;
    private int _last;
    private string _boot = ThisProcess.Boot;

    public SimulatedHost(string name, LocalBroker broker, int seed)
    {
        (Name, _broker, _random) = (name, broker, new Random(seed));
        (_proxy, _bridge) = Start();
    }

    public string Name { get; }

    public InMemoryDaemon Daemon { get; } = new();

    public ConcurrentQueue<string> Said { get; } = new();

    /// <summary>Why its bridge ended, if it did.</summary>
    public string Failure => _bridge.Exception?.ToString() ?? "";

    /// <summary>The number that each event had of which its daemon told.</summary>
    public List<int> Numbers { get; } = [];

    /// <summary>What its daemon lists, as the fleet shows it.</summary>
    public IEnumerable<string> Lines() => _there.Values.Select(device => Encoding.UTF8.GetString(FleetJson.Write(new FleetDevice(Name, device))));

    public void CutAfter(int bytes) => _proxy.CutAfter(bytes);

    /// <summary>Something happens on it: a group comes at once, its members go one by one; single devices come, change, move and go.</summary>
    public void Happen()
    {
        for (var times = _random.Next(1, 8); times > 0; times--)
        {
            if (_random.Next(3) == 0)
                HappenToGroup($"g{_random.Next(Groups)}");
            else
                HappenToOne($"/devices/one/s{_random.Next(Singles)}");
        }
    }

    /// <summary>Its daemon loses events: the state that follows tells what they did.</summary>
    public void Lose()
    {
        var meanwhile = Numbered($"/devices/one/s{_random.Next(Singles)}", isTold: false);
        if (_there.Keys.Any(path => path.StartsWith(meanwhile.DevPath + "/", StringComparison.Ordinal)))
            return;
        _there[meanwhile.DevPath] = meanwhile;
        Daemon.Lose("kernelOverrun", 1, [.. _there.Values]);
    }

    /// <summary>It boots anew: another boot id, and nobody knows a cursor of before.</summary>
    public async Task BootAsync()
    {
        _boot = Guid.NewGuid().ToString();
        Daemon.Stop();
        await ReplaceBridgeAsync();
        Daemon.Start(forgetCursors: true);
    }

    /// <summary>The bridge is killed, whatever it is doing, and another one begins.</summary>
    public async Task ReplaceBridgeAsync()
    {
        _proxy.Cut();
        await EndAsync();
        _proxy.Dispose();
        (_proxy, _bridge) = Start();
    }

    public async ValueTask DisposeAsync()
    {
        Daemon.Stop();
        await EndAsync();
        _proxy.Dispose();
        _ending.Dispose();
    }

    private async Task EndAsync()
    {
        await _ending.CancelAsync();
        await _bridge;
    }

    private (CuttingProxy Proxy, Task Bridge) Start()
    {
        _ending.Dispose();
        _ending = new CancellationTokenSource();
        var proxy = new CuttingProxy(_broker.Port);
        return (proxy, new HostBridge(new BridgeOptions
        {
            Broker = new FleetOptions { Server = proxy.Url, Name = Name, Timeout = TimeSpan.FromSeconds(3) },
            Host = Name,
            Boot = _boot,
            // One that has ended: the next may take over at once.
            Process = ThisProcess.Id.Split(' ')[0] + " 4194303 1",
            Beat = TimeSpan.FromMilliseconds(300),
            Connect = _ => Task.FromResult(Daemon.Connect()),
            Say = text => Said.Enqueue($"{Name}: {text}"),
        }).RunAsync(_ending.Token));
    }

    private void HappenToGroup(string group)
    {
        string[] there = [.. _there.Keys.Where(path => path.StartsWith($"/devices/{group}/", StringComparison.Ordinal))];
        if (there.Length > 0)
        {
            Remove(there[_random.Next(there.Length)]);
            return;
        }
        var generation = _random.Next().ToString(CultureInfo.InvariantCulture);
        UeventDevice[] members = [.. Enumerable.Range(0, GroupSize).Select(number => Numbered($"/devices/{group}/m{number}", isTold: true, ("GROUP", generation)))];
        foreach (var member in members)
            _there[member.DevPath] = member;
        Daemon.Add(members);
    }

    private void HappenToOne(string path)
    {
        if (!_there.TryGetValue(path, out var device))
        {
            device = Numbered(path, isTold: true);
            _there[path] = device;
            Daemon.Add(device);
            return;
        }
        switch (_random.Next(6))
        {
            case 0:
                Remove(path);
                break;
            case 1:
                var below = Numbered($"{path}/child", isTold: true);
                var isThere = _there.ContainsKey(below.DevPath);
                _there[below.DevPath] = below;
                if (isThere)
                    Daemon.Change(below);
                else
                    Daemon.Add(below);
                break;
            case 2 when !_there.Keys.Any(one => one.StartsWith($"{path}-moved", StringComparison.Ordinal)):
                Move(path, $"{path}-moved");
                break;
            default:
                device = Numbered(path, isTold: true);
                _there[path] = device;
                Daemon.Change(device);
                break;
        }
    }

    private void Move(string path, string to)
    {
        var moved = Numbered(to, isTold: true);
        foreach (var below in _there.Keys.Where(one => one.StartsWith(path + "/", StringComparison.Ordinal)).ToArray())
        {
            _there.Remove(below, out var child);
            var now = to + below[path.Length..];
            _there[now] = child! with { DevPath = now, Properties = new Dictionary<string, string>(child.Properties) { ["DEVPATH"] = now } };
        }
        _there.Remove(path);
        _there[to] = moved;
        Daemon.Move(path, moved);
    }

    private void Remove(string path)
    {
        foreach (var one in _there.Keys.Where(one => one == path || one.StartsWith(path + "/", StringComparison.Ordinal)).OrderDescending(StringComparer.Ordinal).ToArray())
        {
            _there.Remove(one);
            Daemon.Remove(one);
        }
    }

    private UeventDevice Numbered(string path, bool isTold, params (string, string)[] more)
    {
        var number = ++_last;
        if (isTold)
            Numbers.Add(number);
        return InMemoryDaemon.Device(path, "soak", [("NUMBER", number.ToString(CultureInfo.InvariantCulture)), .. more]);
    }
}
