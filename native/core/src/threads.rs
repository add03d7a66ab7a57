//! Work that several threads share.

/// More threads than cores of any machine would only cost memory.
const MOST: usize = 256;

/// Run `work` in at most so many threads at a time, this one included; it ends when none is left of what they share.
pub fn in_threads(threads: usize, work: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        for _ in 1..threads.min(MOST) {
            // Where the system has no thread to give, fewer do the work.
            if std::thread::Builder::new().spawn_scoped(scope, &work).is_err() {
                break;
            }
        }
        work();
    });
}
