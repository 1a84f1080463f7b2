//! Accounts and favourites.

use protocol::{error::Refusal, ids::UserId, user::Profile};
use server::model::{ImportedAccount, ImportedPassword, Status};

use crate::fixture::{Fixture, refusal};

pub(crate) async fn a_login_belongs_to_one_account(fixture: &Fixture) {
    let minsu = fixture.person("minsu").await;
    let store = &fixture.store;
    let again = store.insert_account("minsu".into(), "다른 사람".into(), "!".into(), false).await;
    assert_eq!(refusal(again), Refusal::LoginTaken);
    let credentials = store.credentials("minsu").await.unwrap().unwrap();
    assert_eq!((credentials.user, credentials.hash, credentials.disabled), (minsu, None, false));
    assert!(store.credentials("nobody").await.unwrap().is_none());
}

pub(crate) async fn the_first_account_is_the_first_only_once(fixture: &Fixture) {
    let first = async |login: &str| fixture.store.insert_account(login.into(), login.into(), "!".into(), true).await;
    first("minsu").await.unwrap();
    assert_eq!(refusal(first("younghee").await), Refusal::RegistrationClosed);
}

pub(crate) async fn changed_accounts_are_those_after_a_version(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let store = &fixture.store;
    let (all, version) = store.changed_accounts(-1).await.unwrap();
    assert_eq!(all.len(), 2);
    assert!(store.changed_accounts(version).await.unwrap().0.is_empty());
    let meeting = || Status { is_busy: true, text: Some("회의 중".into()), until: Some(2_000) };
    store.set_status(minsu, meeting()).await.unwrap();
    store.set_name(younghee, "이영희".into()).await.unwrap();
    let (changed, now) = store.changed_accounts(version).await.unwrap();
    assert!(now > version && changed.len() == 2);
    let minsu = changed.iter().find(|account| account.id == minsu).unwrap();
    assert_eq!((minsu.is_busy, minsu.profile.status.as_deref()), (true, Some("회의 중")));
    store.set_status(minsu.id, meeting()).await.unwrap();
    assert_eq!(store.changed_accounts(now).await.unwrap().1, now, "the same status is no change");
}

pub(crate) async fn a_status_ends_at_its_time_and_no_other_does(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let store = &fixture.store;
    let until = |until| Status { is_busy: true, text: Some("회의 중".into()), until };
    store.set_status(minsu, until(Some(2_000))).await.unwrap();
    store.set_status(younghee, until(None)).await.unwrap();
    let version = store.changed_accounts(-1).await.unwrap().1;
    store.end_statuses(1_999).await.unwrap();
    assert_eq!(store.changed_accounts(version).await.unwrap().1, version, "before its time nothing changes");
    store.end_statuses(2_000).await.unwrap();
    let changed = store.changed_accounts(version).await.unwrap().0;
    assert_eq!(changed.iter().map(|account| account.id).collect::<Vec<_>>(), [minsu]);
    assert!(!changed[0].is_busy && changed[0].profile.is_empty());
}

pub(crate) async fn settings_are_kept_for_each_person(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let store = &fixture.store;
    assert_eq!(store.settings(minsu).await.unwrap(), "");
    for value in ["theme.dark", "theme.light&enter.break"] {
        store.change_settings(minsu, value.into()).await.unwrap();
        assert_eq!(store.settings(minsu).await.unwrap(), value);
    }
    assert_eq!(store.settings(younghee).await.unwrap(), "");
}

pub(crate) async fn an_import_is_all_or_nothing(fixture: &Fixture) {
    let minsu = fixture.person("minsu").await;
    let store = &fixture.store;
    let row = |login: &str, password: ImportedPassword| ImportedAccount {
        login: login.into(),
        name: format!("{login}!"),
        profile: Profile { department: Some("기획팀".into()), ..Profile::default() },
        department_order: Some(3),
        password,
    };
    let hash = || ImportedPassword::Hash("h".into());
    let half = vec![row("sora", hash()), row("nobody", ImportedPassword::Keep)];
    assert_eq!(refusal(store.import(half).await), Refusal::NotFound);
    assert_eq!(store.accounts().await.unwrap().len(), 1);
    store.import(vec![row("sora", hash()), row("minsu", hash()), row("dot", ImportedPassword::None)]).await.unwrap();
    let accounts = store.accounts().await.unwrap();
    assert_eq!(accounts.iter().map(|account| account.login.as_str()).collect::<Vec<_>>(), ["dot", "minsu", "sora"]);
    assert_eq!((accounts[1].id, accounts[1].name.as_str()), (minsu, "minsu!"));
    let stored = async |login| store.credentials(login).await.unwrap().unwrap().hash;
    assert_eq!(stored("sora").await.as_deref(), Some("h"));
    assert_ne!(stored("minsu").await.as_deref(), Some("h"), "an existing password stays");
    assert_eq!(stored("dot").await, None);
}

pub(crate) async fn favourites_are_a_persons_own(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let store = &fixture.store;
    for _ in 0..2 {
        store.set_favourite(minsu, younghee, true).await.unwrap();
    }
    assert_eq!(store.favourites(minsu).await.unwrap(), [younghee]);
    assert!(store.favourites(younghee).await.unwrap().is_empty());
    for _ in 0..2 {
        store.set_favourite(minsu, younghee, false).await.unwrap();
    }
    assert!(store.favourites(minsu).await.unwrap().is_empty());
    assert_eq!(refusal(store.set_favourite(minsu, minsu, true).await), Refusal::Oneself);
    assert_eq!(refusal(store.set_favourite(minsu, UserId::new(), true).await), Refusal::NotFound);
}
