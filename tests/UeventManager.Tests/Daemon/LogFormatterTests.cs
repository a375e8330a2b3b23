using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using UeventManager.Daemon.Start;
using UeventManager.Tests.Commands;

namespace UeventManager.Tests.Daemon;

/// <summary>Lines have the time, or the journal's priority, depending on their reader.</summary>
public sealed class LogFormatterTests
{
    [Theory]
    [InlineData("Journal", LogLevel.Information, "<6>a line\n")]
    [InlineData("Journal", LogLevel.Warning, "<4>a line\n")]
    [InlineData("Journal", LogLevel.Error, "<3>a line\n")]
    [InlineData("Journal", LogLevel.Critical, "<2>a line\n")]
    [InlineData("Journal", LogLevel.Debug, "<7>a line\n")]
    [InlineData("Terminal", LogLevel.Information, "12:00:10.000  a line\n")]
    [InlineData("Terminal", LogLevel.Warning, "12:00:10.000  warning: a line\n")]
    [InlineData("File", LogLevel.Error, "2026-01-02T12:00:10.000+00:00 error: a line\n")]
    [InlineData("File", LogLevel.Debug, "2026-01-02T12:00:10.000+00:00 debug: a line\n")]
    public void A_line_fits_a_terminal_a_journal_or_a_file(string reader, LogLevel level, string expected)
    {
        using var text = new StringWriter();
        new LogFormatter(Enum.Parse<LogReader>(reader), new FixedTime()).Write(new LogEntry<string>(level, "uevent-manager", new EventId(1), "a line", null, static (state, _) => state), null, text);
        Assert.Equal(expected, text.ToString());
    }

    [Theory]
    [InlineData("8:12345", 0UL, 8UL, 12345UL)]
    [InlineData("2049:7", 8UL, 1UL, 7UL)]
    [InlineData("1048832:7", 1UL, 256UL, 7UL)]
    [InlineData("17592186044416:7", 4096UL, 0UL, 7UL)]
    public void JOURNAL_STREAM_is_parsed(string text, ulong major, ulong minor, ulong inode) =>
        Assert.Equal(new FileIdentity((major << 32) | minor, inode), FileIdentity.Parse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("8")]
    [InlineData("8:x")]
    [InlineData("8:1:2")]
    [InlineData("-8:1")]
    public void Any_other_text_is_not_taken_for_a_journals_descriptor(string? text) => Assert.Null(FileIdentity.Parse(text));

    [Fact]
    public void A_descriptor_is_recognised_by_the_file_that_it_was_opened_for()
    {
        string path = Path.GetTempFileName();
        using (FileStream file = File.OpenRead(path))
            Assert.Equal(FileIdentity.At(path), FileIdentity.Of((int)file.SafeFileHandle.DangerousGetHandle()));
        File.Delete(path);
        Assert.Null(FileIdentity.Of(-1));
    }
}
