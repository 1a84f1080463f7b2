//! Membership: who is in a room, and which history they see.

use std::collections::BTreeSet;

use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    limit::GROUP_MEMBERS,
    message::SystemEvent,
    room_socket::Post,
};
use server::model::Anchor;

use crate::fixture::{Fixture, bodies, new, refusal};

pub(crate) async fn a_direct_room_is_one_for_two_people(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    assert_eq!(store.open_direct(younghee, minsu).await.unwrap(), room);
    assert_eq!(refusal(store.open_direct(minsu, UserId::new()).await), Refusal::NotFound);
    let sora = fixture.person("sora").await;
    assert_eq!(refusal(store.invite(room, minsu, vec![sora], true).await), Refusal::NotAGroup);
    assert_eq!(refusal(store.leave(room, minsu).await), Refusal::NotAGroup);
    assert_eq!(refusal(store.rename(room, minsu, None).await), Refusal::NotAGroup);
    assert!(store.membership(room, sora).await.unwrap().is_none());
}

pub(crate) async fn notes_are_one_room_for_one_person(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    let opened = futures::future::join_all((0..8).map(|_| store.open_direct(minsu, minsu))).await;
    let notes: Vec<RoomId> = opened.into_iter().map(Result::unwrap).collect();
    assert!(notes.iter().all(|other| *other == notes[0]) && notes[0] != room);
    assert_ne!(store.open_direct(younghee, younghee).await.unwrap(), notes[0]);
    assert_eq!(store.members(notes[0]).await.unwrap().len(), 1);
    assert!(store.membership(notes[0], younghee).await.unwrap().is_none());
    fixture.post(notes[0], minsu, "적어 둘 것").await;
    let listed = store.rooms_of(minsu).await.unwrap();
    let summary = listed.iter().find(|listed| listed.id == notes[0]).unwrap();
    assert_eq!((summary.is_group, summary.others.len(), summary.size, summary.unread), (false, 0, 1, 0));
    assert_eq!(refusal(store.invite(notes[0], minsu, vec![younghee], true).await), Refusal::NotAGroup);
    assert_eq!(refusal(store.leave(notes[0], minsu).await), Refusal::NotAGroup);
}

pub(crate) async fn strangers_and_former_members_change_nothing(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let sora = fixture.person("sora").await;
    let group = fixture.store.open_group(minsu, vec![younghee], None).await.unwrap();
    let id = fixture.post(group, younghee, "말").await;
    fixture.store.leave(group, younghee).await.unwrap();
    let version = fixture.version(group).await;
    for outsider in [sora, younghee] {
        for room in [group, RoomId::new()] {
            changes_nothing(fixture, room, outsider, id).await;
        }
    }
    assert_eq!(fixture.version(group).await, version);
}

async fn changes_nothing(fixture: &Fixture, room: RoomId, outsider: UserId, id: protocol::ids::MessageId) {
    let store = &fixture.store;
    fixture.committed().await;
    for refused in [
        refusal(store.insert_message(room, outsider, new("끼어들기")).await),
        refusal(store.edit(room, outsider, id, "고침".into(), 0).await),
        refusal(store.recall(room, outsider, id, 0).await),
        refusal(store.react(room, outsider, id, "👍".into(), true).await),
        refusal(store.invite(room, outsider, vec![outsider], true).await),
        refusal(store.leave(room, outsider).await),
        refusal(store.remove(room, outsider, outsider).await),
        refusal(store.rename(room, outsider, None).await),
        refusal(store.set_muted(room, outsider, true, false).await),
        refusal(store.set_pinned(room, outsider, true).await),
        refusal(store.hide(room, outsider).await),
    ] {
        assert_eq!(refused, Refusal::NotFound, "the same for an unknown room");
    }
    store.mark_read(room, outsider, 99).await.unwrap();
    assert!(fixture.committed().await.is_empty());
}

