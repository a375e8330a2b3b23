namespace UeventManager.Tests.Varlink;

/// <summary>A broken or hostile client gets an answer or is disconnected.</summary>
public sealed class MalformedTests
{
    private const string M = "\"method\":\"org.example.test.Note\"";
    private const string P = "\"parameters\":{\"text\":\"x\"}";

    public static TheoryData<string> Malformed => new(
        "", " ", "{", "}", "[]", "null", "1", "\"x\"", "{}{}", "{} x", "nonsense",
        "{}", "{" + P + "}", "{\"method\":null," + P + "}", "{\"method\":1," + P + "}", "{\"method\":[\"a\"]," + P + "}",
        "{" + M + "," + P + ",}", "{" + M + "," + P + ",\"bogus\":1}", "{" + M + "," + P + ",\"bogus\":null}",
        "{" + M + "," + P + ",\"org.example\":1}",
        "{" + M + ",\"parameters\":[]}", "{" + M + ",\"parameters\":\"x\"}", "{" + M + ",\"parameters\":1}",
        "{" + M + "," + P + ",\"more\":1}", "{" + M + "," + P + ",\"oneway\":\"true\"}", "{" + M + "," + P + ",\"upgrade\":{}}",
        "{" + M + "," + P + ",\"more\":true,\"oneway\":true}", "{" + M + "," + P + ",\"more\":true,\"upgrade\":true}",
        "{" + M + "," + P + ",\"oneway\":true,\"upgrade\":true}",
        "{" + M + "," + M + "," + P + "}", "{" + M + ",\"parameters\":{\"text\":\"x\",\"text\":\"y\"}}",
        "{" + M + ",\"parameters\":{\"text\":\"\\ud800\"}}", "{" + M + ",\"parameters\":{\"\\udc00\":1}}", "{\"\\ud800\":1," + M + "," + P + "}",
        "{" + M + ",\"parameters\":{\"text\":\"\t\"}}", "{" + M + ",\"parameters\":{\"text\":NaN}}", "{" + M + "," + P + "} //",
        "{" + M + ",\"parameters\":{\"x\":" + new string('[', 1100) + new string(']', 1100) + "}}");

    [Theory]
    [MemberData(nameof(Malformed))]
    public void AMalformedMessageClosesTheConnection(string frame)
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(frame);
        Assert.Equal("", client.ReadToEnd());
        Assert.Empty(server.Notes);
        Assert.Equal(0, server.Listener.Connections);
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc0, 0x80 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    public void InvalidUtf8ClosesTheConnection(byte[] bytes)
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.SendRaw([.. "{\"method\":\"org.example.test.Note\",\"parameters\":{\"text\":\""u8, .. bytes, .. "\"}}\0"u8]);
        Assert.Equal("", client.ReadToEnd());
    }

    [Fact]
    public void CallsBeforeAMalformedMessageAreAnswered()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.SendRaw([.. TestClient.Frame("{" + M + "," + P + "}"), .. TestClient.Frame("{"), .. TestClient.Frame("{" + M + "," + P + "}")]);
        Assert.Equal("{}\0", client.ReadToEnd());
        Assert.Single(server.Notes);
    }

    [Theory]
    [InlineData("{" + M + "," + P + ",\"more\":false,\"oneway\":null,\"upgrade\":false}")]
    [InlineData("{" + P + "," + M + ",\"com.example.vendor\":{\"any\":[1]}}")]
    [InlineData("{" + M + ",\"parameters\":{\"text\":\"\\ud83d\\ude00\"}}")]
    public void WhatIsAllowedIsAnswered(string frame)
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(frame);
        Assert.Equal("{}", client.Read());
    }
}
