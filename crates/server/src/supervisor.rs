//! Supervises the server's background tasks and threads: all belong to one tracker and one cancellation token. If an
//! essential task ends before shutdown, that is a failure, and the process ends.

use std::{
    any::Any,
    fmt,
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    thread,
};

use futures::FutureExt;
use tokio::sync::{oneshot, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// An essential task that ended or panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFailure {
    pub task: &'static str,
    /// The panic's message, or that the task returned.
    pub cause: String,
}

impl fmt::Display for TaskFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "essential task '{}' failed: {}", self.task, self.cause)
    }
}

impl std::error::Error for TaskFailure {}

#[derive(Clone, Default)]
pub struct Supervisor(Arc<Tasks>);

#[derive(Default)]
struct Tasks {
    tracker: TaskTracker,
    shutdown: CancellationToken,
    /// The first failure.
    failure: watch::Sender<Option<TaskFailure>>,
    #[cfg(any(test, debug_assertions))]
    kill_switches: parking_lot::Mutex<Vec<(&'static str, CancellationToken)>>,
}

impl Supervisor {
    /// Spawns an essential task. Shutdown cancels it.
    pub fn spawn_essential(&self, task: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        // Boxed: the future of a task is large, and each step on its way to the runtime would copy it on the stack.
        let (shutdown, work) = (self.0.shutdown.clone(), Box::pin(work));
        self.watch(task, async move {
            shutdown.run_until_cancelled(work).await;
        });
    }

    /// As [`Supervisor::spawn_essential`], for a task that finishes its work after shutdown has begun, and then ends.
    pub fn spawn_finishing(&self, task: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.watch(task, Box::pin(work));
    }

    /// Spawns a short task whose failure does not matter. Shutdown cancels it.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let shutdown = self.0.shutdown.clone();
        self.0.tracker.spawn(async move {
            shutdown.run_until_cancelled(work).await;
        });
    }

    /// Starts an essential thread. It must end after shutdown has begun.
    ///
    /// # Errors
    /// If the system starts no thread.
    pub fn spawn_thread(&self, task: &'static str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let (sender, ended) = oneshot::channel();
        let thread = move || {
            // There is no receiver after shutdown.
            let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
        };
        thread::Builder::new().name(task.to_owned()).spawn(thread)?;
        self.spawn_essential(task, async move {
            if let Ok(Err(panic)) = ended.await {
                resume_unwind(panic);
            }
        });
        Ok(())
    }

    fn watch(&self, task: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        #[cfg(any(test, debug_assertions))]
        let work = self.killable(task, work);
        let supervisor = self.clone();
        self.0.tracker.spawn(async move {
            let cause = match AssertUnwindSafe(work).catch_unwind().await {
                Err(panic) => panic_message(&*panic),
                Ok(()) if supervisor.0.shutdown.is_cancelled() => return,
                Ok(()) => "it returned before the shutdown".to_owned(),
            };
            supervisor.report(TaskFailure { task, cause });
        });
    }

    fn report(&self, failure: TaskFailure) {
        tracing::error!(task = failure.task, cause = failure.cause, "an essential task failed; the server stops");
        self.0.failure.send_modify(|first| {
            first.get_or_insert(failure);
        });
    }

    /// Completes when an essential task has failed.
    pub async fn failure(&self) -> TaskFailure {
        let mut failures = self.0.failure.subscribe();
        let first = failures.wait_for(Option::is_some).await.map(|first| first.clone());
        match first {
            Ok(Some(failure)) => failure,
            // The sender lives as long as this supervisor.
            _ => std::future::pending().await,
        }
    }

    /// Begins the shutdown: cancels all tasks but those that finish their work.
    pub fn shut_down(&self) {
        self.0.shutdown.cancel();
    }

    /// Completes when all tasks have ended.
    pub async fn finished(&self) {
        self.0.tracker.close();
        self.0.tracker.wait().await;
    }
}

/// The message of a panic.
pub fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("it panicked: {}", text.unwrap_or("no message"))
}

/// For tests: a release has no way to end a task.
#[cfg(any(test, debug_assertions))]
impl Supervisor {
    fn killable(
        &self,
        task: &'static str,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let switch = CancellationToken::new();
        self.0.kill_switches.lock().push((task, switch.clone()));
        async move {
            if switch.run_until_cancelled(work).await.is_none() {
                panic!("killed");
            }
        }
    }

    /// The essential tasks, in the order in which they were spawned.
    pub fn essential_tasks(&self) -> Vec<&'static str> {
        self.0.kill_switches.lock().iter().map(|(task, _)| *task).collect()
    }

    /// Makes an essential task panic: of several with this name the first.
    pub fn kill(&self, task: &str) {
        let switches = self.0.kill_switches.lock();
        switches.iter().filter(|(name, _)| *name == task).take(1).for_each(|(_, switch)| switch.cancel());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_panic_in_an_essential_task_is_a_failure_with_its_message() {
        let supervisor = Supervisor::default();
        supervisor.spawn_essential("other", std::future::pending());
        supervisor.spawn_essential("clock", async { panic!("no {}", "time") });
        let failure = supervisor.failure().await;
        assert_eq!(failure.to_string(), "essential task 'clock' failed: it panicked: no time");
    }

    #[tokio::test]
    async fn an_essential_task_that_returns_is_a_failure() {
        let supervisor = Supervisor::default();
        supervisor.spawn_essential("clock", async {});
        assert_eq!(supervisor.failure().await.task, "clock");
    }

    #[tokio::test]
    async fn a_shutdown_cancels_tasks_lets_others_finish_and_is_no_failure() {
        let (supervisor, finish) = (Supervisor::default(), Arc::new(tokio::sync::Notify::new()));
        supervisor.spawn_essential("clock", std::future::pending());
        supervisor.spawn(std::future::pending());
        let end = finish.clone();
        supervisor.spawn_finishing("writer", async move { end.notified().await });
        supervisor.shut_down();
        let wait = Duration::from_millis(50);
        assert!(timeout(wait, supervisor.finished()).await.is_err(), "the finishing task runs to its end");
        finish.notify_one();
        supervisor.finished().await;
        assert!(timeout(wait, supervisor.failure()).await.is_err());
    }
}
