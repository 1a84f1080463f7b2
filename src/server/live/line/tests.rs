use std::time::Duration;

use tokio::{io::AsyncReadExt, net::TcpListener, task::JoinHandle, time::timeout};

use super::*;
use crate::{
    protocol::{
        chat::ChatEvent,
        ids::{RoomId, UserId},
    },
    server::hub::{Caps, Hold, Hub, Owner, Seat, Told},
};

const PATIENCE: Duration = Duration::from_secs(20);
const PANICS_AT: &str = "panic";

/// Says everything as it is; what it is told to choke on, it does.
struct Plain;

impl Language for Plain {
    type Event = ChatEvent;

    fn frames_per_second(&self) -> Option<u32> {
        None
    }

    async fn greet(&mut self) -> Frames {
        Frames::default()
    }

    async fn hear(&mut self, _: Said<'_>) -> Frames {
        Frames::default()
    }

    fn say(&mut self, told: &Arc<Told<ChatEvent>>, frames: &mut Frames) {
        assert!(
            !matches!(&told.event, ChatEvent::Renamed { title: Some(title) } if title == PANICS_AT),
            "as the test wants it"
        );
        frames.text(&told.frame);
    }
}

struct Ends {
    hub: Hub,
    room: RoomId,
    _hold: Hold,
    line: Arc<Line<Plain>>,
    other: TcpStream,
}

impl Ends {
    async fn new(hub: &Hub, room: RoomId, postmen: &Postmen) -> Self {
        let owner = Owner { user: UserId::new(), session: [0; 32], address: [127, 0, 0, 1].into() };
        let Seat { hold, outbox } = hub.enter_room(owner, Caps::default(), room).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let other = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let line = Line::new(listener.accept().await.unwrap().0, outbox, Plain, postmen.clone());
        line.greet().await;
        Self { hub: hub.clone(), room, _hold: hold, line, other }
    }

    async fn alone() -> Self {
        Self::new(&Hub::default(), RoomId::new(), &Postmen::start()).await
    }

    /// Has the system keep little between the two.
    fn narrow(&self) {
        SockRef::from(&self.line.stream).set_send_buffer_size(64 * 1024).unwrap();
        SockRef::from(&self.other).set_recv_buffer_size(64 * 1024).unwrap();
    }

    fn tell(&self, title: &str) -> usize {
        tell(&self.hub, self.room, title)
    }

    /// Reads as many bytes as are to come.
    async fn read(&mut self, bytes: usize) -> Vec<u8> {
        let mut read = vec![0; bytes];
        let heard = timeout(PATIENCE, self.other.read_exact(&mut read)).await;
        heard.expect("what was told did not come").unwrap();
        read
    }
}

/// Tells a room something and gives how long its frame is.
fn tell(hub: &Hub, room: RoomId, title: &str) -> usize {
    let told = Arc::new(Told::new(ChatEvent::Renamed { title: Some(title.to_owned()) }));
    let mut frames = Frames::default();
    frames.text(&told.frame);
    hub.tell_room(room, &told, None);
    frames.bytes().len()
}

/// Speaks without an end, as a connection's own task does.
fn chatter(line: &Arc<Line<Plain>>) -> JoinHandle<()> {
    let line = line.clone();
    tokio::spawn(async move {
        loop {
            line.progress().await;
            tokio::task::yield_now().await;
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_left_lying_when_others_speak_meanwhile() {
    let mut ends = Ends::alone().await;
    let speakers = [chatter(&ends.line), chatter(&ends.line)];
    for _ in 0..20_000 {
        let bytes = ends.tell("글");
        ends.read(bytes).await;
    }
    speakers.iter().for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_end_is_noticed_when_others_speak_meanwhile() {
    for _ in 0..500 {
        let ends = Ends::alone().await;
        let speakers = [chatter(&ends.line), chatter(&ends.line)];
        ends.hub.close_all();
        timeout(PATIENCE, ends.line.called()).await.expect("nobody was called to the end");
        assert_eq!(ends.line.ended(), Some(CloseReason::GoingAway));
        speakers.iter().for_each(JoinHandle::abort);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_late_reads_all_in_order() {
    let mut ends = Ends::alone().await;
    ends.narrow();
    let filler = "-".repeat(3000);
    let bytes = (100..400).map(|number| ends.tell(&format!("{number}{filler}"))).sum();
    timeout(PATIENCE, ends.line.called()).await.expect("the task is told that something stays unsent");
    assert_eq!(ends.line.progress().await, Progress::Blocked);

    // As `connection::settle` does it.
    let line = ends.line.clone();
    let task = tokio::spawn(async move { while line.retry().await != Progress::Broken {} });
    let read = String::from_utf8_lossy(&ends.read(bytes).await).into_owned();
    let numbers = read.match_indices("\":\"").filter_map(|(at, found)| read[at + found.len()..].get(..3)?.parse().ok());
    assert_eq!(numbers.collect::<Vec<u16>>(), (100..400).collect::<Vec<_>>());
    assert_eq!(ends.line.ended(), None);
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_in_parts_comes_whole() {
    let mut ends = Ends::alone().await;
    ends.narrow();
    let mut frames = [Frames::default(), Frames::default()];
    frames[0].text("가나다".repeat(400_000).as_bytes());
    frames[1].text(b"after it");
    ends.line.say(&frames[0]).await;
    ends.line.say(&frames[1]).await;
    assert_eq!(ends.line.progress().await, Progress::Blocked);

    let line = ends.line.clone();
    let task = tokio::spawn(async move { while line.retry().await != Progress::Broken {} });
    let expected = frames.each_ref().map(Frames::bytes).concat();
    assert!(ends.read(expected.len()).await == expected);
    task.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_postmen_at_one_door_leave_nothing_lying() {
    let mut ends = Ends::alone().await;
    for _ in 0..20_000 {
        let (hub, room) = (ends.hub.clone(), ends.room);
        let other = tokio::spawn(async move { tell(&hub, room, "둘") });
        let bytes = ends.tell("하나") + other.await.unwrap();
        ends.read(bytes).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_told_comes_back_and_the_others_have_their_post() {
    let (hub, postmen) = (Hub::default(), Postmen::start());
    let mut well = Ends::new(&hub, RoomId::new(), &postmen).await;
    // One more than there are postmen.
    for _ in 0..=std::thread::available_parallelism().unwrap().get() {
        let ends = Ends::new(&hub, RoomId::new(), &postmen).await;
        ends.tell(PANICS_AT);
        timeout(PATIENCE, ends.line.called()).await.expect("the connection is to end");
        assert_eq!(ends.line.ended(), Some(CloseReason::TooSlow));
    }
    let bytes = well.tell("글");
    well.read(bytes).await;
}
