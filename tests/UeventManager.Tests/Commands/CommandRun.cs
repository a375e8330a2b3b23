using System.CommandLine;
using System.Text;
using UeventManager.Commands;

namespace UeventManager.Tests.Commands;

/// <summary>A command line, run in this process.</summary>
internal static class CommandRun
{
    /// <summary>Runs it and returns what it wrote.</summary>
    public static async Task<(int Status, string Output, string Error)> Async(params string[] args)
    {
        var output = new MemoryStream();
        var error = new StringWriter();
        RootCommand root = CommandLine.Build();
        var writer = new StreamWriter(output);
        int status = await CommandLine.RunAsync(root, args, new InvocationConfiguration { Output = writer, Error = error });
        // What says help does not flush.
        await writer.FlushAsync();
        return (status, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }
}
