using System.Buffers;
using System.Text.Json;

namespace UeventManager.Varlink;

/// <summary>
/// The table of methods. It answers <c>org.varlink.service</c> itself, and checks every other call against its interface file before the handler
/// runs.
/// </summary>
internal sealed class VarlinkDispatcher
{
    private const string ServiceInterface = "org.varlink.service";

    private readonly SortedDictionary<string, VarlinkInterface> _interfaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (VarlinkHandler Handler, VarlinkMethodFlags Flags)> _handlers = new(StringComparer.Ordinal);
    private readonly VarlinkServiceInfo _info;

    /// <summary>Creates a service that implements only <c>org.varlink.service</c>.</summary>
    /// <param name="info">The service's description of itself.</param>
    public VarlinkDispatcher(VarlinkServiceInfo info)
    {
        _info = info;
        Turns = new VarlinkTurns(peer => IsPrivileged!(peer));
        Add(EmbeddedInterfaces.Read(ServiceInterface));
        Handle("org.varlink.service.GetInfo", GetInfo);
        Handle("org.varlink.service.GetInterfaceDescription", GetInterfaceDescription);
    }

    /// <summary>Decides which clients may call methods with <see cref="VarlinkMethodFlags.Privileged"/>. By default only root.</summary>
    public Func<PeerCredentials, bool> IsPrivileged { get; init; } = static peer => peer.Uid == 0;

    /// <summary>Schedules the connections.</summary>
    public VarlinkTurns Turns { get; }

    /// <summary>Announces an interface. Its methods are not implemented until <see cref="Handle"/> is called for them.</summary>
    /// <param name="description">The interface.</param>
    public void Add(VarlinkInterface description)
    {
        ArgumentNullException.ThrowIfNull(description);
        _interfaces.Add(description.Name, description);
    }

    /// <summary>Implements a method.</summary>
    /// <param name="method">The full name; its interface must have been added.</param>
    /// <param name="handler">Answers the calls.</param>
    /// <param name="flags">The method's requirements.</param>
    /// <exception cref="ArgumentException">No added interface declares the method.</exception>
    public void Handle(string method, VarlinkHandler handler, VarlinkMethodFlags flags = VarlinkMethodFlags.None)
    {
        if (Find(method, out _) is null)
            throw new ArgumentException($"No interface declares {method}.", nameof(method));
        _handlers.Add(method, (handler, flags));
    }

    internal void Dispatch(VarlinkCall call)
    {
        if (Find(call.Method, out string interfaceName) is not { } method)
        {
            if (_interfaces.ContainsKey(interfaceName))
                call.Error(VarlinkError.MethodNotFound, VarlinkError.Parameter("method", call.Method));
            else
                call.Error(VarlinkError.InterfaceNotFound, VarlinkError.Parameter("interface", interfaceName));
        }
        else if (!_handlers.TryGetValue(call.Method, out var entry) || call.IsUpgrade)
        {
            // A plain reply would confirm the upgrade, and nothing here can be upgraded.
            call.Error(VarlinkError.MethodNotImplemented, VarlinkError.Parameter("method", call.Method));
        }
        else if ((entry.Flags & VarlinkMethodFlags.Privileged) != 0 && !IsPrivileged(call.Peer))
        {
            call.Error(VarlinkError.PermissionDenied);
        }
        else if (VarlinkValidator.FirstWrong(method.Input, call.Parameters) is { } wrong)
        {
            call.Error(VarlinkError.InvalidParameter, VarlinkError.Parameter("parameter", wrong));
        }
        else if ((entry.Flags & VarlinkMethodFlags.RequiresMore) != 0 && !call.More)
        {
            call.Error(VarlinkError.ExpectedMore);
        }
        else
        {
            entry.Handler(call);
        }
    }

    // "a.b.C" is the method C of the interface a.b; a name without a dot counts as an interface's name, which is then not found.
    private VarlinkMethod? Find(string fullName, out string interfaceName)
    {
        int dot = fullName.LastIndexOf('.');
        interfaceName = dot < 0 ? fullName : fullName[..dot];
        return _interfaces.TryGetValue(interfaceName, out VarlinkInterface? found)
            ? found.Methods.GetValueOrDefault(fullName[(dot + 1)..])
            : null;
    }

    private void GetInfo(VarlinkCall call)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("vendor"u8, _info.Vendor);
            json.WriteString("product"u8, _info.Product);
            json.WriteString("version"u8, _info.Version);
            json.WriteString("url"u8, _info.Url);
            json.WriteStartArray("interfaces"u8);
            foreach (string name in _interfaces.Keys)
                json.WriteStringValue(name);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        call.Reply(output.WrittenSpan);
    }

    private void GetInterfaceDescription(VarlinkCall call)
    {
        string name = call.Parameters.GetProperty("interface"u8).GetString()!;
        if (_interfaces.TryGetValue(name, out VarlinkInterface? found))
            call.Reply(VarlinkError.Parameter("description", found.Text));
        else
            call.Error(VarlinkError.InterfaceNotFound, VarlinkError.Parameter("interface", name));
    }
}
