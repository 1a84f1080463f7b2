use std::sync::Arc;

use tempfile::TempDir;

use crate::{
    hub::{Encoded, Owner},
    messenger::{Actor, Messenger, Policy},
    model::Anchor,
    socket::{
        codec::Frames,
        dialect::{Dialect, Incoming},
        native::{lobby::LobbyDialect, room::RoomDialect},
    },
};
use protocol::{
    ids::{MessageId, RoomId, UserId},
    lobby_socket::LobbyEvent,
    room_socket::{Post, RoomEvent},
};

struct RoomFixture {
    _data: TempDir,
    messenger: Messenger,
    me: UserId,
    room: RoomId,
}

impl RoomFixture {
    async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let messenger =
            Messenger::open(data.path(), Policy { registration_open: true, ..Policy::UNLIMITED }).await.unwrap();
        let me = messenger.accounts().add("minsu", "김민수", "correct horse", false).await.unwrap();
        let other = messenger.accounts().add("younghee", "이영희", "correct horse", false).await.unwrap();
        let room = messenger.rooms().open_direct(Actor::operator(me), other).await.unwrap();
        Self { _data: data, messenger, me, room }
    }

    /// Posts a message, and returns the event that its room receives.
    async fn post(&self, body: &str) -> Arc<Encoded<RoomEvent>> {
        let message = Post::new(MessageId::new(), body);
        self.messenger.messages().post(Actor::operator(self.me), self.room, message).await.unwrap();
        let mut page =
            self.messenger.messages().page(Actor::operator(self.me), self.room, Anchor::Newest).await.unwrap();
        let cursor = self.messenger.rooms().snapshot(Actor::operator(self.me), self.room).await.unwrap().details.cursor;
        Arc::new(Encoded::new(RoomEvent::Message { message: page.messages.pop().unwrap(), cursor }))
    }

    async fn welcomed(&self) -> (RoomDialect, <RoomDialect as Dialect>::View) {
        let dialect = RoomDialect::new(self.messenger.clone(), Actor::operator(self.me), self.room, None, 0);
        let mut view = Default::default();
        assert!(!dialect.accepts_events(&view), "the welcome comes first");
        dialect.encode_reply(&mut view, dialect.welcome().await, &mut Frames::default());
        assert!(dialect.accepts_events(&view));
        (dialect, view)
    }
}

fn reply<D: Dialect>(dialect: &D, view: &mut D::View, reply: D::Reply) -> String {
    let mut frames = Frames::default();
    dialect.encode_reply(view, reply, &mut frames);
    String::from_utf8_lossy(frames.bytes()).into_owned()
}

fn event<D: Dialect>(dialect: &D, view: &mut D::View, event: &Arc<Encoded<D::Event>>) -> String {
    let mut frames = Frames::default();
    dialect.encode_event(view, event, &mut frames);
    String::from_utf8_lossy(frames.bytes()).into_owned()
}

#[tokio::test]
async fn a_change_that_is_sent_while_a_page_is_read_is_sent_again_after_the_page() {
    let fixture = RoomFixture::new().await;
    let (dialect, mut view) = fixture.welcomed().await;
    for frame in [r#"{"type":"later","after":0}"#, r#"{"type":"around","seq":1}"#] {
        let command = dialect.begin(&mut view, Incoming::Text(frame));
        let page = dialect.execute(command).await;
        let change = fixture.post("새 글").await;
        assert!(event(&dialect, &mut view, &change).contains("새 글"), "it does not wait for the page");
        let sent = reply(&dialect, &mut view, page);
        let (page_at, change_at) = (sent.find("messages"), sent.find(r#"{"type":"message""#));
        assert!(page_at.is_some() && page_at < change_at, "{sent}");
    }
    let command = dialect.begin(&mut view, Incoming::Text(r#"{"type":"ping"}"#));
    let pong = dialect.execute(command).await;
    event(&dialect, &mut view, &fixture.post("글").await);
    assert!(!reply(&dialect, &mut view, pong).contains("message"), "a reply without messages is never out of date");
}

#[tokio::test]
async fn during_a_page_as_many_changes_are_sent_as_can_be_sent_again() {
    let fixture = RoomFixture::new().await;
    let (dialect, mut view) = fixture.welcomed().await;
    let command = dialect.begin(&mut view, Incoming::Text(r#"{"type":"later","after":0}"#));
    let (page, change) = (dialect.execute(command).await, fixture.post("글").await);
    let sent =
        (0..1_000).take_while(|_| dialect.accepts_events(&view) && !event(&dialect, &mut view, &change).is_empty());
    assert_eq!(sent.count(), 64);
    reply(&dialect, &mut view, page);
    assert!(dialect.accepts_events(&view));
}

#[tokio::test]
async fn a_recall_during_a_search_is_sent_again_after_the_hits() {
    let fixture = RoomFixture::new().await;
    let owner = Owner { user: fixture.me, session: [0; 32], address: [127, 0, 0, 1].into() };
    let window = fixture.messenger.people().enter_lobby(owner).unwrap().main_window();
    let dialect = LobbyDialect::new(fixture.messenger.clone(), Actor::operator(fixture.me), window, None);
    let mut view = Default::default();
    let welcome = dialect.welcome().await;
    reply(&dialect, &mut view, welcome);
    fixture.post("찾을 글").await;

    let command = dialect.begin(&mut view, Incoming::Text(r#"{"type":"search","query":"찾을"}"#));
    let found = dialect.execute(command).await;
    let recalled = Arc::new(Encoded::new(LobbyEvent::Recalled { room: fixture.room, ids: vec![MessageId::new()] }));
    assert!(event(&dialect, &mut view, &recalled).contains("recalled"));
    let sent = reply(&dialect, &mut view, found);
    let (hits_at, recall_at) = (sent.find("hits"), sent.find("recalled"));
    assert!(sent.contains("찾을 글") && hits_at.is_some() && hits_at < recall_at, "{sent}");
}
