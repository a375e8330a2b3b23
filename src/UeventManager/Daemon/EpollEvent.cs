using System.Runtime.InteropServices;

namespace UeventManager.Daemon;

/// <summary>struct epoll_event is packed on x86-64 and nowhere else (EPOLL_PACKED).</summary>
internal static unsafe class EpollEvent
{
    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    public static (uint Flags, ulong Data) Read(byte* events, int index)
    {
        if (Packed)
        {
            var packed = ((LibC.epoll_event_x64*)events)[index];
            return (packed.events, packed.data);
        }
        var aligned = ((LibC.epoll_event_other*)events)[index];
        return (aligned.events, aligned.data);
    }

    public static void Write(byte* item, uint flags, ulong data)
    {
        if (Packed)
            *(LibC.epoll_event_x64*)item = new LibC.epoll_event_x64 { events = flags, data = data };
        else
            *(LibC.epoll_event_other*)item = new LibC.epoll_event_other { events = flags, data = data };
    }
}
