using System.Text;
using System.Text.Json.Nodes;
using UeventManager.Client;
using UeventManager.Tests.Client;

namespace UeventManager.Tests.Varlink;

/// <summary>Without these another language's Varlink library may fail against the daemon, or ours against another service.</summary>
public sealed class CertificationTests
{
    private readonly CancellationToken _deadline = TestDeadline.Start();

    [Fact]
    public async Task TheClientPassesTheProjectsCertification()
    {
        using var server = new FakeDaemon(new CertificationService().Register);
        await using var connection = new VarlinkClientConnection(await VarlinkClientConnection.OpenAsync(server.Path, _deadline));
        JsonObject returned = await CallAsync(connection, "Start", []);
        string id = returned["client_id"]!.GetValue<string>();
        returned.Clear();
        for (int test = 1; test <= 9; test++)
            returned = await CallAsync(connection, $"Test{test:00}", WithId(returned, id));
        var replies = new JsonArray();
        await foreach (VarlinkReply reply in connection.CallMoreAsync(Full("Test10"), Bytes(WithId(returned, id)), _deadline))
        {
            ReplyChecker.Check(CertificationService.Interface, "Test10", Frame(reply));
            replies.Add(Parse(reply)["string"]!.DeepClone());
        }
        Assert.Equal(10, replies.Count);
        await connection.CallOnewayAsync(Full("Test11"), Bytes(WithId(new JsonObject { ["last_more_replies"] = replies }, id)), _deadline);
        Assert.True((await CallAsync(connection, "End", WithId([], id)))["all_ok"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("End", "{}", "org.varlink.service.InvalidParameter")]
    [InlineData("End", """{"client_id":"nobody"}""", "org.varlink.certification.ClientIdError")]
    [InlineData("Test02", """{"client_id":"client 1","bool":true}""", "org.varlink.certification.ClientIdError")]
    [InlineData("Test01", """{"client_id":"client 1","bool":true}""", "org.varlink.service.InvalidParameter")]
    public async Task TheServiceRefusesWhatIsNotTheNextStep(string method, string parameters, string error)
    {
        using var server = new FakeDaemon(new CertificationService().Register);
        await using var connection = new VarlinkClientConnection(await VarlinkClientConnection.OpenAsync(server.Path, _deadline));
        await CallAsync(connection, "Start", []);
        var thrown = await Assert.ThrowsAsync<VarlinkErrorException>(
            () => connection.CallAsync(Full(method), Encoding.UTF8.GetBytes(parameters), _deadline));
        Assert.Equal(error, thrown.Error);
    }

    [Fact]
    public async Task TheServiceSaysWhatItWantedAndWhatItGot()
    {
        using var server = new FakeDaemon(new CertificationService().Register);
        await using var connection = new VarlinkClientConnection(await VarlinkClientConnection.OpenAsync(server.Path, _deadline));
        await CallAsync(connection, "Start", []);
        await CallAsync(connection, "Test01", WithId([], "client 1"));
        var thrown = await Assert.ThrowsAsync<VarlinkErrorException>(
            () => CallAsync(connection, "Test02", WithId(new JsonObject { ["bool"] = false }, "client 1")));
        Assert.Equal("org.varlink.certification.CertificationError", thrown.Error);
        ReplyChecker.Check(CertificationService.Interface, "Test02", $$"""{"error":"{{thrown.Error}}","parameters":{{thrown.Parameters}}}""");
        Assert.True(thrown.Parameters.GetProperty("wants").GetProperty("parameters").GetProperty("bool").GetBoolean());
        Assert.False(thrown.Parameters.GetProperty("got").GetProperty("parameters").GetProperty("bool").GetBoolean());
        // 'more' where one reply is wanted is wrong too.
        await Assert.ThrowsAsync<VarlinkErrorException>(async () =>
        {
            await foreach (VarlinkReply _ in connection.CallMoreAsync(
                Full("Test02"), Bytes(WithId(new JsonObject { ["bool"] = true }, "client 1")), _deadline))
            {
            }
        });
    }

    private async Task<JsonObject> CallAsync(VarlinkClientConnection connection, string method, JsonObject parameters)
    {
        VarlinkReply reply = await connection.CallAsync(Full(method), Bytes(parameters), _deadline);
        ReplyChecker.Check(CertificationService.Interface, method, Frame(reply));
        return Parse(reply);
    }

    private static string Full(string method) => $"{CertificationService.Name}.{method}";

    private static byte[] Bytes(JsonObject value) => Encoding.UTF8.GetBytes(value.ToJsonString());

    private static JsonObject Parse(VarlinkReply reply) => (JsonObject)JsonNode.Parse(reply.Parameters.Span)!;

    private static string Frame(VarlinkReply reply) => $$"""{"parameters":{{Encoding.UTF8.GetString(reply.Parameters.Span)}}}""";

    private static JsonObject WithId(JsonObject parameters, string id)
    {
        parameters["client_id"] = id;
        return parameters;
    }
}
