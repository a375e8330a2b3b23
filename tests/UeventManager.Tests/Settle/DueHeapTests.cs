using UeventManager.Core.Settle;

namespace UeventManager.Tests.Settle;

/// <summary>An entry that is lost in the heap is a device that is never looked at again.</summary>
public sealed class DueHeapTests
{
    [Fact]
    public void Entries_that_are_added_moved_and_removed_come_due_in_the_order_of_their_times() => Fuzz.Run(random =>
    {
        var heap = new DueHeap<int>();
        var entries = Enumerable.Range(0, 40).Select(number => new DueEntry<int>(number)).ToArray();
        var due = new Dictionary<int, long>();
        for (var step = 0; step < 500; step++)
        {
            var entry = entries[random.Next(entries.Length)];
            if (random.Next(4) > 0)
            {
                // Few times, so that many are equal.
                due[entry.Owner] = random.Next(20);
                heap.Set(entry, due[entry.Owner]);
            }
            else
            {
                due.Remove(entry.Owner);
                heap.Clear(entry);
            }
            Assert.Equal(due.Count, heap.Count);
            Assert.Equal(due.Count == 0 ? long.MaxValue : due.Values.Min(), heap.NextUsec);
            Assert.All(entries, one => Assert.Equal(due.ContainsKey(one.Owner), one.IsSet));
        }
        for (long last = 0; heap.Count > 0; due.Remove(heap.Peek().Owner), heap.Clear(heap.Peek()))
        {
            Assert.InRange(heap.NextUsec, last, long.MaxValue);
            Assert.Equal(due[heap.Peek().Owner], last = heap.NextUsec);
        }
        Assert.Empty(due);
    });
}
