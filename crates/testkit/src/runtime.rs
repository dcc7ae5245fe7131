//! The one asynchronous runtime of a test process; connections of shared clients live in it, whichever test made them.

use std::{future::Future, sync::OnceLock};

use tokio::runtime::{Builder, Runtime};

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// Runs `future` to its end on the calling thread, with its connections driven by the shared runtime.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    RUNTIME
        .get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("testkit")
                .enable_all()
                .build()
                .expect("a runtime for the test process")
        })
        .block_on(future)
}
