namespace UeventManager.KernelTests.Harness;

/// <summary>Where the source tree is: the tests run what it publishes.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The published binary. `make test` publishes it first.</summary>
    public static string Ueventctl
    {
        get
        {
            var path = Environment.GetEnvironmentVariable("UEVENTCTL") ?? Path.Combine(Root, "artifacts/bin/ueventctl");
            Assert.True(File.Exists(path), $"{path} does not exist: run `make build` first");
            return path;
        }
    }

    /// <summary>The published bridge. `make test` publishes it first.</summary>
    public static string UeventNats
    {
        get
        {
            var path = Environment.GetEnvironmentVariable("UEVENT_NATS") ?? Path.Combine(Root, "artifacts/bin/uevent-nats");
            Assert.True(File.Exists(path), $"{path} does not exist: run `make build` first");
            return path;
        }
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "UeventManager.sln")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException($"no UeventManager.sln above {AppContext.BaseDirectory}");
    }
}
