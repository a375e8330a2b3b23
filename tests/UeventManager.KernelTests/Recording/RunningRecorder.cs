using System.Text;
using System.Text.Json;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Recording;

/// <summary>`ueventctl record` on a tree that can be told when a device becomes complete.</summary>
internal sealed class RunningRecorder : IDisposable
{
    private readonly ScratchDirectory _place = new("record");
    private readonly FakeSysfs _sysfs;
    private readonly UeventInjector _injector;
    private readonly RunningProcess _process;

    private RunningRecorder(Sandbox sandbox, FakeSysfs sysfs, IEnumerable<string> options)
    {
        _sysfs = sysfs;
        _injector = new UeventInjector(sandbox);
        _process = sandbox.Start([Repository.Ueventctl, "record", "--sysfs", sysfs.Root, "-o", Path, .. options]);
        // The header is written once the socket is open.
        Eventually.Holds(() => Lines.Count > 0 || _process.HasExited, Deadline.Default, "the header");
    }

    public string Path => _place.Combine("r.ndjson");

    /// <summary>The lines that are whole by now.</summary>
    public IReadOnlyList<RecordedJson> Lines
    {
        get
        {
            if (!File.Exists(Path))
                return [];
            using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = new MemoryStream();
            file.CopyTo(copy);
            var text = Encoding.UTF8.GetString(copy.ToArray());
            return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new RecordedJson(line))];
        }
    }

    public static RunningRecorder Start(Sandbox sandbox, out FakeSysfs sysfs, out UeventInjector injector, Action<FakeSysfs>? prepare = null, params string[] options)
    {
        sysfs = new FakeSysfs();
        prepare?.Invoke(sysfs);
        var recorder = new RunningRecorder(sandbox, sysfs, options);
        injector = recorder._injector;
        return recorder;
    }

    public RecordedJson WaitFor(Func<RecordedJson, bool> wanted, string what) => Eventually.Get(() => Lines.FirstOrDefault(wanted), Deadline.Default, what);

    public void AskToEnd() => _process.Signal(Syscalls.SIGTERM);

    public void Stop() => _process.Signal(Syscalls.SIGSTOP);

    public void Continue() => _process.Signal(Syscalls.SIGCONT);

    public int WaitForExit() => _process.WaitForExit(Deadline.Default);

    public int Terminate()
    {
        AskToEnd();
        return WaitForExit();
    }

    public void Kill()
    {
        _process.Signal(Syscalls.SIGKILL);
        _process.WaitForExit(Deadline.Default);
    }

    /// <summary>A directory with one rule for the devices of these tests.</summary>
    public string Rules(string rule)
    {
        Directory.CreateDirectory(_place.Combine("rules"));
        File.WriteAllText(_place.Combine("rules/r.yaml"), $"version: 1\nsubsystem: late\nrules:\n  - name: r\n    {rule}\n");
        return _place.Combine("rules");
    }

    public void Dispose()
    {
        _process.Dispose();
        _injector.Dispose();
        _sysfs.Dispose();
        _place.Dispose();
    }
}

/// <summary>One line of a recording.</summary>
internal sealed class RecordedJson(string text)
{
    public string Text => text;

    public JsonElement Json { get; } = JsonDocument.Parse(text).RootElement;

    public string? String(string key) => Json.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public long Number(string key) => Json.GetProperty(key).GetInt64();

    public bool Is(string kind, string devpath, string? name = null) => String("kind") == kind && String("devpath") == devpath && (name is null || String("name") == name);
}
