//! Read marks and the room list.

use protocol::{ids::UserId, limit::PAGE_MESSAGES, message::SystemEvent, room::RoomSummary};
use server::model::{Anchor, Committed};

use crate::fixture::Fixture;

async fn summary(fixture: &Fixture, user: UserId) -> Option<RoomSummary> {
    fixture.store.rooms_of(user).await.unwrap().into_iter().next()
}

async fn marks(fixture: &Fixture) -> Vec<u64> {
    let changes = fixture.committed().await;
    changes
        .iter()
        .filter_map(|change| if let Committed::Read { seq, .. } = change { Some(*seq) } else { None })
        .collect()
}

pub(crate) async fn a_read_mark_moves_forward_only(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    fixture.post_many(room, minsu, 5).await;
    for seq in [3, 1, 3, 4] {
        fixture.store.mark_read(room, younghee, seq).await.unwrap();
    }
    assert_eq!(marks(fixture).await, [3, 4], "only a mark that moves is broadcast");
    assert_eq!(fixture.store.membership(room, younghee).await.unwrap().unwrap().last_read, 4);
}

pub(crate) async fn a_read_mark_stays_within_the_room(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    fixture.post_many(room, minsu, 2).await;
    for _ in 0..2 {
        fixture.store.mark_read(room, younghee, u64::MAX).await.unwrap();
    }
    assert_eq!(marks(fixture).await, [2]);
    fixture.post(room, minsu, "다음").await;
    assert_eq!(summary(fixture, younghee).await.unwrap().unread, 1);
}

pub(crate) async fn a_room_is_hidden_until_its_next_message(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    assert!(summary(fixture, minsu).await.is_some(), "who opened it sees it");
    assert!(summary(fixture, younghee).await.is_none(), "the other with its first message");
    fixture.post(room, minsu, "안녕").await;
    assert!(summary(fixture, younghee).await.is_some());
    fixture.store.hide(room, younghee).await.unwrap();
    let hidden = summary(fixture, younghee).await.unwrap();
    assert!(hidden.is_hidden && hidden.unread == 0);
    assert!(!summary(fixture, minsu).await.unwrap().is_hidden);
    fixture.post(room, minsu, "또 안녕").await;
    assert!(!summary(fixture, younghee).await.unwrap().is_hidden);
}

pub(crate) async fn a_summary_counts_what_others_wrote(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    fixture.post_many(room, minsu, 3).await;
    fixture.post(room, younghee, "내 말").await;
    let recalled = fixture.post(room, minsu, "지울 말").await;
    fixture.store.recall(room, minsu, recalled, 0).await.unwrap();
    fixture.store.mark_read(room, younghee, 1).await.unwrap();
    fixture.store.set_muted(room, younghee, true, false).await.unwrap();
    fixture.store.set_pinned(room, younghee, true).await.unwrap();
    let summary = summary(fixture, younghee).await.unwrap();
    assert_eq!((summary.unread, summary.is_muted, summary.is_pinned), (2, true, true));
    assert_eq!(summary.last.as_ref().map(|last| last.id), Some(recalled));
    assert_eq!(fixture.store.summaries(&[(room, younghee)]).await.unwrap(), [(younghee, summary)]);
}

/// The unread count, and the text or event that the row shows.
async fn row(fixture: &Fixture, user: UserId) -> (u32, String, Option<SystemEvent>) {
    let RoomSummary { unread, last, .. } = summary(fixture, user).await.unwrap();
    let last = last.unwrap();
    (unread, last.body, last.system_event)
}

pub(crate) async fn an_invitation_is_unread_and_other_events_leave_the_row_as_it_is(fixture: &Fixture) {
    let [minsu, younghee, sora] = [fixture.person("m").await, fixture.person("y").await, fixture.person("s").await];
    let store = &fixture.store;
    let group = store.open_group(minsu, vec![younghee], None).await.unwrap();
    assert_eq!(row(fixture, younghee).await, (1, String::new(), Some(SystemEvent::Made)));
    assert_eq!(row(fixture, minsu).await.0, 0, "own messages are not unread");
    fixture.post(group, minsu, "여섯 시에 만나요").await;
    store.mark_read(group, younghee, u64::MAX).await.unwrap();
    let at = summary(fixture, younghee).await.unwrap().active_at;
    // A title may be any text.
    store.rename(group, minsu, Some(format!("\"invited\" {younghee}"))).await.unwrap();
    assert_eq!(row(fixture, younghee).await, (0, "여섯 시에 만나요".to_owned(), None));
    assert_eq!(summary(fixture, younghee).await.unwrap().active_at, at, "nor does the row move");
    for history in [true, false] {
        store.invite(group, minsu, vec![sora], history).await.unwrap();
        let invited = Some(SystemEvent::Invited { users: vec![sora] });
        assert_eq!(row(fixture, sora).await, (1, String::new(), invited));
        assert_eq!(row(fixture, younghee).await, (0, "여섯 시에 만나요".to_owned(), None));
        store.mark_read(group, sora, u64::MAX).await.unwrap();
        assert_eq!(row(fixture, sora).await.0, 0);
        store.leave(group, sora).await.unwrap();
        assert_eq!(row(fixture, younghee).await, (0, "여섯 시에 만나요".to_owned(), None));
    }
}

pub(crate) async fn a_room_opens_at_an_unread_invitation(fixture: &Fixture) {
    let [minsu, younghee, sora] = [fixture.person("m").await, fixture.person("y").await, fixture.person("s").await];
    let group = fixture.store.open_group(minsu, vec![younghee], None).await.unwrap();
    fixture.post_many(group, minsu, PAGE_MESSAGES).await;
    fixture.store.rename(group, minsu, Some(format!("{sora}"))).await.unwrap();
    let last_read = fixture.version(group).await;
    let invited = fixture.store.invite(group, minsu, vec![sora], true).await.unwrap().unwrap();
    fixture.post_many(group, minsu, PAGE_MESSAGES + 1).await;
    for (reader, first) in [(sora, invited.seq), (younghee, invited.seq + 1)] {
        let page = fixture.store.page(group, 0, Anchor::Unread { reader, last_read }).await.unwrap();
        let unread = page.messages.iter().find(|message| message.seq > last_read && message.can_be_unread(reader));
        assert_eq!((unread.map(|message| message.seq), page.has_later), (Some(first), false));
        assert!(page.messages.len() > PAGE_MESSAGES, "the page around it");
    }
}

pub(crate) async fn a_members_own_settings_are_broadcast(fixture: &Fixture) {
    let (minsu, younghee, room) = fixture.pair().await;
    let store = &fixture.store;
    assert!(matches!(fixture.committed().await[..], [Committed::Listed { user, .. }] if user == minsu), "opened");
    store.set_muted(room, minsu, true, false).await.unwrap();
    store.set_pinned(room, minsu, true).await.unwrap();
    store.hide(room, minsu).await.unwrap();
    store.set_favourite(minsu, younghee, true).await.unwrap();
    store.open_direct(minsu, younghee).await.unwrap();
    store.open_direct(minsu, younghee).await.unwrap();
    let changes = fixture.committed().await;
    let [
        Committed::Muted { user: muted, on: true, .. },
        Committed::Listed { user: pinned, .. },
        Committed::Listed { user: hidden, .. },
        Committed::Favourites { user, users },
        Committed::Listed { user: shown, .. },
    ] = &changes[..]
    else {
        panic!("{changes:?}")
    };
    assert_eq!((users.as_slice(), [muted, pinned, hidden, user, shown]), (&[younghee][..], [&minsu; 5]));
}
