use std::{net::IpAddr, time::Instant};

use super::*;

fn stranger(last: u8) -> Turn {
    Turn::Stranger(IpAddr::from([198, 51, 100, last]).into())
}

#[tokio::test]
async fn a_password_is_verified_by_its_hash_alone() {
    let hashing = Hashing::start().unwrap();
    let hash = hashing.hash(Turn::Own, "correct horse".into()).await.unwrap();
    assert!(hashing.verify(stranger(1), vec!["correct horse".into()], Some(hash.clone())).await.unwrap());
    assert!(!hashing.verify(stranger(1), vec!["wrong horse".into()], Some(hash)).await.unwrap());
    assert!(!hashing.verify(stranger(1), vec!["correct horse".into()], None).await.unwrap());
}

#[tokio::test]
async fn abandoned_work_is_not_done() {
    let hashing = Hashing::start().unwrap();
    let begun = Instant::now();
    hashing.verify(Turn::Own, vec!["one".into()], None).await.unwrap();
    let one = begun.elapsed();
    for last in 0..60 {
        let verifying = hashing.verify(stranger(last), vec!["abandoned".into()], None);
        assert!(futures::FutureExt::now_or_never(verifying).is_none());
    }
    let begun = Instant::now();
    hashing.verify(stranger(200), vec!["here".into()], None).await.unwrap();
    assert!(begun.elapsed() < 20 * one, "{:?}, of which one takes {one:?}", begun.elapsed());
}
