using UeventManager.Core.Snapshots;

namespace UeventManager.Tests.Snapshots;

/// <summary>The next run reads what this run wrote, in pieces of any size, and refuses everything else.</summary>
public sealed class SnapshotTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(-65)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_number_is_read_as_it_was_written(long value) => Assert.Equal(value, Reader(Written(to => to.Number(value))).Number());

    [Fact]
    public void A_snapshot_is_read_in_pieces_of_any_size() => Fuzz.Run(random =>
    {
        var values = Enumerable.Range(0, random.Next(1, 60)).Select(object? (_) => random.Next(5) switch
        {
            0 => random.NextInt64(long.MinValue, long.MaxValue),
            1 => random.Next(2) == 0,
            2 => new string('ä', random.Next(300)),
            3 => null,
            // Some are longer than the buffers of both sides.
            _ => Enumerable.Repeat((byte)random.Next(256), random.Next(random.Next(4) == 0 ? 200_000 : 40)).ToArray(),
        }).ToList();
        var bytes = Written(to =>
        {
            foreach (var value in values)
                Write(to, value);
        });
        var reader = Reader(bytes, most: random.Next(1, 70_000));
        foreach (var value in values)
        {
            object? read = value switch
            {
                long => reader.Number(),
                bool => reader.Flag(),
                byte[] => reader.Bytes().ToArray(),
                _ => reader.Text(),
            };
            Assert.Equal(value, read);
        }
        reader.End();
    });

    [Fact]
    public void A_known_text_is_one_object()
    {
        var reader = Reader(Written(to =>
        {
            to.Text("net");
            to.Text("net");
        }));
        Assert.Same(reader.KnownText(), reader.KnownText());
    }

    [Fact]
    public void A_truncated_overlong_or_invalid_snapshot_is_refused()
    {
        var two = Written(to =>
        {
            to.Number(1);
            to.Bytes("abc"u8);
        });
        for (var length = 0; length < two.Length; length++)
        {
            var cut = Reader(two[..length]);
            Assert.Throws<SnapshotException>(() =>
            {
                cut.Number();
                cut.Bytes();
            });
        }
        var more = Reader(two);
        more.Number();
        Assert.Throws<SnapshotException>(more.End);
        Assert.Throws<SnapshotException>(() => Reader(Enumerable.Repeat((byte)0xFF, 20).ToArray()).Number());
        Assert.Throws<SnapshotException>(() => Reader(Written(to => to.Number(2))).Flag());
        Assert.Throws<SnapshotException>(() => Reader(Written(to => to.Number(-1))).Count());
        Assert.Throws<SnapshotException>(() => Reader(Written(to => to.Number(11))).Number(0, 10));
    }

    // A length is not believed: memory grows with what comes.
    [Fact]
    public void An_announced_length_costs_nothing_until_the_bytes_come()
    {
        var reader = Reader(Written(to => to.Number(SnapshotReader.MaxLength)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SnapshotException>(() => reader.Bytes());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [InlineData(400, "same", 400)]
    [InlineData(1000, "same", 1000)]
    [InlineData(400, "other", 4400)]
    [InlineData(1000, "other", 5000)]
    public void A_time_is_translated_to_the_readers_clock(long time, string clock, long expected)
    {
        var reader = Reader(Written(to =>
        {
            to.Clock(1000, "same");
            to.Number(time);
        }));
        reader.Clock(5000, clock);
        Assert.Equal(expected, reader.Time());
    }

    [Fact]
    public void A_time_after_the_writing_is_refused()
    {
        var reader = Reader(Written(to =>
        {
            to.Clock(1000, "same");
            to.Number(1001);
        }));
        reader.Clock(5000, "same");
        Assert.Throws<SnapshotException>(() => reader.Time());
    }

    private static void Write(SnapshotWriter to, object? value)
    {
        if (value is long number)
            to.Number(number);
        else if (value is bool flag)
            to.Flag(flag);
        else if (value is byte[] bytes)
            to.Bytes(bytes);
        else
            to.Text((string?)value);
    }

    private static byte[] Written(Action<SnapshotWriter> write)
    {
        var bytes = new List<byte>();
        var writer = new SnapshotWriter(piece => bytes.AddRange(piece));
        write(writer);
        writer.Flush();
        return [.. bytes];
    }

    private static SnapshotReader Reader(byte[] bytes, int most = int.MaxValue)
    {
        var at = 0;
        return new SnapshotReader(buffer =>
        {
            var count = Math.Min(Math.Min(most, buffer.Length), bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(buffer);
            at += count;
            return count;
        });
    }
}
