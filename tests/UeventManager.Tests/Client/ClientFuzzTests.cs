using System.Text;
using System.Text.Json;
using UeventManager.Client;

namespace UeventManager.Tests.Client;

/// <summary>A broken service must not end its clients by an unexpected exception.</summary>
public sealed class ClientFuzzTests
{
    private static readonly byte[][] Corpus =
    [
        .. new[]
        {
            $$$"""{"parameters":{"state":[{{{FakeDaemon.DeviceJson}}},{{{FakeDaemon.DeviceJson}}}]},"continues":true}""",
            """{"parameters":{"state":[],"ready":true,"cursor":"6"},"continues":true}""",
            $$$"""{"parameters":{"events":[{{{FakeDaemon.EventJson}}}]},"continues":true}""",
            """{"parameters":{"gap":{"reason":"kernelOverrun","lost":3}},"continues":true}""",
            """{"error":"org.ueventmanager.Devices.NoSuchDevice","parameters":{"device":"x"}}""",
            """{"continues":true}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] Pieces =
    [
        .. new[] { "\0", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "null", "true", "1e999", "-", "{}", "[]", "\"error\":", "\"parameters\":", "9223372036854775808", new string('[', 70) }
            .Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0x80],
    ];

    [Fact]
    public void AnyReplyIsAChangeOrARefusal() => Fuzz.Run(random =>
    {
        var bytes = new List<byte>();
        for (int frames = random.Next(1, 8); frames > 0; frames--)
        {
            byte[] frame = Corpus[random.Next(Corpus.Length)];
            bytes.AddRange(random.Next(2) > 0 ? Fuzz.Mutate(frame, Pieces, random) : frame);
            bytes.Add(0);
        }
        try
        {
            ReadAll([.. bytes], random.Next(1, 200)).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"received: {JsonEncodedText.Encode(Encoding.Latin1.GetString([.. bytes]))}", e);
        }
    });

    private static async Task ReadAll(byte[] bytes, int step)
    {
        using var stream = new ScriptedStream(bytes, step);
        await using var client = new UeventClient(_ => Task.FromResult<Stream>(stream));
        try
        {
            await foreach (Change change in client.SubscribeOnceAsync())
                Assert.NotNull(change);
        }
        catch (Exception e) when (e is DaemonUnreachableException or VarlinkProtocolException or VarlinkErrorException)
        {
            // What a caller is told to expect.
        }
    }
}
