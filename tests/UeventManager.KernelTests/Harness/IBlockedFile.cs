namespace UeventManager.KernelTests.Harness;

/// <summary>An attribute whose read blocks, as sriov_numvfs_show() does while a store() holds the device lock.</summary>
internal interface IBlockedFile : IDisposable
{
    /// <summary>Somebody is in a read of it now.</summary>
    bool IsBeingRead { get; }

    /// <summary>Lets every read return, those under way and those to come.</summary>
    void Answer(string content);
}
