//! Memory that was freed goes back to the system.

/// Makes glibc's allocator give back what a thread frees, which it otherwise keeps for that thread.
///
/// By itself it learns from the first large block that is freed that such blocks are short-lived, and from then on keeps
/// up to 64 MiB for each thread (`M_TRIM_THRESHOLD` in mallopt(3)). A build works on large blocks on all threads, and
/// `--memory` counts what is in use: 300 documents of 3 MiB took twice as much on 16 threads. Fixed limits turn that off.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code)]
pub(crate) fn give_back_what_is_freed() {
    /// Blocks from this size on are mapped for themselves. A run's own are smaller and stay with its thread.
    const MAPPED: libc::c_int = 4 << 20;
    /// What may be free at the end of a thread's memory.
    const KEPT: libc::c_int = 8 << 20;
    // SAFETY: both change settings of the allocator, which it takes at any time and from any thread. When it refuses,
    // nothing has changed.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
    }
}

/// Other allocators have no such settings.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back_what_is_freed() {}
