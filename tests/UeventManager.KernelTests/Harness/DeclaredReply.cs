using System.Collections.Concurrent;
using System.Text.Json;
using UeventManager.Tests.Varlink;
using UeventManager.Varlink;

namespace UeventManager.KernelTests.Harness;

/// <summary>Holds what the daemon sends to the interface files of the source: they are what other languages' clients are generated from.</summary>
internal static class DeclaredReply
{
    private static readonly ConcurrentDictionary<string, VarlinkInterface?> Interfaces = new(StringComparer.Ordinal);

    internal static void Check(string method, JsonElement frame)
    {
        var name = method[..Math.Max(0, method.LastIndexOf('.'))];
        // Of an interface that is not there, org.varlink.service answers.
        var description = Interfaces.GetOrAdd(name, Read) ?? Interfaces.GetOrAdd("org.varlink.service", Read)!;
        ReplyChecker.Check(description, method, frame.GetRawText());
    }

    private static VarlinkInterface? Read(string name)
    {
        var file = Path.Combine(Repository.Root, "src/UeventManager/Varlink", name + ".varlink");
        return File.Exists(file) ? VarlinkInterface.Parse(File.ReadAllText(file)) : null;
    }
}
