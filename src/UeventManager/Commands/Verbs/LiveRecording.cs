using UeventManager.Daemon.Edge;
using UeventManager.Recorder;

namespace UeventManager.Commands.Verbs;

/// <summary>A recording that is read at once, in a temporary file.</summary>
internal static class LiveRecording
{
    /// <summary>Records, and reads the recording.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static RecordingFile Make(CommandContext context, RecorderOptions options)
    {
        var path = Path.Combine(Path.GetTempPath(), $"uevents-{Guid.NewGuid():N}.ndjson");
        using var stream = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0, Options = FileOptions.DeleteOnClose, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        using (var session = new RecorderSession(SysfsRoot.Open(DaemonCommand.Options(context.Settings)), options, stream))
        {
            session.Run(static () => { }, context.Cancel);
            if (session.Failure is { } failure)
                throw new IOException($"{path}: {failure.Message}", failure);
        }
        return RecordingFile.Read(path);
    }
}
