//! Memory that was freed goes back to the system.

use backfile::memory::Memory;

/// Makes glibc's allocator give back what a thread frees, which it otherwise keeps for that thread.
///
/// By itself it learns from the first large block that is freed that such blocks are short-lived, and from then on keeps
/// up to 64 MiB for each thread (`M_TRIM_THRESHOLD` in mallopt(3)). A build works on large blocks on all threads, and its
/// budget is for what is in use: 300 documents of 3 MiB took twice as much on 16 threads. Fixed limits turn that off.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
pub(crate) fn give_back_what_is_freed(memory: Memory) {
    /// Of the budget, what a block may have that is not mapped for itself, and what may be free at the end of a thread's
    /// memory: 4 and 8 MiB of the usual one, in which the blocks of a run stay.
    const SHARES: (u64, u64) = (256, 128);
    let share = |of: u64| libc::c_int::try_from(memory.bytes() / of).unwrap_or(libc::c_int::MAX);
    // SAFETY: both change settings of the allocator, which it takes at any time and from any thread. When it refuses,
    // nothing has changed.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, share(SHARES.0));
        libc::mallopt(libc::M_TRIM_THRESHOLD, share(SHARES.1));
    }
}

/// Other allocators have no such settings.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back_what_is_freed(_: Memory) {}
