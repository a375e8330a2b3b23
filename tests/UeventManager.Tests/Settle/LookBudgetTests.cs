using UeventManager.Core.Settle;

namespace UeventManager.Tests.Settle;

/// <summary>Looks at very many devices must leave two thirds of a CPU to everything else.</summary>
public sealed class LookBudgetTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(500)]
    [InlineData(40_000)]
    public void Repeated_looks_take_a_third_of_the_time_beyond_the_credit_for_a_burst(long cost)
    {
        const long Second = 1_000_000;
        var budget = new LookBudget();
        long now = 0, spent = 0;
        while (now < 60 * Second)
        {
            if (budget.Allows(now))
            {
                budget.Spend(cost);
                (now, spent) = (now + cost, spent + cost);
            }
            else
            {
                var ready = budget.ReadyUsec(now);
                Assert.True(ready > now, "it would be asked again at once");
                now = ready;
            }
        }
        Assert.InRange(spent, now / LookBudget.Share * 9 / 10, (now / LookBudget.Share) + LookBudget.MostCreditUsec + cost);
    }

    [Theory]
    [InlineData(20, 1, true)]
    [InlineData(20, 8, true)]
    [InlineData(20, 10_000, false)]
    [InlineData(2_000, 1, false)]
    public void Looks_come_soon_while_they_take_less_than_a_fiftieth_of_the_time(long cost, int devices, bool soon)
    {
        const long Second = 1_000_000;
        var budget = new LookBudget();
        long spent = 0, asked = 0, eager = 0;
        // Each device is looked at as often as while few wait, or every 80 ms, as it is said then.
        var due = new PriorityQueue<int, long>();
        for (var i = 0; i < devices; i++)
            due.Enqueue(i, i);
        while (due.TryDequeue(out var device, out var now) && now < 20 * Second)
        {
            budget.Spend(cost);
            (spent, asked) = (spent + cost, asked + 1);
            var isEager = budget.IsEager(now);
            if (isEager)
                eager++;
            due.Enqueue(device, now + (isEager ? LookTimes.EagerUsec : 80_000));
        }
        Assert.Equal(soon, eager > asked * 9 / 10);
        // What they take beyond the others' share: a fiftieth, and a little more where intervals change.
        Assert.InRange(spent, 0, (devices * 20 * Second / 80_000 * cost) + (20 * Second / LookBudget.EagerShare * 3 / 2) + (devices * cost));
    }

    [Fact]
    public void The_budget_has_room_when_it_reports_so()
    {
        var budget = new LookBudget();
        Assert.True(budget.Allows(0));
        budget.Spend(10 * LookBudget.MostCreditUsec);
        Assert.False(budget.Allows(0));
        var ready = budget.ReadyUsec(0);
        Assert.False(budget.Allows(ready - LookBudget.Share));
        Assert.True(budget.Allows(ready));
    }

    [Fact]
    public void Credit_is_bounded_however_long_nothing_was_looked_at()
    {
        var budget = new LookBudget();
        Assert.True(budget.Allows(0));
        Assert.True(budget.Allows(3_600_000_000));
        budget.Spend(LookBudget.MostCreditUsec);
        Assert.False(budget.Allows(3_600_000_000));
    }

    [Theory]
    [InlineData(LookBudget.ToleratedUsec, 0, false)]
    [InlineData(LookBudget.ToleratedUsec + 1, 0, true)]
    [InlineData(100_000, 400_000, false)]
    [InlineData(100_001, 400_000, true)]
    public void A_deferred_look_counts_as_too_late_only_if_that_is_noticeable(long late, long interval, bool tooLate)
    {
        var budget = new LookBudget();
        budget.Late(late, interval);
        budget.Late(1, interval);
        Assert.Equal((2, tooLate ? 1 : 0, late), (budget.Deferred, budget.TooLate, budget.WorstLagUsec));
    }
}
