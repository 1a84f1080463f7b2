//! Sessions and devices.

use protocol::{ended::Ended, error::Refusal, ids::UserId};
use server::{
    model::{DeviceId, EndedSession, NewSession, SessionId},
    store::now_ms,
};

use crate::fixture::{Fixture, refusal};

/// A session that lasts for this many milliseconds.
fn session(user: UserId, number: u8, lasts: i64) -> NewSession {
    let id = SessionId([number; 32]);
    NewSession { id, user, expires_at: now_ms() + lasts, agent: "test".into(), device: Some(DeviceId([number; 32])) }
}

const DAY: i64 = 86_400_000;

pub(crate) async fn a_session_ends_for_a_reason(fixture: &Fixture) {
    let minsu = fixture.person("minsu").await;
    let store = &fixture.store;
    let [kept, left, expired] = [1, 2, 3].map(|number| SessionId([number; 32]));
    for new in [session(minsu, 1, DAY), session(minsu, 2, DAY), session(minsu, 3, -1)] {
        store.insert_session(new).await.unwrap();
    }
    assert_eq!(store.session(kept).await.unwrap(), Some(minsu));
    assert_eq!(store.session(expired).await.unwrap(), None);
    assert_eq!(store.sessions_of(minsu).await.unwrap().len(), 2);
    let ended = async |after| {
        let ended = store.ended_sessions(after, (now_ms() - DAY, now_ms())).await.unwrap();
        let newest = ended.iter().map(|session| session.number).max().unwrap_or(after);
        (ended.into_iter().map(|session| (session.id, session.reason)).collect::<Vec<_>>(), newest)
    };
    assert_eq!(ended(0).await.0, [(expired, Ended::Expired)]);
    store.delete_session(left).await.unwrap();
    let (first, seen) = ended(0).await;
    assert_eq!(first, [(left, Ended::SignedOut), (expired, Ended::Expired)]);
    store.sweep_sessions(seen).await.unwrap();
    let (swept, seen) = ended(0).await;
    assert_eq!(swept, [(expired, Ended::SignedOut)], "a deleted row leaves a tombstone, a seen tombstone goes");
    store.set_password("minsu".into(), "new".into()).await.unwrap();
    assert_eq!(ended(seen).await.0, [(kept, Ended::PasswordChanged)], "only what ended after the last look");
    assert!(store.sessions_of(minsu).await.unwrap().is_empty());
}

pub(crate) async fn a_disabled_account_has_no_session(fixture: &Fixture) {
    let minsu = fixture.person("minsu").await;
    let store = &fixture.store;
    store.insert_session(session(minsu, 1, DAY)).await.unwrap();
    store.set_disabled("minsu".into(), true).await.unwrap();
    let id = SessionId([1; 32]);
    assert_eq!(store.session(id).await.unwrap(), None);
    let ended = store.ended_sessions(0, (0, 0)).await.unwrap();
    assert_eq!(ended, [EndedSession { number: ended[0].number, id, reason: Ended::Disabled }]);
    assert_eq!(refusal(store.insert_session(session(minsu, 2, DAY)).await), Refusal::SignedOut);
    assert_eq!(refusal(store.set_disabled("nobody".into(), true).await), Refusal::NotFound);
    assert_eq!(refusal(store.set_password("nobody".into(), "x".into()).await), Refusal::NotFound);
}

pub(crate) async fn a_device_knows_who_signed_in_on_it(fixture: &Fixture) {
    let minsu = fixture.person("minsu").await;
    fixture.person("younghee").await;
    let store = &fixture.store;
    let device = DeviceId([1; 32]);
    assert_eq!(store.owner_of_device("minsu", device).await.unwrap(), None);
    for number in 1..=30 {
        store.insert_session(session(minsu, number, DAY)).await.unwrap();
    }
    assert_eq!(store.owner_of_device("minsu", device).await.unwrap(), Some(minsu));
    assert_eq!(store.owner_of_device("younghee", device).await.unwrap(), None);
    // Any of equally old devices may be deleted, and these were all used within a moment.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    store.insert_session(session(minsu, 31, DAY)).await.unwrap();
    let mut known = 0;
    for number in 1..=31 {
        known += usize::from(store.owner_of_device("minsu", DeviceId([number; 32])).await.unwrap().is_some());
    }
    assert_eq!(known, 30, "the last used ones");
    assert_eq!(store.owner_of_device("minsu", DeviceId([31; 32])).await.unwrap(), Some(minsu));
}
