use std::time::Duration;

use tokio::{io::AsyncReadExt, net::TcpListener, sync::Semaphore, task::JoinHandle, time::timeout};

use super::*;
use crate::{
    hub::{Caps, Encoded, Hub, Owner, RoomAudience, Subscription, SubscriptionGuard},
    supervisor::Supervisor,
};
use protocol::{
    ids::{RoomId, UserId},
    room_socket::RoomEvent,
};

const TEST_TIMEOUT: Duration = Duration::from_secs(20);
const PANICS_AT: &str = "panic";

/// Encodes each event unchanged, and panics at one title. Commands are echoed when the test lets them finish.
struct Plain {
    finish: Arc<Semaphore>,
}

impl Dialect for Plain {
    type Event = RoomEvent;
    type Command = String;
    type Reply = String;
    type View = ();

    fn frames_per_second(&self) -> Option<u32> {
        None
    }

    async fn welcome(&self) -> String {
        String::new()
    }

    fn begin(&self, (): &mut (), received: Incoming<'_>) -> String {
        match received {
            Incoming::Text(text) => text.to_owned(),
            Incoming::Binary(_) => String::new(),
        }
    }

    async fn execute(&self, command: String) -> String {
        self.finish.acquire().await.expect("the test holds it").forget();
        command
    }

    fn encode_reply(&self, (): &mut (), reply: String, frames: &mut Frames) {
        if !reply.is_empty() {
            frames.text(reply.as_bytes());
        }
    }

    fn encode_event(&self, (): &mut (), event: &Arc<Encoded<RoomEvent>>, frames: &mut Frames) {
        assert!(
            !matches!(&event.event, RoomEvent::Renamed { title: Some(title) } if title == PANICS_AT),
            "as the test wants it"
        );
        frames.text(&event.frame);
    }
}

struct Ends {
    hub: Hub,
    room: RoomId,
    _hold: SubscriptionGuard,
    half: Arc<WriteHalf<Plain>>,
    finish: Arc<Semaphore>,
    other: TcpStream,
}

impl Ends {
    async fn new(hub: &Hub, room: RoomId, delivery: &DeliveryWorkers) -> Self {
        let owner = Owner { user: UserId::new(), session: [0; 32], address: [127, 0, 0, 1].into() };
        let Subscription { hold, outbox } = hub.subscribe_room(owner, Caps::default(), room).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let other = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, finish) = (listener.accept().await.unwrap().0, Arc::new(Semaphore::new(0)));
        let half = WriteHalf::new(stream, outbox, Plain { finish: finish.clone() }, delivery.clone());
        half.welcome().await;
        Self { hub: hub.clone(), room, _hold: hold, half, finish, other }
    }

    async fn alone() -> Self {
        Self::new(&Hub::default(), RoomId::new(), &DeliveryWorkers::start(&Supervisor::default())).await
    }

    /// Shrinks the system's buffers between the two.
    fn narrow(&self) {
        SockRef::from(&self.half.stream).set_send_buffer_size(64 * 1024).unwrap();
        SockRef::from(&self.other).set_recv_buffer_size(64 * 1024).unwrap();
    }

    fn broadcast(&self, title: &str) -> usize {
        broadcast(&self.hub, self.room, title)
    }

    /// Reads this many bytes.
    async fn read(&mut self, bytes: usize) -> Vec<u8> {
        let mut read = vec![0; bytes];
        let outcome = timeout(TEST_TIMEOUT, self.other.read_exact(&mut read)).await;
        outcome.expect("an event was not delivered").unwrap();
        read
    }
}

/// Broadcasts an event to a room, and returns the length of its frame.
fn broadcast(hub: &Hub, room: RoomId, title: &str) -> usize {
    let event = RoomEvent::Renamed { title: Some(title.to_owned()) };
    let mut frames = Frames::default();
    frames.event(&event);
    hub.fan_out(RoomAudience::Everybody(room), event);
    frames.bytes().len()
}

