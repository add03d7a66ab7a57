//! Futures that become promises.
use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use napi::bindgen_prelude::*;

use crate::failure::{Failure, Outcome};

/// Runs the future in the process's runtime. A failure or a panic rejects the promise; an open promise keeps Node alive,
/// nothing else does.
pub fn promise<'e, T: ToNapiValue + Send + 'static>(
    env: &'e Env,
    future: impl Future<Output = Outcome<T>> + Send + 'static,
) -> Result<PromiseRaw<'e, T>> {
    env.spawn_future(async move {
        match AssertUnwindSafe(future).catch_unwind().await {
            Ok(outcome) => Ok(outcome?),
            Err(payload) => Err(Failure::panic(payload.as_ref()).into()),
        }
    })
}
