using System.Text;
using UeventManager.Core.Driving;
using UeventManager.Core.Engine;
using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Recording;

/// <summary>
/// Gives an engine the recorded inputs of another one, with the daemon's driver, and compares their commands. They must be equal to the byte;
/// otherwise the engine's decisions depend on something that is not an input, which is a fault in the engine.
/// </summary>
public sealed partial class TapeReplay : IEngineEdge
{
    /// <summary>The most differences that are kept; most of the later ones follow from the first.</summary>
    public const int MostDifferences = 8;

    private readonly EngineDriver _driver;
    private readonly Dictionary<long, Look> _looks = [];
    private readonly Dictionary<long, long> _askedUsec = [];
    private readonly List<EngineCommand> _now = [];
    private readonly List<ulong> _wanted = [];
    private readonly List<TapeDifference> _differences = [];
    private long _nowUsec;
    private string? _what;

    /// <summary>Starts from the state at which the recording began.</summary>
    /// <param name="rules">The rules that were in force.</param>
    /// <param name="state">The engine's state (<see cref="UeventEngine.Rebase"/>); null for an empty one.</param>
    /// <param name="nowUsec">The time at which the recording began.</param>
    /// <exception cref="Snapshots.SnapshotException">The state is malformed.</exception>
    public TapeReplay(RuleSet rules, byte[]? state, long nowUsec)
    {
        _driver = new EngineDriver(new UeventEngine(rules), this);
        _nowUsec = nowUsec;
        if (state is not null)
            Engine.RestoreBase(state, nowUsec);
    }

    /// <summary>The engine.</summary>
    public UeventEngine Engine => _driver.Engine;

    /// <summary>The number of inputs so far.</summary>
    public long Inputs { get; private set; }

    /// <summary>The number of commands so far.</summary>
    public long Commands { get; private set; }

    /// <summary>The first inputs after which the commands differ.</summary>
    public IReadOnlyList<TapeDifference> Differences => _differences;

    /// <summary>The number of inputs after which the commands differ.</summary>
    public long DifferenceCount { get; private set; }

    /// <summary>The rules that the next <see cref="TapeKind.RulesReplaced"/> puts in force.</summary>
    public RuleSet? NextRules { get; set; }

    /// <summary>Receives each input and the engine's commands as text; null if that is not wanted.</summary>
    public Action<string, IReadOnlyList<string>>? Told { get; set; }

    /// <summary>Remembers how devices arrive; null if that is not wanted.</summary>
    public EngineMemory? Memory { get; set; }

    long IEngineEdge.NowUsec => _nowUsec;

    /// <summary>Takes the next frame.</summary>
    /// <exception cref="FormatException">The frame is malformed.</exception>
    public void Take(TapeKind kind, ReadOnlySpan<byte> frame)
    {
        var from = new TapeReader(frame);
        if (kind == TapeKind.Gave)
        {
            Compare(ref from);
            return;
        }
        Flush();
        TellRest();
        if (kind is not (TapeKind.Wakeup or TapeKind.Realtime or TapeKind.SentSince or TapeKind.HandedOn))
            Inputs++;
        Step(kind, ref from);
        if (!from.IsAtEnd)
            throw TapeReader.Broken();
    }

    /// <summary>Ends the replay.</summary>
    public void End()
    {
        Flush();
        TellRest();
        Memory?.TakeAll(_nowUsec);
    }

    bool IEngineEdge.Answer(in EngineCommand probe)
    {
        _looks[probe.Number] = probe.Look!;
        if (Memory is not null)
            _askedUsec[probe.Number] = _nowUsec;
        return false;
    }

    void IEngineEdge.Execute(in EngineCommand command)
    {
    }

    void IEngineEdge.Executed(IReadOnlyList<EngineCommand> commands)
    {
        if (commands.Count == 0)
            return;
        Commands += commands.Count;
        Memory?.Take(commands, _nowUsec);
        _now.AddRange(commands);
        // The commands are valid until the next step, so they are digested now.
        _wanted.AddRange(commands.Select(command => CommandDigest.Of(command)));
    }

    private void Say(string what) => _what = what;

    private void Compare(ref TapeReader from)
    {
        var then = new List<GivenCommand>();
        for (var i = from.Number(1, int.MaxValue); i > 0; i--)
            then.Add(new GivenCommand((CommandKind)from.Number(0, byte.MaxValue), from.Number(), from.Number(), from.Fixed()));
        Compare(then);
    }

    // Commands of the last step for which the recording has none.
    private void Flush()
    {
        if (_now.Count > 0)
            Compare([]);
    }

    private void Compare(List<GivenCommand> then)
    {
        Told?.Invoke(_what ?? "", [.. _now.Select(Text)]);
        if (!then.Select(one => one.Digest).SequenceEqual(_wanted))
        {
            DifferenceCount++;
            if (_differences.Count < MostDifferences)
                _differences.Add(new TapeDifference(Inputs, _nowUsec, _what ?? "", [.. then.Select(Text)], [.. _now.Select(Text)]));
        }
        _what = null;
        _now.Clear();
        _wanted.Clear();
    }

    // An input that gave no commands.
    private void TellRest()
    {
        if (_what is { } what)
            Told?.Invoke(what, []);
        _what = null;
    }

    private string Text(GivenCommand command) => $"{Name(command.Kind)}{OfDevice(command.Id)}{(command.Number == 0 ? "" : $" {command.Number}")} #{command.Digest:x16}";

    private string OfDevice(long id) => id == 0 ? "" : Engine.Devices.All().FirstOrDefault(device => device.Id == id) is { } device ? $" {device.DevPath}" : $" device {id}";

    private static string Text(EngineCommand command)
    {
        var text = new StringBuilder(Name(command.Kind));
        if (command.Event is { } told)
            text.Append($" {told.Action.Text()}");
        if (command.Event?.Path is { Length: > 0 } path)
            text.Append($" {KernelText.Decode(path.Span)}");
        else if (command.Device is { } device)
            text.Append($" {device.DevPath}");
        if (command.Number != 0)
            text.Append($" {command.Number}");
        if (command.Event is { } of)
            text.Append($" SEQNUM {of.Seqnum}{(of.Findings.Settled ? "" : " unsettled")}{(of.Findings.Rule is { } rule ? $" rule {rule}" : "")}");
        if (command.Kind == CommandKind.Report)
            text.Append($" {command.Incident}");
        if ((command.Missing ?? command.Event?.Findings.Missing) is { Count: > 0 } missing)
            text.Append($" without {string.Join("; ", missing)}");
        return $"{text} #{CommandDigest.Of(command):x16}";
    }

    private static string Name(CommandKind kind) => kind.ToString().ToLowerInvariant();

    private readonly record struct GivenCommand(CommandKind Kind, long Id, long Number, ulong Digest);
}

/// <summary>An input of a recording after which the engine gives other commands than it gave then.</summary>
/// <param name="Input">The number of the input.</param>
/// <param name="AtUsec">The time of the input.</param>
/// <param name="What">The input, as text.</param>
/// <param name="Then">The recorded commands.</param>
/// <param name="Now">The commands of the replay.</param>
public sealed record TapeDifference(long Input, long AtUsec, string What, IReadOnlyList<string> Then, IReadOnlyList<string> Now);
