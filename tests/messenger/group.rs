//! Groups: creating, inviting, renaming, leaving; and the settings of a single member.

use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    lobby_socket::{LobbyCommand, LobbyEvent},
    message::SystemEvent,
    room::{Member, RoomDelta, RoomSummary},
    room_socket::{RoomCommand, RoomEvent},
    user::Presence,
};

use crate::stage::{Person, Socket, Stage, refused};

struct Three {
    stage: Stage,
    minsu: Person,
    younghee: Person,
    jiwoo: Person,
}

impl Three {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let minsu = stage.person("minsu", "김민수").await;
        let younghee = stage.person("younghee", "이영희").await;
        let jiwoo = stage.person("jiwoo", "최지우").await;
        Self { stage, minsu, younghee, jiwoo }
    }

    /// A group of the first two.
    async fn group(&self) -> RoomId {
        self.stage
            .messenger
            .rooms()
            .open_group(self.minsu.actor(), vec![self.younghee.id], Some("점심".into()))
            .await
            .unwrap()
    }
}

async fn rooms(person: &Person) -> Vec<RoomSummary> {
    let snapshot = |event| if let LobbyEvent::Welcome(snapshot) = event { Some(snapshot.rooms) } else { None };
    person.lobby().await.lobby_event(snapshot).await
}

async fn line(socket: &mut Socket) -> (UserId, SystemEvent) {
    let line = |event| match event {
        RoomEvent::Message { message, .. } => message.system_event.map(|line| (message.author, line)),
        _ => None,
    };
    socket.chat_event(line).await
}

