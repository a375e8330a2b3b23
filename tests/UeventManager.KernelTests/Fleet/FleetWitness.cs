using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using UeventManager.Client;
using UeventManager.Fleet;

namespace UeventManager.KernelTests.Fleet;

/// <summary>A consumer that keeps a table and complains of what must not be: half of a group, an event twice or out of order.</summary>
internal sealed class FleetWitness : IAsyncDisposable
{
    private readonly string _url;
    private readonly bool _resumes;
    private readonly FleetTable _table = new();
    private readonly ConcurrentDictionary<(string Host, int Number), bool> _numbers = new();
    private readonly ConcurrentDictionary<string, bool> _gaps = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Host, string DevPath), int> _newest = [];
    private readonly HashSet<(string Host, int Number)> _seen = [];
    private readonly HashSet<string> _excused = [];
    private CancellationTokenSource _ending = new();
    private Task _following;
    private FleetPosition? _after;

    public FleetWitness(string url, bool resumes)
    {
        (_url, _resumes) = (url, resumes);
        _following = FollowAsync();
    }

    public string Name => _resumes ? "one that goes on at its sequence" : "one that watches";

    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Why it stopped, if it did.</summary>
    public string Failure => _following.Exception?.ToString() ?? "";

    public bool HasGap(string host) => _gaps.ContainsKey(host);

    public IEnumerable<int> Numbers(string host) => _numbers.Keys.Where(one => one.Host == host).Select(one => one.Number);

    public IEnumerable<string> Lines() => _table.Devices.Values.Select(device => Encoding.UTF8.GetString(FleetJson.Write(device)));

    /// <summary>Ends, and goes on where it was.</summary>
    public async Task GoOnAsync()
    {
        await StopAsync();
        _ending.Dispose();
        _ending = new CancellationTokenSource();
        _following = FollowAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _ending.Dispose();
    }

    private async Task StopAsync()
    {
        await _ending.CancelAsync();
        await _following.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private async Task FollowAsync()
    {
        while (true)
        {
            try
            {
                await using var fleet = new FleetClient(new FleetOptions { Server = _url, Timeout = TimeSpan.FromSeconds(3) });
                await foreach (FleetChange change in fleet.SubscribeAsync(new FleetSubscribeOptions { After = _after }, _ending.Token))
                    Take(change);
            }
            catch (NATS.Client.Core.NatsException) when (!_ending.IsCancellationRequested)
            {
                // The broker was away when it began.
                _ending.Token.WaitHandle.WaitOne(50);
            }
        }
    }

    private void Take(FleetChange change)
    {
        switch (change)
        {
            case FleetGap gap:
                _gaps[gap.Host] = true;
                _excused.Add(gap.Host);
                break;
            case FleetState:
                // What came before it may have been missed, and, where the broker lost messages, comes again.
                foreach (var host in _table.Hosts.Keys)
                    _gaps[host] = true;
                _seen.Clear();
                _newest.Clear();
                _excused.Clear();
                break;
            case FleetEvents events:
                foreach (var one in events.Events)
                    Take(events.Host, one.Event);
                RequireWholeGroups(events);
                _excused.Remove(events.Host);
                break;
        }
        _table.Apply(change);
        if (_resumes)
            _after = FleetPosition.TryParse(change.Position.ToString());
    }

    // What a daemon announced together comes in one piece, unless it is said that something is missing.
    private void RequireWholeGroups(FleetEvents events)
    {
        foreach (var group in events.Events.Where(one => one.Event is { Action: "add", Synthetic: false }).GroupBy(one => one.Event.Device.Properties.GetValueOrDefault("GROUP")))
        {
            if (group.Key is not null && group.Count() != SimulatedHost.GroupSize && !_excused.Contains(events.Host))
                Complaints.Enqueue($"{Name}: {group.Count()} of the group {group.Key} of {events.Host}");
        }
    }

    private void Take(string host, UeventEvent one)
    {
        if (one.Synthetic || one.Action == "remove" || !one.Device.Properties.TryGetValue("NUMBER", out var text))
            return;
        var number = int.Parse(text, CultureInfo.InvariantCulture);
        _numbers[(host, number)] = true;
        if (!_seen.Add((host, number)))
            Complaints.Enqueue($"{Name}: {host} number {number} ({one.Action} {one.Device.DevPath}) twice");
        if (_newest.GetValueOrDefault((host, one.Device.DevPath)) >= number)
            Complaints.Enqueue($"{Name}: {host} number {number} of {one.Device.DevPath} after {_newest[(host, one.Device.DevPath)]}");
        _newest[(host, one.Device.DevPath)] = number;
    }
}
