using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>The Varlink project's own test service (org.varlink.certification) on this server's code.</summary>
internal sealed class CertificationService
{
    public const string Name = "org.varlink.certification";

    private const string MyType = """
        {"mytype":{"object":{"method":"org.varlink.certification.Test09","parameters":{"map":{"foo":"Foo","bar":"Bar"}}},
        "enum":"two","struct":{"first":1,"second":"2"},"array":["one","two","three"],"dictionary":{"foo":"Foo","bar":"Bar"},
        "stringset":{"one":{},"two":{},"three":{}},"nullable":null,"nullable_array_struct":null,
        "interface":{"foo":[null,{"foo":"foo","bar":"bar"},null,{"one":"foo","two":"bar"}],"anon":{"foo":true,"bar":false}}}}
        """;

    // What each test returns is what the next one has to send.
    private static readonly (string Method, string Returns)[] Steps =
    [
        ("Test01", """{"bool":true}"""),
        ("Test02", """{"int":1}"""),
        ("Test03", """{"float":1.0}"""),
        ("Test04", """{"string":"ping"}"""),
        ("Test05", """{"bool":false,"int":2,"float":3.141592653589793,"string":"a lot of string"}"""),
        ("Test06", """{"struct":{"bool":false,"int":2,"float":3.141592653589793,"string":"a lot of string"}}"""),
        ("Test07", """{"map":{"bar":"Bar","foo":"Foo"}}"""),
        ("Test08", """{"set":{"one":{},"two":{},"three":{}}}"""),
        ("Test09", MyType),
        ("Test10", """{"last_more_replies":["Reply number 1","Reply number 2","Reply number 3","Reply number 4","Reply number 5","""
            + "\"Reply number 6\",\"Reply number 7\",\"Reply number 8\",\"Reply number 9\",\"Reply number 10\"]}"),
        ("Test11", "{}"),
        ("End", """{"all_ok":true}"""),
    ];

    private readonly Dictionary<string, int> _next = new(StringComparer.Ordinal);

    public static VarlinkInterface Interface { get; } = ReadInterface();

    public void Register(VarlinkDispatcher dispatcher)
    {
        dispatcher.Add(Interface);
        dispatcher.Handle($"{Name}.Start", Start);
        for (int i = 0; i < Steps.Length; i++)
        {
            int step = i;
            dispatcher.Handle($"{Name}.{Steps[i].Method}", call => Take(call, step));
        }
    }

    private void Start(VarlinkCall call)
    {
        if (call.More || call.Oneway)
        {
            Refuse(call, "Start", new JsonObject());
            return;
        }
        string id = $"client {_next.Count + 1}";
        _next.Add(id, 0);
        call.Reply(VarlinkError.Parameter("client_id", id));
    }

    private void Take(VarlinkCall call, int step)
    {
        string id = call.Parameters.GetProperty("client_id").GetString()!;
        if (!_next.TryGetValue(id, out int next) || next != step)
        {
            call.Error($"{Name}.ClientIdError");
            return;
        }
        (string method, string returns) = Steps[step];
        var wants = step == 0 || method == "End" ? new JsonObject() : (JsonObject)JsonNode.Parse(Steps[step - 1].Returns)!;
        wants["client_id"] = id;
        bool more = method == "Test10", oneway = method == "Test11";
        if (call.More != more || call.Oneway != oneway || !Same(JsonNode.Parse(call.Parameters.GetRawText()), wants))
        {
            Refuse(call, method, wants);
            return;
        }
        _next[id] = step + 1;
        if (more)
            ReplyTenTimes(call);
        else
            call.Reply(Encoding.UTF8.GetBytes(returns));
    }

    private static void ReplyTenTimes(VarlinkCall call)
    {
        for (int i = 1; i <= 10; i++)
            call.Reply(VarlinkError.Parameter("string", $"Reply number {i}"), continues: i < 10);
    }

    private static void Refuse(VarlinkCall call, string method, JsonObject wants)
    {
        var error = new JsonObject
        {
            ["wants"] = Message($"{Name}.{method}", wants, method == "Test10", method == "Test11"),
            ["got"] = Message(call.Method, JsonNode.Parse(call.Parameters.GetRawText()), call.More, call.Oneway),
        };
        call.Error($"{Name}.CertificationError", Encoding.UTF8.GetBytes(error.ToJsonString()));
    }

    private static JsonObject Message(string method, JsonNode? parameters, bool more, bool oneway)
    {
        var message = new JsonObject { ["method"] = method, ["parameters"] = parameters };
        if (more)
            message["more"] = true;
        if (oneway)
            message["oneway"] = true;
        return message;
    }

    // Objects are the same in any order, and a member that is null the same as one that is absent.
    private static bool Same(JsonNode? left, JsonNode? right)
    {
        if (left is JsonObject one && right is JsonObject other)
            return one.Select(m => m.Key).Union(other.Select(m => m.Key)).All(name => Same(one[name], other[name]));
        if (left is JsonArray first && right is JsonArray second)
            return first.Count == second.Count && first.Zip(second).All(pair => Same(pair.First, pair.Second));
        if (left?.GetValueKind() == JsonValueKind.Number && right?.GetValueKind() == JsonValueKind.Number)
            return left.AsValue().GetValue<double>().Equals(right.AsValue().GetValue<double>());
        return JsonNode.DeepEquals(left, right);
    }

    private static VarlinkInterface ReadInterface()
    {
        using Stream file = typeof(CertificationService).Assembly.GetManifestResourceStream(Name + ".varlink")!;
        using var reader = new StreamReader(file, Encoding.UTF8);
        return VarlinkInterface.Parse(reader.ReadToEnd());
    }
}