pub(crate) async fn an_invitation_shows_the_inviters_history_or_the_present(fixture: &Fixture) {
    let minsu = fixture.person("minsu").await;
    let [younghee, sora] = [fixture.person("younghee").await, fixture.person("sora").await];
    let jiwoo = fixture.person("jiwoo").await;
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![jiwoo], None).await.unwrap();
    fixture.post(group, minsu, "옛말").await;
    store.invite(group, minsu, vec![younghee], true).await.unwrap();
    store.invite(group, minsu, vec![sora], false).await.unwrap();
    let bound = async |user| store.membership(group, user).await.unwrap().unwrap().visible_after;
    assert_eq!((bound(younghee).await, bound(sora).await), (0, 3));
    assert_eq!(store.membership(group, sora).await.unwrap().unwrap().last_read, 3, "the past counts as read");
    assert!(
        store.invite(group, minsu, vec![sora, younghee], true).await.unwrap().is_none(),
        "members stay as they are"
    );
    store.leave(group, jiwoo).await.unwrap();
    store.invite(group, sora, vec![jiwoo], true).await.unwrap();
    assert_eq!(bound(jiwoo).await, 3, "the inviter's bound, also for a former member");
}

pub(crate) async fn a_member_never_sees_below_their_bound(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let sora = fixture.person("sora").await;
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    let hidden = fixture.post(group, minsu, "숨은 회의").await;
    store.invite(group, minsu, vec![sora], false).await.unwrap();
    let reply = Post { reply_to: Some(hidden), ..new("보이는 답") };
    store.insert_message(group, minsu, reply.clone()).await.unwrap();
    let bound = store.membership(group, sora).await.unwrap().unwrap().visible_after;
    let page = store.page(group, bound, Anchor::Around(1)).await.unwrap();
    assert_eq!(bodies(&page.messages), ["", "보이는 답"]);
    assert!(!page.has_earlier && page.messages[1].reply_to.is_none() && page.messages[1].answers_hidden);
    let quoting = Post { reply_to: Some(hidden), ..new("답") };
    for refused in [
        refusal(store.react(group, sora, hidden, "👍".into(), true).await),
        refusal(store.insert_message(group, sora, quoting).await),
    ] {
        assert_eq!(refused, Refusal::NotFound);
    }
    store.catch_up_index().await;
    assert!(store.search(sora, "숨은", None).await.unwrap().hits.is_empty());
    let found = store.search(sora, "보이는", None).await.unwrap().hits;
    assert!(found[0].message.reply_to.is_none());
}

pub(crate) async fn a_group_has_only_known_people_and_a_size(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let store = &fixture.store;
    assert_eq!(refusal(store.open_group(minsu, vec![minsu], None).await), Refusal::Oneself);
    assert_eq!(refusal(store.open_group(minsu, vec![younghee, UserId::new()], None).await), Refusal::NotFound);
    fixture.person("sora").await;
    store.set_disabled("sora".into(), true).await.unwrap();
    let sora = store.credentials("sora").await.unwrap().unwrap().user;
    let group = store.open_group(minsu, vec![younghee, younghee], None).await.unwrap();
    assert_eq!(store.members(group).await.unwrap().len(), 2, "each once");
    assert_eq!(refusal(store.invite(group, minsu, vec![sora], true).await), Refusal::NotFound);
    let mut crowd = Vec::new();
    for number in 0..GROUP_MEMBERS - 1 {
        crowd.push(fixture.person(&format!("p{number}")).await);
    }
    let version = fixture.version(group).await;
    assert_eq!(refusal(store.invite(group, minsu, crowd.clone(), true).await), Refusal::TooMany);
    assert_eq!(store.members(group).await.unwrap().len(), 2, "nobody of too many");
    assert_eq!(fixture.version(group).await, version);
    crowd.pop();
    store.invite(group, minsu, crowd, true).await.unwrap();
    assert_eq!(store.members(group).await.unwrap().len(), GROUP_MEMBERS);
}

