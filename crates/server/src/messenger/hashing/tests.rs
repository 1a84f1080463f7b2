use std::{net::IpAddr, time::Instant};

use futures::FutureExt;
use tokio::time::timeout;

use super::*;

fn stranger(last: u8) -> HashPriority {
    HashPriority::Stranger(IpAddr::from([198, 51, 100, last]).into())
}

#[tokio::test]
async fn a_password_is_verified_by_its_hash_alone() {
    let hashing = Hashing::start(&Supervisor::default()).unwrap();
    let hash = hashing.hash(HashPriority::Own, "correct horse".into()).await.unwrap();
    assert!(hashing.verify(stranger(1), vec!["correct horse".into()], Some(hash.clone())).await.unwrap());
    assert!(!hashing.verify(stranger(1), vec!["wrong horse".into()], Some(hash)).await.unwrap());
    assert!(!hashing.verify(stranger(1), vec!["correct horse".into()], None).await.unwrap());
}

#[tokio::test]
async fn abandoned_work_is_not_done() {
    let hashing = Hashing::start(&Supervisor::default()).unwrap();
    let begun = Instant::now();
    hashing.verify(HashPriority::Own, vec!["one".into()], None).await.unwrap();
    let one = begun.elapsed();
    for last in 0..60 {
        let verifying = hashing.verify(stranger(last), vec!["abandoned".into()], None);
        assert!(verifying.now_or_never().is_none());
    }
    let begun = Instant::now();
    hashing.verify(stranger(200), vec!["here".into()], None).await.unwrap();
    assert!(begun.elapsed() < 20 * one, "{:?}, of which one takes {one:?}", begun.elapsed());
}

/// A job that ends its thread, or whose computation panics.
struct FailingJob {
    kills_thread: bool,
}

impl HashJob for FailingJob {
    fn is_wanted(&self) -> bool {
        assert!(!self.kills_thread, "the thread dies");
        true
    }

    fn run(self: Box<Self>, _: &mut Memory) {
        panic!("the job fails");
    }
}

impl Hashing {
    fn push(&self, kills_thread: bool) {
        assert!(self.0.lock().queue.push(HashPriority::Own, Box::new(FailingJob { kills_thread })).is_ok());
        self.0.is_due.notify_one();
    }
}

#[tokio::test]
async fn the_death_of_a_hash_thread_is_a_failure_and_a_failed_hash_is_none() {
    let supervisor = Supervisor::default();
    let hashing = Hashing::start(&supervisor).unwrap();
    hashing.push(false);
    assert!(!hashing.verify(HashPriority::Own, vec!["password".into()], None).await.unwrap(), "the thread goes on");
    assert!(supervisor.failure().now_or_never().is_none());
    hashing.push(true);
    let failure = timeout(Duration::from_secs(10), supervisor.failure()).await.unwrap();
    assert_eq!((failure.task, failure.cause.as_str()), ("hashing", "it panicked: the thread dies"));
}
