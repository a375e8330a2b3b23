using System.Text;
using UeventManager.Core.Dispatch;

namespace UeventManager.Tests.Dispatch;

/// <summary>The ring returns exactly the events that were added, however it grows and wraps.</summary>
public sealed class EventRingTests
{
    // A collection for another thread counts the rest of what this one allocates from, once or twice; the smallest segment here is 62,500 bytes.
    private const int Quantum = 32 * 1024;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_ring_keeps_the_appended_events_through_growth_and_wrapping(int seed)
    {
        var random = new Random(seed);
        var ring = new EventRing(maxEvents: 2048, maxBytes: 300_000);
        var texts = new List<string> { "" };
        for (var i = 1; i < 20_000; i++)
        {
            texts.Add(new string((char)('a' + i % 26), random.Next(1, i % 500 == 0 ? 50_000 : 400)));
            ring.Append(Encoding.UTF8.GetBytes(texts[i]));
            Assert.Equal(i + 1, ring.Next);
            Assert.True(ring.Next - ring.First <= 2048);
            if (i % 97 != 0)
                continue;
            for (var n = ring.First; n < ring.Next; n++)
                Assert.Equal(texts[(int)n], Encoding.UTF8.GetString(ring[n]));
        }
        Assert.True(ring.First > 1);
    }

    [Fact]
    public void An_event_as_long_as_the_ring_pushes_everything_else_out()
    {
        var ring = new EventRing(maxEvents: 16, maxBytes: 1000);
        ring.Append(new byte[10]);
        ring.Append(new byte[1000]);
        Assert.Equal(ring.Next - 1, ring.First);
        ring.Append(new byte[1]);
        Assert.Equal(1, ring[ring.Next - 1].Length);
    }

    [Fact]
    public void A_full_ring_takes_further_events_without_any_allocation()
    {
        var ring = new EventRing();
        var one = new byte[700];
        for (var i = 0; i < 2 * EventRing.DefaultMaxEvents; i++)
            ring.Append(one);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < EventRing.DefaultMaxEvents; i++)
            ring.Append(one);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Quantum);
        Assert.InRange(ring.Bytes, EventRing.DefaultMaxBytes - 512 * 1024, EventRing.DefaultMaxBytes);
    }

    [Fact]
    public void A_reserved_ring_keeps_what_it_had_and_allocates_nothing_more()
    {
        var ring = new EventRing();
        var one = new byte[700];
        ring.Append("before"u8);
        ring.Reserve();
        var before = GC.GetAllocatedBytesForCurrentThread();
        ring.Reserve();
        for (var i = 0; i < EventRing.DefaultMaxBytes / 1000; i++)
            ring.Append(one);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Quantum);
        Assert.Equal("before"u8, ring[1]);
    }

    [Theory]
    [InlineData(EventRing.DefaultMaxBytes, 0)]
    [InlineData(EventRing.DefaultMaxBytes, 300_000)]
    [InlineData(1_000_000, 0)]
    public void A_ring_that_was_reserved_fills_up_without_another_segment(int maxBytes, int first)
    {
        var ring = new EventRing(maxBytes: maxBytes);
        if (first > 0)
            ring.Append(new byte[first]);
        ring.Reserve();
        var one = new byte[Math.Min(700, maxBytes / 16)];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 2 * maxBytes / one.Length; i++)
            ring.Append(one);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Quantum);
    }

    [Fact]
    public void A_ring_of_small_events_keeps_the_stated_number_of_them()
    {
        var ring = new EventRing();
        for (var i = 0; i < 100_000; i++)
            ring.Append(new byte[50]);
        Assert.Equal(EventRing.DefaultMaxEvents, ring.Next - ring.First);
        Assert.Equal(50L * EventRing.DefaultMaxEvents, ring.Bytes);
    }

    [Fact]
    public void A_cleared_ring_holds_nothing_and_goes_on_behind_a_skipped_number()
    {
        var ring = new EventRing(maxEvents: 16, maxBytes: 1000);
        ring.Append(new byte[10]);
        ring.Clear();
        Assert.Equal((3, 3, 0), (ring.First, ring.Next, ring.Bytes));
        ring.Append("x"u8);
        Assert.Equal("x"u8, ring[3]);
    }
}