/// Takes the lock repeatedly, as a connection's own task does.
fn contend(half: &Arc<WriteHalf<Plain>>) -> JoinHandle<()> {
    let half = half.clone();
    tokio::spawn(async move {
        loop {
            half.progress();
            tokio::task::yield_now().await;
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_event_is_left_behind_when_others_hold_the_lock() {
    let mut ends = Ends::alone().await;
    let contenders = [contend(&ends.half), contend(&ends.half)];
    for _ in 0..20_000 {
        let bytes = ends.broadcast("글");
        ends.read(bytes).await;
    }
    contenders.iter().for_each(JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_close_is_noticed_when_others_hold_the_lock() {
    for _ in 0..500 {
        let ends = Ends::alone().await;
        let contenders = [contend(&ends.half), contend(&ends.half)];
        ends.hub.close_all();
        timeout(TEST_TIMEOUT, ends.half.woken()).await.expect("nobody was woken for the close");
        assert_eq!(ends.half.close_reason(), Some(CloseReason::GoingAway));
        contenders.iter().for_each(JoinHandle::abort);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_follows_the_close_frame() {
    let mut ends = Ends::alone().await;
    ends.finish.add_permits(1);
    let before = ends.broadcast("앞");
    ends.read(before).await;
    ends.half.close(Some(1000), "");
    ends.broadcast("뒤");
    ends.half.execute(Incoming::Text("뒤")).await;
    ends.half.shut_down();
    let mut rest = Vec::new();
    timeout(TEST_TIMEOUT, ends.other.read_to_end(&mut rest)).await.expect("the stream ends").unwrap();
    let mut close = Frames::default();
    close.close(Some(1000), "");
    assert_eq!(rest, close.bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_reads_everything_in_order() {
    let mut ends = Ends::alone().await;
    ends.narrow();
    let filler = "-".repeat(3000);
    let bytes = (100..400).map(|number| ends.broadcast(&format!("{number}{filler}"))).sum();
    timeout(TEST_TIMEOUT, ends.half.woken()).await.expect("the task is woken when bytes stay unwritten");
    assert_eq!(ends.half.progress(), Progress::Blocked);

    // As in `connection::unblock`.
    let half = ends.half.clone();
    let task = tokio::spawn(async move { while half.retry().await != Progress::Broken {} });
    let read = String::from_utf8_lossy(&ends.read(bytes).await).into_owned();
    let numbers = read.match_indices("\":\"").filter_map(|(at, found)| read[at + found.len()..].get(..3)?.parse().ok());
    assert_eq!(numbers.collect::<Vec<u16>>(), (100..400).collect::<Vec<_>>());
    assert_eq!(ends.half.close_reason(), None);
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_are_written_in_parts_arrive_whole() {
    let mut ends = Ends::alone().await;
    ends.narrow();
    let mut frames = [Frames::default(), Frames::default()];
    frames[0].text("가나다".repeat(400_000).as_bytes());
    frames[1].text(b"after it");
    ends.half.send(&frames[0]);
    ends.half.send(&frames[1]);
    assert_eq!(ends.half.progress(), Progress::Blocked);

    let half = ends.half.clone();
    let task = tokio::spawn(async move { while half.retry().await != Progress::Broken {} });
    let expected = frames.each_ref().map(Frames::bytes).concat();
    assert!(ends.read(expected.len()).await == expected);
    task.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_at_one_connection_leave_no_event_behind() {
    let mut ends = Ends::alone().await;
    for _ in 0..20_000 {
        let (hub, room) = (ends.hub.clone(), ends.room);
        let other = tokio::spawn(async move { broadcast(&hub, room, "둘") });
        let bytes = ends.broadcast("하나") + other.await.unwrap();
        ends.read(bytes).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_closes_one_connection_and_the_others_are_served() {
    let (hub, delivery) = (Hub::default(), DeliveryWorkers::start(&Supervisor::default()));
    let mut well = Ends::new(&hub, RoomId::new(), &delivery).await;
    // One more than there are workers.
    for _ in 0..=std::thread::available_parallelism().unwrap().get() {
        let ends = Ends::new(&hub, RoomId::new(), &delivery).await;
        ends.broadcast(PANICS_AT);
        timeout(TEST_TIMEOUT, ends.half.woken()).await.expect("the connection is to be closed");
        assert_eq!(ends.half.close_reason(), Some(CloseReason::MustResume));
    }
    let bytes = well.broadcast("글");
    well.read(bytes).await;
}

/// A frame with this text, as it is on the wire.
fn text(text: &str) -> Vec<u8> {
    let mut frames = Frames::default();
    frames.text(text.as_bytes());
    frames.bytes().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_delivered_while_a_command_is_under_way() {
    let mut ends = Ends::alone().await;
    let half = ends.half.clone();
    let commands = tokio::spawn(async move {
        half.execute(Incoming::Text("first")).await;
        half.execute(Incoming::Text("second")).await;
    });
    for _ in 0..3 {
        let bytes = ends.broadcast("글");
        ends.read(bytes).await;
    }
    assert!(!commands.is_finished());
    ends.finish.add_permits(2);
    commands.await.unwrap();
    let replies = [text("first"), text("second")].concat();
    assert_eq!(ends.read(replies.len()).await, replies, "replies come in the order of the commands");
}
