using System.CommandLine;
using UeventManager.Commands;
using UeventManager.Nats;

namespace UeventManager.Tests.Fleet;

/// <summary>A wrong value of an environment variable is reported with the variable's name, as it must be written.</summary>
public sealed class NatsUsageTests
{
    [Theory]
    [InlineData("NATS_TIMEOUT", "soon", "NATS_TIMEOUT: 'soon' is not a time")]
    [InlineData("NATS_URL", "http://broker", "NATS_URL: ")]
    [InlineData("UEVENT_NATS_STREAM", "a.b", "UEVENT_NATS_STREAM: 'a.b' is not a stream's name")]
    [InlineData("NATS_PASSWORD", "secret", "--password needs --user")]
    public void A_wrong_variable_is_named_as_it_is_written(string variable, string value, string message)
    {
        var command = new Command("list");
        new BrokerSettings(name => name == variable ? value : null).AddTo(command);
        string[] args = ["list"];
        Assert.StartsWith(message, UsageError.Find(new RootCommand { command }.Parse(args), args), StringComparison.Ordinal);
    }
}
