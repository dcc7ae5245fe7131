//! The one asynchronous runtime of a test process; connections of shared clients live in it, whichever test made them.

use std::{future::Future, sync::OnceLock};

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// Runs `future` to its end on the calling thread, with its connections driven by the shared runtime.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    find_runtime().block_on(future)
}

/// Runs `future` beside the test, until it ends or its handle aborts it.
pub(crate) fn spawn(future: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    find_runtime().spawn(future)
}

fn find_runtime() -> &'static Runtime {
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("testkit")
            .enable_all()
            .build()
            .expect("a runtime for the test process")
    })
}
