using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using UeventManager.Varlink;

namespace UeventManager.Tests.Varlink;

/// <summary>No byte that a broken or hostile client sends ends the daemon or leaves a connection behind.</summary>
public sealed class ServerFuzzTests
{
    private const string Method = "\"method\":\"org.example.test.";

    private static readonly byte[][] Corpus = Utf8(
        "{" + Method + "Echo\",\"parameters\":{\"text\":\"a\\u00e4\",\"item\":{\"name\":\"n\",\"size\":-1},\"kind\":\"red\",\"many\":[{\"name\":\"m\"}],\"map\":{\"a\":1}}}",
        "{" + Method + "Echo\",\"parameters\":{\"text\":\"\\ud83d\\ude00\"},\"com.example.vendor\":{\"x\":[1,2.5e3,null,true]}}",
        "{" + Method + "Note\",\"parameters\":{\"text\":\"x\"},\"oneway\":true}",
        "{" + Method + "Later\",\"parameters\":{\"n\":3}}",
        "{" + Method + "Stream\",\"parameters\":null,\"more\":true}",
        "{" + Method + "Big\",\"parameters\":{\"bytes\":70000}}",
        "{" + Method + "Secret\"}",
        "{" + Method + "Missing\",\"upgrade\":true}",
        "{\"method\":\"org.varlink.service.GetInfo\",\"parameters\":{}}",
        "{\"method\":\"org.varlink.service.GetInterfaceDescription\",\"parameters\":{\"interface\":\"org.example.test\"}}",
        "{\"method\":\"a.b.C\",\"more\":false}",
        "{" + Method + "Note\",\"parameters\":{\"text\":\"" + new string('x', 3000) + "\"}}");

    private static readonly byte[][] Pieces =
    [
        .. Utf8("\0", "\0\0", "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\u0000", "null", "true", "false", "-", "1e999", "0.", "NaN", " ", "\n",
            "//", "{}", "[]", "{}\0", "\"more\":true,", "\"oneway\":true,", "\"upgrade\":true,", "\"parameters\":", "\"continues\":true,", "\"text\":", ".",
            "9223372036854775808", new string('[', 40), new string('{', 40), new string('x', 5000), string.Concat(Enumerable.Repeat("{\"a\":", 40))),
        [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0x1f],
    ];

    private static readonly (VarlinkInterface Description, string Method)[] Declared =
    [
        .. new[] { VarlinkInterface.Parse(TestServer.Interface), EmbeddedInterfaces.Read("org.varlink.service") }
            .SelectMany(description => description.Methods.Keys.Select(method => (description, method))),
    ];

    private static readonly VarlinkLimits Limits = new() { MaxRequestBytes = 4096, MaxReadAheadBytes = 1024, MaxOutputBytes = 8192 };

    [Fact]
    public void AnyBytesAreAnsweredAsDeclaredOrCloseTheConnectionHoweverTheyAreSplit() => Fuzz.Run(random =>
    {
        byte[] stream = Stream(random);
        try
        {
            string whole = Exchange(stream, stream.Length, random);
            Assert.All(whole.Split('\0', StringSplitOptions.RemoveEmptyEntries), CheckReply);
            Assert.Equal(whole, Exchange(stream, random.Next(1, 300), random));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"sent: {JsonEncodedText.Encode(Encoding.Latin1.GetString(stream))}", e);
        }
    });

    [Fact]
    public void AnyTextIsAnInterfaceFileOrSaysWhatIsWrong() => Fuzz.Run(random =>
    {
        byte[][] files = [.. new[] { "org.varlink.service", "org.ueventmanager.Devices" }.Select(name => Encoding.UTF8.GetBytes(EmbeddedInterfaces.Read(name).Text))];
        byte[][] pieces = Utf8("?", "[]", "[string]", "(", ")", "->", "#", "\n", ":", ",", "type ", "method ", "error ", "interface ", "\r", "\0", "()", "\u00e4");
        for (int i = 0; i < 20; i++)
        {
            try
            {
                VarlinkInterface.Parse(Encoding.UTF8.GetString(Fuzz.Mutate(files[random.Next(files.Length)], pieces, random)));
            }
            catch (VarlinkFormatException)
            {
                // What is wrong, and where.
            }
        }
    });

    private static byte[] Stream(Random random)
    {
        var bytes = new List<byte>();
        for (int frames = random.Next(1, 6); frames > 0; frames--)
        {
            byte[] frame = Corpus[random.Next(Corpus.Length)];
            bytes.AddRange(random.Next(3) > 0 ? Fuzz.Mutate(frame, Pieces, random) : frame);
            bytes.Add(0);
        }
        return [.. bytes];
    }

    // Sends it all, shuts the sending side, answers what waits for an answer, and reads to the end.
    private static string Exchange(byte[] stream, int step, Random random)
    {
        using var server = new TestServer(Limits);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(server.Path));
        socket.Blocking = false;
        var received = new List<byte>();
        byte[] buffer = new byte[64 << 10];
        int sent = 0;
        bool open = true;
        long start = Stopwatch.GetTimestamp();
        while (open)
        {
            // Not Until(): it sleeps while the server has nothing to do, and here it is mostly the client that has.
            server.Poller.Turn();
            Assert.True(Stopwatch.GetElapsedTime(start) < TestTime.Seconds(20), "the server keeps the connection open");
            sent = sent == stream.Length ? sent : Send(socket, stream, sent, step);
            while (server.Open.Count > 0)
                Answer(server);
            // A client that reads slowly now and then.
            if (random.Next(2) == 0)
                continue;
            int count = socket.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error is not (SocketError.WouldBlock or SocketError.Success) || (error == SocketError.Success && count == 0))
                open = false;
            else if (count > 0)
                received.AddRange(buffer.AsSpan(0, count));
        }
        Assert.Equal((0, 1), (server.Listener.Connections, server.Poller.Watched));
        Assert.Equal((0L, false, false), (server.Listener.Accounts.HeldBytes, server.Dispatcher.Turns.HasWork, server.Listener.NeedsSweep));
        return Encoding.UTF8.GetString([.. received]);
    }

    private static int Send(Socket socket, byte[] stream, int sent, int step)
    {
        int count = socket.Send(stream.AsSpan(sent, Math.Min(step, stream.Length - sent)), SocketFlags.None, out SocketError error);
        sent = error switch
        {
            SocketError.Success => sent + count,
            SocketError.WouldBlock => sent,
            _ => stream.Length, // The server has closed it.
        };
        if (sent == stream.Length && error == SocketError.Success)
            socket.Shutdown(SocketShutdown.Send);
        return sent;
    }

    private static void Answer(TestServer server)
    {
        VarlinkCall call = server.TakeCall();
        if (call.IsFinished)
            return;
        if (call.More)
            call.Reply("{\"n\":1}"u8, continues: true);
        call.Reply("{\"n\":2}"u8);
    }

    // Which of the calls it answers is not known here: it must be what one of them is declared to return.
    private static void CheckReply(string frame)
    {
        Assert.Contains(Declared, one => Fits(one.Description, one.Method, frame));
    }

    private static bool Fits(VarlinkInterface description, string method, string frame)
    {
        try
        {
            ReplyChecker.Check(description, method, frame);
            return true;
        }
        catch (Exception e) when (e is Xunit.Sdk.IAssertionException or KeyNotFoundException)
        {
            return false;
        }
    }

    private static byte[][] Utf8(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