/// The members of a `members_changed`, and whether each has left.
fn changed(event: RoomEvent) -> Option<Vec<(UserId, bool)>> {
    match event {
        RoomEvent::MembersChanged { members } => {
            Some(members.iter().map(|member| (member.id, member.has_left)).collect())
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_group_is_created_from_the_lobby_and_everybody_is_invited() {
    let three = Three::new().await;
    let (mut minsus, mut jiwoos) = (three.minsu.lobby().await, three.jiwoo.lobby().await);
    let users = vec![three.younghee.id, three.jiwoo.id, three.jiwoo.id, three.minsu.id];
    minsus.command(&LobbyCommand::OpenGroup { users, title: Some(" 점심  모임 ".into()) }).await;
    let entered = |event| if let LobbyEvent::Entered { room } = event { Some(room) } else { None };
    let room = minsus.lobby_event(entered).await;
    let invited = |event| if let LobbyEvent::Invited { room, by, .. } = event { Some((room, by)) } else { None };
    assert_eq!(jiwoos.lobby_event(invited).await, (room, three.minsu.id));
    let listed = rooms(&three.younghee).await;
    assert_eq!((listed[0].id, listed[0].title.as_deref(), listed[0].size), (room, Some("점심 모임"), 3));
    assert!(listed[0].is_group);
    assert_eq!(listed[0].unread, 1, "the invitation");
    assert_eq!(rooms(&three.minsu).await[0].unread, 0, "who made it was not invited");
    let mut chats = [three.minsu.chat(room).await, three.younghee.chat(room).await, three.jiwoo.chat(room).await];
    for chat in &mut chats {
        let snapshot = chat.welcome().await;
        assert_eq!((snapshot.is_group, snapshot.details.members.len()), (true, 3));
        assert_eq!(snapshot.messages[0].system_event, Some(SystemEvent::Made));
    }
    chats[2].post("안녕하세요").await;
    for chat in &mut chats {
        assert_eq!(chat.message().await.0.body, "안녕하세요");
    }
    let second =
        three.stage.messenger.rooms().open_group(three.minsu.actor(), vec![three.younghee.id], None).await.unwrap();
    assert_ne!(room, second, "the same people may have many groups");
}

#[tokio::test]
async fn an_invalid_group_is_refused() {
    let three = Three::new().await;
    let mut lobby = three.minsu.lobby().await;
    let refused = |event| if let LobbyEvent::Refused { error, .. } = event { Some(error) } else { None };
    for (users, title, expected) in [
        (vec![], None, Refusal::Oneself),
        (vec![three.minsu.id], None, Refusal::Oneself),
        (vec![three.jiwoo.id, UserId::new()], None, Refusal::NotFound),
        (vec![three.jiwoo.id], Some("가".repeat(61)), Refusal::InvalidTitle),
        (vec![three.jiwoo.id], Some("몰래\u{202E}".into()), Refusal::InvalidTitle),
    ] {
        lobby.command(&LobbyCommand::OpenGroup { users, title }).await;
        assert_eq!(lobby.lobby_event(refused).await, expected);
    }
    assert!(rooms(&three.jiwoo).await.is_empty(), "nothing is left of a group that was not made");
    let direct = three.stage.messenger.rooms().open_direct(three.minsu.actor(), three.jiwoo.id).await.unwrap();
    let mut chat = three.minsu.chat(direct).await;
    for command in [RoomCommand::Leave, RoomCommand::Rename { title: Some("우리".into()) }] {
        chat.command(&command).await;
        assert_eq!(chat.refusal().await, (Refusal::NotAGroup, None));
    }
}

#[tokio::test]
async fn an_invited_member_sees_the_history_that_the_inviter_chose() {
    for (history, seen) in [(true, 4), (false, 1)] {
        let three = Three::new().await;
        let room = three.group().await;
        let old = three.stage.post(&three.minsu, room, "우리끼리 한 말").await;
        three.stage.post(&three.younghee, room, "그러게요").await;
        let mut minsus = three.minsu.chat(room).await;
        minsus.welcome().await;
        let mut lobby = three.jiwoo.lobby().await;
        minsus.command(&RoomCommand::Invite { users: vec![three.jiwoo.id], history, title: None }).await;
        let invited = |event| if let LobbyEvent::Invited { room, .. } = event { Some(room) } else { None };
        assert_eq!(lobby.lobby_event(invited).await, room);
        assert_eq!(line(&mut minsus).await, (three.minsu.id, SystemEvent::Invited { users: vec![three.jiwoo.id] }));
        minsus.chat_event(|event| changed(event).filter(|changed| changed.contains(&(three.jiwoo.id, false)))).await;

        let mut jiwoos = three.jiwoo.chat(room).await;
        let snapshot = jiwoos.welcome().await;
        assert_eq!((snapshot.messages.len(), snapshot.has_earlier), (seen, false));
        assert_eq!(
            rooms(&three.jiwoo).await[0].unread,
            1,
            "the invitation is unread for a new member, earlier messages are not"
        );
        let cursor = snapshot.details.cursor;
        jiwoos.command(&RoomCommand::Earlier { before: 4 }).await;
        let earlier = |event| if let RoomEvent::Earlier { messages, .. } = event { Some(messages.len()) } else { None };
        assert_eq!(jiwoos.chat_event(earlier).await, seen - 1);
        minsus.command(&RoomCommand::Edit { id: old, body: "우리끼리 고친 말".into(), mentions: None }).await;
        minsus.change_of(old).await;
        let next = jiwoos.chat_event(|event| match event {
            RoomEvent::Advanced { cursor, .. } => Some((cursor.version, None)),
            RoomEvent::Message { message, cursor } => Some((cursor.version, Some(message.body))),
            _ => None,
        });
        assert_eq!(next.await, (5, history.then(|| "우리끼리 고친 말".to_owned())));
        let resumed = |event| {
            if let RoomEvent::Resumed(RoomDelta { messages, .. }) = event { Some(messages.len()) } else { None }
        };
        let missed = three.jiwoo.chat_since(room, cursor).await.chat_event(resumed).await;
        assert_eq!(missed, usize::from(history), "also after a cut");
        jiwoos.command(&RoomCommand::React { id: old, emoji: "👀".into(), on: true }).await;
        if history {
            assert_eq!(jiwoos.change_of(old).await.reactions.len(), 1);
        } else {
            assert_eq!(jiwoos.refusal().await, (Refusal::NotFound, Some(old)));
        }
        let found = three.stage.messenger.search().messages(three.jiwoo.actor(), "끼리", None).await.unwrap();
        let hits = found.hits;
        assert_eq!(hits.len(), usize::from(history));
    }
}

#[tokio::test]
async fn a_leaver_receives_nothing_after_leaving() {
    let three = Three::new().await;
    let room = three.group().await;
    let (mut minsus, mut younghees, mut lobby) =
        (three.minsu.chat(room).await, three.younghee.chat(room).await, three.younghee.lobby().await);
    minsus.welcome().await;
    younghees.welcome().await;
    younghees.post("저는 먼저 갑니다").await;
    younghees.message().await;
    younghees.command(&RoomCommand::Leave).await;
    assert_eq!(younghees.close_code().await, 4003);
    let gone = |event| if let LobbyEvent::RoomGone { room, by } = event { Some((room, by)) } else { None };
    assert_eq!(lobby.lobby_event(gone).await, (room, None));
    assert_eq!(line(&mut minsus).await, (three.younghee.id, SystemEvent::Left));
    minsus.chat_event(|event| changed(event).filter(|changed| changed.contains(&(three.younghee.id, true)))).await;
    three.stage.post(&three.minsu, room, "뒷이야기").await;

    assert!(rooms(&three.younghee).await.is_empty());
    let path = format!("/chat/{room}");
    assert_eq!(refused(three.younghee.own_request(&path)).await, 404);
    assert_eq!(refused(three.younghee.request(&path)).await, 404, "in the original's language too");
    let found = three.stage.messenger.search().messages(three.younghee.actor(), "이야기", None).await.unwrap();
    assert!(found.hits.is_empty());
    let snapshot = three.minsu.chat(room).await.welcome().await;
    let left = snapshot.details.members.iter().find(|member| member.id == three.younghee.id).unwrap();
    assert!(left.has_left && left.name == "이영희", "a former member's messages keep their name");

    three
        .stage
        .messenger
        .rooms()
        .invite(three.minsu.actor(), room, vec![three.younghee.id], false, None)
        .await
        .unwrap();
    let back = three.younghee.chat(room).await.welcome().await;
    assert_eq!(back.messages.len(), 1, "messages posted between leaving and returning stay hidden");
}

#[tokio::test]
async fn a_removed_member_receives_the_event_and_nothing_later() {
    let three = Three::new().await;
    let room = three.group().await;
    let rooms_of = three.stage.messenger.rooms();
    rooms_of.invite(three.minsu.actor(), room, vec![three.jiwoo.id], true, None).await.unwrap();
    let (mut minsus, mut jiwoos, mut lobby) =
        (three.minsu.chat(room).await, three.jiwoo.chat(room).await, three.jiwoo.lobby().await);
    jiwoos.command(&RoomCommand::Remove { user: three.younghee.id }).await;
    assert_eq!(jiwoos.refusal().await, (Refusal::NotMaker, None));
    minsus.command(&RoomCommand::Remove { user: three.jiwoo.id }).await;
    let removed = SystemEvent::Removed { users: vec![three.jiwoo.id] };
    assert_eq!(line(&mut jiwoos).await, (three.minsu.id, removed.clone()));
    assert_eq!(jiwoos.close_code().await, 4003);
    let gone = |event| if let LobbyEvent::RoomGone { room, by } = event { Some((room, by)) } else { None };
    assert_eq!(lobby.lobby_event(gone).await, (room, Some(three.minsu.id)));
    assert_eq!(line(&mut minsus).await, (three.minsu.id, removed));
    minsus.chat_event(|event| changed(event).filter(|changed| changed.contains(&(three.jiwoo.id, true)))).await;
    three.stage.post(&three.minsu, room, "뒷이야기").await;

    assert!(rooms(&three.jiwoo).await.is_empty());
    for request in [three.jiwoo.own_request(&format!("/chat/{room}")), three.jiwoo.request(&format!("/chat/{room}"))] {
        assert_eq!(refused(request).await, 404);
    }
    let found = three.stage.messenger.search().messages(three.jiwoo.actor(), "이야기", None).await.unwrap();
    assert!(found.hits.is_empty());
    rooms_of.invite(three.minsu.actor(), room, vec![three.jiwoo.id], false, None).await.unwrap();
    let back = three.jiwoo.chat(room).await.welcome().await;
    assert_eq!(back.messages.len(), 1, "what was posted in between stays hidden");
}

#[tokio::test]
async fn members_are_listed_with_presence_and_profile() {
    let three = Three::new().await;
    let room = three.group().await;
    three.stage.import("login,name,department,title\nyounghee,이영희,기획국/총무과,팀장\n").await;
    let mut chat = three.minsu.chat(room).await;
    let members = |event| if let RoomEvent::Members { users } = event { Some(users) } else { None };
    chat.command(&RoomCommand::Members).await;
    let listed = chat.chat_event(members).await;
    assert_eq!(listed.iter().map(|user| user.id).collect::<Vec<_>>(), [three.minsu.id, three.younghee.id]);
    assert_eq!((listed[0].presence, listed[1].presence), (Presence::Online, Presence::Offline));
    assert_eq!(listed[1].profile.department.as_deref(), Some("기획국/총무과"));
    let _lobby = three.younghee.lobby().await;
    chat.command(&RoomCommand::Members).await;
    assert_eq!(chat.chat_event(members).await[1].presence, Presence::Online);
    three.stage.messenger.rooms().leave(three.younghee.actor(), room).await.unwrap();
    chat.command(&RoomCommand::Members).await;
    assert_eq!(chat.chat_event(members).await.len(), 1, "a former member is not listed");
}

#[tokio::test]
async fn everybody_knows_at_which_version_a_member_joined() {
    let three = Three::new().await;
    let room = three.group().await;
    let mut chat = three.minsu.chat(room).await;
    let joined = |members: &[Member], user| members.iter().find(|member| member.id == user).map(|member| member.joined);
    let members = chat.welcome().await.details.members;
    assert_eq!((joined(&members, three.minsu.id), joined(&members, three.younghee.id)), (Some(0), Some(1)));
    let seq = three.stage.post(&three.minsu, room, "지우님이 오기 전").await;
    let version = chat.change_of(seq).await.version;
    three.stage.messenger.rooms().invite(three.minsu.actor(), room, vec![three.jiwoo.id], true, None).await.unwrap();
    let of_jiwoo = |event| match event {
        RoomEvent::MembersChanged { members } => joined(&members, three.jiwoo.id),
        _ => None,
    };
    assert_eq!(chat.chat_event(of_jiwoo).await, version + 1);
}

#[tokio::test]
async fn a_new_title_is_sent_to_everybody() {
    let three = Three::new().await;
    let room = three.group().await;
    let (mut minsus, mut younghees) = (three.minsu.chat(room).await, three.younghee.chat(room).await);
    let renamed = |event| if let RoomEvent::Renamed { title } = event { Some(title) } else { None };
    for title in [Some("저녁".to_owned()), None] {
        minsus.command(&RoomCommand::Rename { title: title.clone() }).await;
        assert_eq!(younghees.chat_event(renamed).await, title);
        assert_eq!(line(&mut minsus).await.1, SystemEvent::Renamed { title: title.clone() });
        assert_eq!(rooms(&three.younghee).await[0].title, title);
    }
    minsus.command(&RoomCommand::Rename { title: Some("가".repeat(61)) }).await;
    assert_eq!(minsus.refusal().await.0, Refusal::InvalidTitle);
}

#[tokio::test]
async fn inviting_into_a_direct_room_creates_a_group_and_keeps_the_room() {
    let three = Three::new().await;
    let direct = three.stage.messenger.rooms().open_direct(three.minsu.actor(), three.younghee.id).await.unwrap();
    three.stage.post(&three.minsu, direct, "둘만의 말").await;
    let mut chat = three.minsu.chat(direct).await;
    chat.command(&RoomCommand::People).await;
    let people = |event| match event {
        RoomEvent::People { users, .. } => Some(users.iter().map(|user| user.id).collect::<Vec<_>>()),
        _ => None,
    };
    assert_eq!(chat.chat_event(people).await, [three.jiwoo.id]);
    let title = Some("점심".to_owned());
    chat.command(&RoomCommand::Invite { users: vec![three.jiwoo.id], history: true, title }).await;
    let entered = |event| if let RoomEvent::Entered { room } = event { Some(room) } else { None };
    let group = chat.chat_event(entered).await;
    let snapshot = three.jiwoo.chat(group).await.welcome().await;
    assert_eq!((snapshot.details.members.len(), snapshot.messages.len()), (3, 1), "nothing of the two is in it");
    assert_eq!(snapshot.details.title.as_deref(), Some("점심"));
    assert_eq!(refused(three.jiwoo.own_request(&format!("/chat/{direct}"))).await, 404);
    assert_eq!(
        three.stage.messenger.rooms().snapshot(three.minsu.actor(), direct).await.unwrap().messages[0].body,
        "둘만의 말"
    );
}

#[tokio::test]
async fn muting_and_hiding_concern_one_member_only() {
    let three = Three::new().await;
    let room = three.group().await;
    let (mut window, mut other_window, mut lobby) =
        (three.minsu.chat(room).await, three.minsu.chat(room).await, three.minsu.lobby().await);
    window.command(&RoomCommand::Mute { on: true, mentions_only: false }).await;
    let muted = |event| if let RoomEvent::Muted { on, .. } = event { Some(on) } else { None };
    assert!(other_window.chat_event(muted).await, "all of one's windows know");
    let listed = |event| if let LobbyEvent::RoomChanged { room } = event { Some(room) } else { None };
    assert!(lobby.lobby_event(listed).await.is_muted);
    assert!(three.minsu.chat(room).await.welcome().await.details.is_muted);
    window.command(&RoomCommand::Hide).await;
    let hidden = |event| listed(event).filter(|room| room.is_hidden).map(|_| ());
    lobby.lobby_event(hidden).await;
    let theirs = rooms(&three.younghee).await;
    assert!(!theirs[0].is_muted && !theirs[0].is_hidden);
    three.stage.post(&three.younghee, room, "여기요").await;
    let back = |event| listed(event).filter(|room| !room.is_hidden).map(|room| room.unread);
    assert_eq!(lobby.lobby_event(back).await, 1);
}

#[tokio::test]
async fn a_group_is_a_room_to_legacy_clients() {
    let three = Three::new().await;
    let mut old = three.younghee.egov_lobby().await;
    old.egov("allUsers").await;
    let room = three.group().await;
    assert_eq!(old.egov("enterChatId").await["enterChatId"], room.to_string());
    let mut chat = three.younghee.egov_chat(room).await;
    chat.egov_typed("UsersMessage").await;
    let mut minsus = three.minsu.chat(room).await;
    minsus.welcome().await;
    minsus.command(&RoomCommand::Invite { users: vec![three.jiwoo.id], history: true, title: None }).await;
    assert_eq!(chat.egov_typed("ChatMessage").await["message"], "(최지우님을 초대했습니다.)");
    minsus.command(&RoomCommand::Remove { user: three.jiwoo.id }).await;
    assert_eq!(chat.egov_typed("ChatMessage").await["message"], "(최지우님을 내보냈습니다.)");
    minsus.command(&RoomCommand::Leave).await;
    let line = chat.egov_typed("ChatMessage").await;
    assert_eq!((line["name"].as_str(), line["message"].as_str()), (Some("김민수"), Some("(대화방에서 나갔습니다.)")));
}
