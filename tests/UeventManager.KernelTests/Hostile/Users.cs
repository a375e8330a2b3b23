using System.Runtime.ExceptionServices;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Hostile;

/// <summary>Does things as another user. The kernel takes a connection's credentials from the thread that makes it.</summary>
internal static class Users
{
    /// <summary>Who attacks.</summary>
    public const int Attacker = 20_001;

    /// <summary>Who must not notice.</summary>
    public const int Bystander = 20_002;

    /// <summary>Runs a delegate as a user, on a thread that ends with it.</summary>
    public static T As<T>(int uid, Func<T> work)
    {
        T? result = default;
        Start(uid, () => result = work()).Wait();
        return result!;
    }

    /// <summary>Begins to run a delegate as a user.</summary>
    /// <returns>Ends with it, and throws what it threw.</returns>
    public static Task Start(int uid, Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                Syscalls.BecomeUser(uid);
                work();
                done.SetResult();
            }
            catch (Exception error)
            {
                done.SetException(ExceptionDispatchInfo.SetCurrentStackTrace(error));
            }
        });
        thread.Start();
        return done.Task;
    }
}
