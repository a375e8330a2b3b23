using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Uevents;

namespace UeventManager.Tests.Dispatch;

/// <summary>Any bytes are written as the library's writer would write them, so that no subscriber's parser fails.</summary>
public sealed class JsonTextTests
{
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("exactly sixteen.")]
    [InlineData("exactly sixteen.and more")]
    [InlineData("a \"quote\" and a \\ in what is longer than sixteen")]
    [InlineData("\u007f")]
    [InlineData("\u0080\u009f\u00a0")]
    [InlineData("tab\tline\nreturn\r\f\b\u0001\u001f")]
    [InlineData("Grüße, 東京, 😀, \u2028\u2029\ufffe\u0378")]
    [InlineData("<script>&'+/`")]
    public void A_text_is_written_as_the_library_writes_it(string text)
    {
        Assert.Equal(Expected(text), Written(buffer => buffer.Quoted(text)));
        Assert.Equal(Expected(text), Written(buffer => buffer.Quoted(Encoding.UTF8.GetBytes(text))));
    }

    [Fact]
    public void Every_byte_at_every_place_is_written_as_the_library_writes_it()
    {
        for (var length = 1; length <= 34; length++)
        {
            for (var at = 0; at < length; at++)
            {
                for (var one = 0; one < 256; one++)
                {
                    var bytes = Enumerable.Repeat((byte)'x', length).ToArray();
                    bytes[at] = (byte)one;
                    Assert.Equal(Expected(KernelText.Decode(bytes)), Written(buffer => buffer.Quoted(bytes)));
                }
            }
        }
    }

    [Fact]
    public void Any_bytes_are_written_as_the_library_writes_them()
    {
        var seed = Seed.Next();
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            if (i % 2 == 0)
                bytes = Encoding.UTF8.GetBytes(string.Concat(bytes.Select(one => char.ConvertFromUtf32(one < 200 ? one : random.Next(0xE000, 0x110000)))));
            Assert.True(Expected(KernelText.Decode(bytes)) == Written(buffer => buffer.Quoted(bytes)), Seed.Replay(seed));
        }
    }

    [Theory]
    [InlineData("half\ud83d")]
    [InlineData("\udc00half")]
    public void Half_a_pair_is_written_as_the_library_writes_it(string text) => Assert.Equal(Expected(text), Written(buffer => buffer.Quoted(text)));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_number_is_written_whole(long number) => Assert.Equal($"{number}", Written(buffer => buffer.Number(number)));

    private static string Expected(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, Options))
            writer.WriteStringValue(text);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    // Behind something, and in memory that had something else before.
    private static string Written(Action<ByteBuffer> write)
    {
        var buffer = new ByteBuffer();
        buffer.Append(Enumerable.Repeat((byte)'"', 300).ToArray());
        buffer.Clear();
        buffer.Append((byte)'!');
        write(buffer);
        Assert.Equal((byte)'!', buffer.Written[0]);
        return Encoding.UTF8.GetString(buffer.Written[1..]);
    }
}
