using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>A wrong call gets the right error and reaches no handler.</summary>
public sealed class DispatchTests
{
    [Theory]
    [InlineData("org.example.nope.Echo", "InterfaceNotFound", "interface", "org.example.nope")]
    [InlineData("Echo", "InterfaceNotFound", "interface", "Echo")]
    [InlineData("", "InterfaceNotFound", "interface", "")]
    [InlineData("org.example.test.Nope", "MethodNotFound", "method", "org.example.test.Nope")]
    [InlineData("org.example.test.", "MethodNotFound", "method", "org.example.test.")]
    [InlineData("org.example.test.Missing", "MethodNotImplemented", "method", "org.example.test.Missing")]
    public void AnUnknownMethodIsNamed(string method, string error, string member, string value)
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send($$"""{"method":"{{method}}"}""");
        Assert.Equal($$$"""{"error":"org.varlink.service.{{{error}}}","parameters":{"{{{member}}}":"{{{value}}}"}}""", client.Read());
    }

    [Theory]
    [InlineData("{}", "text")]
    [InlineData("""{"text":null}""", "text")]
    [InlineData("""{"text":1}""", "text")]
    [InlineData("""{"text":"","bogus":1}""", "bogus")]
    [InlineData("""{"bogus":null,"text":""}""", "bogus")]
    [InlineData("""{"text":"","item":"x"}""", "item")]
    [InlineData("""{"text":"","item":{}}""", "item.name")]
    [InlineData("""{"text":"","item":{"name":"x","size":1.5}}""", "item.size")]
    [InlineData("""{"text":"","item":{"name":"x","size":1e3}}""", "item.size")]
    [InlineData("""{"text":"","item":{"name":"x","size":9223372036854775808}}""", "item.size")]
    [InlineData("""{"text":"","item":{"name":"x","size":"1"}}""", "item.size")]
    [InlineData("""{"text":"","item":{"name":"x","color":"1"}}""", "item.color")]
    [InlineData("""{"text":"","kind":"blue"}""", "kind")]
    [InlineData("""{"text":"","kind":0}""", "kind")]
    [InlineData("""{"text":"","many":{}}""", "many")]
    [InlineData("""{"text":"","many":[{"name":"a"},{"name":2}]}""", "many.name")]
    [InlineData("""{"text":"","map":[]}""", "map")]
    [InlineData("""{"text":"","map":{"a":1,"b":true}}""", "map.b")]
    public void AWrongParameterIsNamed(string parameters, string wrong)
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        Assert.Equal(
            $$$"""{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"{{{wrong}}}"}}""", client.Ask("Echo", parameters));
    }

    [Theory]
    [InlineData("""{"text":"a","item":null,"kind":null,"many":null,"map":null}""")]
    [InlineData("""{"text":"a","item":{"name":"x","size":-9223372036854775808},"kind":"green","many":[],"map":{}}""")]
    public void RightParametersPass(string parameters)
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        Assert.Equal("""{"parameters":{"text":"a"}}""", client.Ask("Echo", parameters));
    }

    [Theory]
    [InlineData("")]
    [InlineData(",\"parameters\":null")]
    [InlineData(",\"parameters\":{}")]
    public void AbsentNullAndEmptyParametersAreEqual(string parameters)
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send($$"""{"method":"org.example.test.Secret"{{parameters}}}""");
        Assert.Equal("{}", client.Read());
    }

    [Fact]
    public void AStreamDemandsMore()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        Assert.Equal("""{"error":"org.varlink.service.ExpectedMore"}""", client.Ask("Stream"));
    }

    [Fact]
    public void AnUnprivilegedClientIsDenied()
    {
        using var server = new TestServer(privileged: peer => peer.Uid == uint.MaxValue - 1);
        using TestClient client = server.Connect();
        Assert.Equal("""{"error":"org.varlink.service.PermissionDenied"}""", client.Ask("Secret"));
    }

    [Fact]
    public void NothingCanBeUpgraded()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        Assert.Equal(
            """{"error":"org.varlink.service.MethodNotImplemented","parameters":{"method":"org.example.test.Secret"}}""",
            client.Ask("Secret", flags: ",\"upgrade\":true"));
        Assert.Equal("{}", client.Ask("Secret"));
    }

    [Fact]
    public void TheServiceDescribesItself()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send("""{"method":"org.varlink.service.GetInfo"}""");
        Assert.Equal(
            """{"parameters":{"vendor":"Example","product":"Test","version":"1","url":"https://example.org","interfaces":["org.example.test","org.varlink.service"]}}""",
            client.Read());
        client.Send("""{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"org.varlink.service"}}""");
        using var reply = System.Text.Json.JsonDocument.Parse(client.Read());
        Assert.Equal(
            EmbeddedInterfaces.Read("org.varlink.service").Text,
            reply.RootElement.GetProperty("parameters").GetProperty("description").GetString());
        client.Send("""{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"a.b"}}""");
        Assert.Equal("""{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":"a.b"}}""", client.Read());
    }

    [Fact]
    public void ThePeerIsKnown()
    {
        using var server = new TestServer();
        using TestClient client = server.Connect();
        client.Send(TestClient.Call("Later"));
        Assert.Equal(Environment.ProcessId, server.TakeCall().Peer.Pid);
    }
}
