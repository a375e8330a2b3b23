using UeventManager.Core.Rules;

namespace UeventManager.Core.Recording;

/// <summary>Writes and reads the answer to one question of a look.</summary>
internal static class TapeAnswer
{
    private const int MostTargets = 1 << 20;

    /// <summary>Writes a question and its answer.</summary>
    public static void Write(TapeWriter to, SysfsQuery query, in Answer answer)
    {
        // Kind and path identify a question; another build may number the slots of its table differently.
        to.Number((long)query.Kind);
        to.Text(query.Path);
        to.Number((answer.Asked ? 1 : 0) | (answer.Exists ? 2 : 0) | (answer.CouldNotLook ? 4 : 0) | (answer.IsUnrecorded ? 8 : 0)
            | (answer.Targets is null ? 0 : 16) | (answer.Ancestor is null ? 0 : 32) | (answer.Udev is null ? 0 : 64) | (answer.Udev is { IsLeft: true } ? 128 : 0));
        to.Text(answer.LinkTarget);
        to.Text(answer.Value);
        to.Number(answer.Count);
        to.Number(answer.Errno);
        if (answer.Targets is { } targets)
        {
            to.Number(targets.Count);
            foreach (var target in targets)
                to.Text(target);
        }
        if (answer.Udev is { } file)
        {
            to.Number((long)file.Inode);
            to.Number(file.ModifiedUsec);
        }
        if (answer.Ancestor is { } ancestor)
            Write(to, query.OfAncestor!.Table, ancestor);
    }

    /// <summary>Reads the answer to a question.</summary>
    /// <param name="from">The reader.</param>
    /// <param name="asked">The questions of the look.</param>
    /// <param name="query">The question that the answer belongs to.</param>
    /// <exception cref="FormatException">The answer belongs to none of them.</exception>
    public static Answer Read(ref TapeReader from, IReadOnlyList<SysfsQuery> asked, out SysfsQuery query)
    {
        var (kind, path) = ((QueryKind)from.Number(0, byte.MaxValue), from.Text());
        query = asked.FirstOrDefault(one => one.Kind == kind && one.Path == path) ?? throw new FormatException($"the engine does not read '{path}' at this point");
        var flags = from.Number(0, 255);
        var answer = new Answer
        {
            Asked = (flags & 1) != 0,
            Exists = (flags & 2) != 0,
            CouldNotLook = (flags & 4) != 0,
            IsUnrecorded = (flags & 8) != 0,
            LinkTarget = from.Text(),
            Value = from.Text(),
            Count = from.Number(0, int.MaxValue),
            Errno = from.Number(0, int.MaxValue),
        };
        if ((flags & 16) != 0)
        {
            var targets = new List<string>();
            for (var i = from.Number(0, MostTargets); i > 0; i--)
                targets.Add(from.Text() ?? throw TapeReader.Broken());
            answer = answer with { Targets = targets };
        }
        if ((flags & 64) != 0)
            answer = answer with { Udev = new UdevFile((ulong)from.Number(), from.Number()) { IsLeft = (flags & 128) != 0 } };
        return (flags & 32) == 0 ? answer : answer with { Ancestor = ReadFacts(ref from, query.OfAncestor?.Table ?? throw TapeReader.Broken()) };
    }

    private static void Write(TapeWriter to, QueryTable table, LookFacts facts)
    {
        to.Text(facts.DevPath);
        to.Text(facts.File);
        to.Number(table.Count);
        foreach (var query in table.Queries)
            Write(to, query, facts[query.Slot]);
    }

    private static LookFacts ReadFacts(ref TapeReader from, QueryTable table)
    {
        var path = from.Text() ?? throw TapeReader.Broken();
        var facts = new LookFacts { DevPath = path, SysName = path[(path.LastIndexOf('/') + 1)..], File = from.Text() };
        facts.Reset(table.Count);
        for (var i = from.Number(0, table.Count); i > 0; i--)
        {
            var answer = Read(ref from, table.Queries, out var query);
            facts.Put(query.Slot, answer);
        }
        return facts;
    }
}