pub(crate) async fn every_membership_change_is_a_change_of_the_room(fixture: &Fixture) {
    let (minsu, younghee, _) = fixture.pair().await;
    let sora = fixture.person("sora").await;
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    store.invite(group, minsu, vec![sora], true).await.unwrap();
    for title in [Some("모임".to_owned()), Some("모임".to_owned())] {
        store.rename(group, minsu, title).await.unwrap();
    }
    store.leave(group, younghee).await.unwrap();
    let changes = fixture.committed_messages(group).await;
    let events: Vec<SystemEvent> = changes.iter().filter_map(|message| message.system_event.clone()).collect();
    let expected = [
        SystemEvent::Made,
        SystemEvent::Invited { users: vec![sora] },
        SystemEvent::Renamed { title: Some("모임".into()) },
        SystemEvent::Left,
    ];
    assert_eq!(events, expected, "the same title again is no change");
    assert_eq!(changes.iter().map(|message| message.version).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let members = store.members(group).await.unwrap();
    assert!(members.iter().all(|member| member.has_left == (member.user == younghee)));
}

pub(crate) async fn a_user_s_memberships_are_found_current_and_ended(fixture: &Fixture) {
    let (minsu, younghee, direct) = fixture.pair().await;
    let sora = fixture.person("sora").await;
    let store = &fixture.store;
    let left = store.open_group(minsu, vec![younghee], None).await.unwrap();
    store.leave(left, younghee).await.unwrap();
    let other = store.open_group(minsu, vec![sora], None).await.unwrap();
    let found = async |users: &[UserId]| BTreeSet::from_iter(store.memberships_of(users).await.unwrap());
    assert_eq!(found(&[younghee]).await, [(direct, younghee), (left, younghee)].into());
    assert_eq!(found(&[younghee, sora]).await, [(direct, younghee), (left, younghee), (other, sora)].into());
    assert_eq!(found(&[]).await, [].into());
}

pub(crate) async fn the_maker_alone_removes_and_the_role_passes_on(fixture: &Fixture) {
    let (minsu, younghee, direct) = fixture.pair().await;
    let [sora, jiwoo] = [fixture.person("sora").await, fixture.person("jiwoo").await];
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![younghee, sora], None).await.unwrap();
    store.invite(group, younghee, vec![jiwoo], true).await.unwrap();
    for (room, me, user, expected) in [
        (group, younghee, jiwoo, Refusal::NotMaker),
        (group, jiwoo, younghee, Refusal::NotMaker),
        (group, minsu, minsu, Refusal::Oneself),
        (group, minsu, UserId::new(), Refusal::NotFound),
        (direct, minsu, younghee, Refusal::NotAGroup),
        (RoomId::new(), minsu, younghee, Refusal::NotFound),
    ] {
        assert_eq!(refusal(store.remove(room, me, user).await), expected);
    }
    fixture.committed().await;
    for _ in 0..2 {
        store.remove(group, minsu, sora).await.unwrap();
    }
    let events: Vec<_> = fixture.committed_messages(group).await;
    assert_eq!(events.len(), 1, "a second time there is nothing to remove");
    assert_eq!(events[0].system_event, Some(SystemEvent::Removed { users: vec![sora] }));
    assert!(store.membership(group, sora).await.unwrap().is_none());
    assert_eq!(refusal(store.insert_message(group, sora, new("말")).await), Refusal::NotFound);

    store.leave(group, minsu).await.unwrap();
    store.invite(group, younghee, vec![minsu], true).await.unwrap();
    assert_eq!(refusal(store.remove(group, minsu, jiwoo).await), Refusal::NotMaker, "the role has passed on");
    store.set_disabled("younghee".into(), true).await.unwrap();
    store.remove(group, jiwoo, minsu).await.unwrap();
}

pub(crate) async fn a_member_joined_at_a_version_of_the_room(fixture: &Fixture) {
    let (minsu, younghee, direct) = fixture.pair().await;
    let [sora, jiwoo] = [fixture.person("sora").await, fixture.person("jiwoo").await];
    let store = &fixture.store;
    let joined = async |room, user| {
        let members = store.members(room).await.unwrap();
        members.iter().find(|member| member.user == user).map(|member| member.joined_at)
    };
    assert_eq!((joined(direct, minsu).await, joined(direct, younghee).await), (Some(0), Some(0)));
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    assert_eq!((joined(group, minsu).await, joined(group, younghee).await), (Some(0), Some(1)));
    fixture.post(group, minsu, "먼저 한 말").await;
    store.invite(group, minsu, vec![sora], true).await.unwrap();
    store.invite(group, minsu, vec![jiwoo], false).await.unwrap();
    assert_eq!((joined(group, sora).await, joined(group, jiwoo).await), (Some(3), Some(4)));
    store.leave(group, younghee).await.unwrap();
    store.invite(group, minsu, vec![younghee], true).await.unwrap();
    assert_eq!(joined(group, younghee).await, Some(6), "a former member joins again");
}
