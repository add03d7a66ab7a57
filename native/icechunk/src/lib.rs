//! Icechunk for Node: plain data in JSON and columns in typed arrays, promises out. A handle belongs to the thread that opened
//! it; what runs behind it runs in one tokio runtime for the whole process. No panic leaves this library: functions catch
//! their own, and so does every future.
#![deny(unsafe_op_in_unsafe_fn)]

mod causes;
mod chunk_refs;
mod commit;
mod conflicts;
mod containers;
mod diff;
mod failure;
mod history;
mod keys;
mod lock;
mod maintenance;
mod place;
mod promise;
mod repository;
mod session;
mod version;
mod virtual_refs;
