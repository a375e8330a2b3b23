using System.Globalization;

namespace UeventManager.Commands.Acting;

/// <summary>A process and its descendants.</summary>
internal static class ProcessTree
{
    /// <summary>A process and its descendants, by pid and start time, because pids are reused.</summary>
    public static IReadOnlyList<(int Pid, string Started)> Of(int pid)
    {
        var found = new List<(int, string)>();
        var open = new Stack<int>([pid]);
        while (open.TryPop(out int next))
        {
            if (StartOf(next) is not { } started)
                continue;
            found.Add((next, started));
            foreach (int child in ChildrenOf(next))
                open.Push(child);
        }
        return found;
    }

    /// <summary>The processes that still run.</summary>
    public static IEnumerable<int> Alive(IReadOnlyList<(int Pid, string Started)> processes) =>
        processes.Where(static one => StartOf(one.Pid) == one.Started).Select(static one => one.Pid);

    private static IEnumerable<int> ChildrenOf(int pid)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{pid}/task").SelectMany(static task => File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(static text => int.Parse(text, CultureInfo.InvariantCulture))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // It has ended meanwhile.
        }
    }

    // Field 22 of proc(5)'s stat; the name in field 2 may have blanks and parentheses.
    private static string? StartOf(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : fields[19];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
