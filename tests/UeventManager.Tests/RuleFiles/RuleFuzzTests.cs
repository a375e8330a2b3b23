using System.Text;
using UeventManager.RuleFiles;

namespace UeventManager.Tests.RuleFiles;

/// <summary>No file, however broken, stops the daemon from starting or a reload from ending.</summary>
public sealed class RuleFuzzTests
{
    private static readonly string[] Pieces =
    [
        "\n", "\r", "\r\n", "\t", " ", "  - ", "- ", "? ", ": ", ":", ",", "[", "]", "{", "}", "*", "&a ", "*a", "!", "!!", "!<x>", "|", ">", "|+2\n",
        "'", "\"", "\"\\", "\\x", "\\u12", "#", "%", "%YAML 9.9\n", "%TAG ! x\n", "---", "...", "\0", "\uFEFF", "\u0085", "<<: ", "~", "null",
        "[[[[[[[[[[", "{{{{{{{{{{", "- - - - - - - - ", "wait: ", "any: ", "not: ", "exists: ", "optional: ", "-1", "1e999s", "9999999999999999999", "../",
    ];

    [Fact]
    public async Task Broken_files_give_problems_and_no_exceptions()
    {
        var seed = Seed.Next();
        var at = 0;
        var last = "";
        var work = Task.Run(() =>
        {
            var random = new Random(seed);
            var good = ShippedRules.Files.Select(File.ReadAllBytes).Append(Encoding.UTF8.GetBytes(Everything)).ToArray();
            for (; at < 10_000; at++)
            {
                var bytes = Mutate(good[random.Next(good.Length)], random);
                last = Encoding.Latin1.GetString(bytes);
                var problems = new ProblemList("x.yaml");
                if (RuleText.Decode(bytes, problems) is { } text)
                    RuleFileReader.Read(text, RuleSchema.MaxRules, new RuleNames(), problems);
                foreach (var problem in problems.Sorted)
                    Assert.DoesNotContain(problem.ToString(), char.IsControl);
            }
        }, TestContext.Current.CancellationToken);
        try
        {
            await work.WaitAsync(TestTime.Seconds(60), TestContext.Current.CancellationToken);
        }
        catch (Exception e)
        {
            Assert.Fail($"{Seed.Replay(seed)}, round {at}: {e}\n{last}");
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("a: ")]
    [InlineData("[a, ")]
    [InlineData("!a ")]
    [InlineData("&a ")]
    [InlineData("\"")]
    [InlineData("'")]
    [InlineData("x")]
    [InlineData("\n")]
    [InlineData("#")]
    [InlineData("a:\n ")]
    [InlineData("a\n")]
    [InlineData("\"\\n")]
    [InlineData("*a: ")]
    [InlineData("...\n")]
    [InlineData("---\n")]
    [InlineData("|\n")]
    public async Task A_file_of_a_mebibyte_of_one_repeated_piece_is_read_in_bounded_time(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, RuleSchema.MaxFileBytes / piece.Length));
        var problems = new ProblemList("x.yaml");
        await Task.Run(() => RuleFileReader.Read(text, RuleSchema.MaxRules, new RuleNames(), problems), TestContext.Current.CancellationToken)
            .WaitAsync(TestTime.Seconds(20), TestContext.Current.CancellationToken);
        Assert.False(problems.IsEmpty);
    }

    [Theory]
    [InlineData("a{0}: 1\n")]
    [InlineData("rules{0}: [a, b, c]\n")]
    public async Task A_file_of_a_mebibyte_of_keys_is_read_in_bounded_time(string line)
    {
        var text = new StringBuilder();
        for (var i = 0; text.Length < RuleSchema.MaxFileBytes - 100; i++)
            text.AppendFormat(null, line, i);
        var problems = new ProblemList("x.yaml");
        await Task.Run(() => RuleFileReader.Read(text.ToString(), RuleSchema.MaxRules, new RuleNames(), problems), TestContext.Current.CancellationToken)
            .WaitAsync(TestTime.Seconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(ProblemList.Max + 1, problems.Sorted.Count());
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        var bytes = good.ToList();
        for (var n = random.Next(1, 6); n > 0 && bytes.Count > 0; n--)
        {
            var i = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 40), bytes.Count - i);
            switch (random.Next(6))
            {
                case 0: bytes[i] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(i, length); break;
                case 2: bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(i, length)); break;
                case 3: bytes.InsertRange(i, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)])); break;
                case 4: bytes.RemoveRange(i, bytes.Count - i); break;
                default: bytes.InsertRange(i, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Pieces[random.Next(Pieces.Length)], 50)))); break;
            }
        }
        return [.. bytes];
    }

    private const string Everything = """
        version: 1
        subsystem: [net, "block"]
        rules:
          - name: a
            description: >
              folded
              text
            on: [add, change]
            match: {devtype: "!x", property: {A: "b*"}, exists: [a, b/c]}
            wait:
              - any: [{exists: a}, {all: [{link: b, target: "c*"}, {not: {udev: true}}]}]
              - {attribute: d, in: [1, two, 0x3], optional: 1s}
              - {count: "virtfn*", equals: {attribute: sriov_numvfs}}
              - stable:
                  for: 50ms
                  paths: ["queues/*"]
            timeout: 1.5s
            onTimeout: deliver
            attach: {udev: [ID_*], links: [driver]}
            group: {leader: a/physfn, members: "b/virtfn[0-9]*"}

        """;
}
