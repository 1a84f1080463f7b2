//! The paths that every message takes, one by one, without sockets: `make bench-hot`. What they are together stands
//! in benches/peers.

#[path = "peers/people.rs"]
mod people;

use std::{
    env, io,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    time::{Duration, Instant},
};

use criterion::{BatchSize, Criterion, Throughput};
use daehwa::{
    client::{
        decode::decode,
        state::conversation::{Conversation, WINDOW},
    },
    protocol::{
        chat::ChatEvent,
        cursor::Cursor,
        ids::{MessageId, RoomId, UserId},
        message::Message,
        room::RoomSnapshot,
    },
    server::{
        hub::{Caps, Hub, Owner, Seat, told},
        store::{Durability, NewMessage, Place, Store},
    },
};
use futures::future::join_all;
use people::People;
use tokio::runtime::Runtime;
use uuid::Uuid;

const BODY: &str = "그럼 내일 오전 열 시에 3층 회의실에서 뵙겠습니다. 자료는 오늘 저녁까지 올려 둘게요.";
/// Windows that a message is handed to.
const WINDOWS: u64 = 1_000;
/// Messages that wait beside each other.
const TOGETHER: usize = 32;
/// Messages of a room that has gone on for years.
const ROOM_MESSAGES: usize = 100_000;

fn main() -> io::Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    encode(&mut criterion);
    fan_out(&mut criterion);
    read(&mut criterion);
    apply(&mut criterion);
    store(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// Without `--bench`, as in `cargo test --benches`, everything is only tried once.
fn is_trial() -> bool {
    env::args().all(|argument| argument != "--bench")
}

fn message(version: u64) -> Message {
    let (id, author, body) = (MessageId::new(), UserId::new(), BODY.to_owned());
    Message {
        id,
        seq: version,
        version,
        author,
        body,
        sent_at: 1_795_362_983_864,
        edited_at: None,
        recalled: None,
        reply_to: None,
        answers_hidden: false,
        reactions: Vec::new(),
        line: None,
    }
}

fn event(version: u64) -> ChatEvent {
    ChatEvent::Message { message: message(version), cursor: Cursor { epoch: Uuid::nil(), version } }
}

/// One message into the frame that all its hearers share.
fn encode(criterion: &mut Criterion) {
    let event = event(1);
    criterion.bench_function("encode a message", |bencher| {
        bencher.iter_batched(|| event.clone(), told, BatchSize::SmallInput);
    });
}

/// One frame into the outboxes of a room; that they are emptied is not counted.
fn fan_out(criterion: &mut Criterion) {
    let (hub, room, frame) = (Hub::default(), RoomId::new(), told(event(1)));
    let seat = |_| {
        let owner = Owner { user: UserId::new(), session: [0; 32], address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
        hub.enter_room(owner, Caps::default(), room)
    };
    let mut seats: Vec<_> = (0..WINDOWS).filter_map(|number| seat(number).ok()).collect();
    let mut group = criterion.benchmark_group("hub");
    group.throughput(Throughput::Elements(WINDOWS));
    group.bench_function("a frame to 1,000 windows", |bencher| {
        bencher.iter_custom(|times| {
            let mut lasted = Duration::ZERO;
            for _ in 0..times {
                let began = Instant::now();
                hub.tell_room(room, &frame, None);
                lasted += began.elapsed();
                seats.iter_mut().for_each(empty);
            }
            lasted
        });
    });
}

fn empty(seat: &mut Seat<ChatEvent>) {
    while seat.outbox.next().is_some() {}
}

/// One frame as the browser's program reads it, with this machine's code instead of the browser's.
fn read(criterion: &mut Criterion) {
    let frame = serde_json::to_string(&event(1)).unwrap_or_default();
    criterion.bench_function("client reads a message", |bencher| bencher.iter(|| decode::<ChatEvent>(&frame)));
}

/// One more message in a window that holds as many as a window does.
fn apply(criterion: &mut Criterion) {
    let versions = 1..=WINDOW as u64;
    let snapshot = RoomSnapshot {
        room: RoomId::new(),
        is_group: true,
        title: None,
        is_muted: false,
        members: Vec::new(),
        messages: versions.map(message).collect(),
        cursor: Cursor { epoch: Uuid::nil(), version: WINDOW as u64 },
        has_earlier: true,
        has_later: false,
    };
    let conversation = Conversation::new(UserId::new(), snapshot);
    let event = event(WINDOW as u64 + 1);
    criterion.bench_function("client takes in a message beside 300", |bencher| {
        bencher.iter_batched_ref(
            || (conversation.clone(), Some(event.clone())),
            |(conversation, event)| {
                if let Some(event) = event.take() {
                    conversation.apply(event, 0);
                }
            },
            BatchSize::SmallInput,
        );
    });
}

/// What is on disk, in a directory on a disk: /tmp may be memory.
fn store(criterion: &mut Criterion) -> io::Result<()> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let directory = tempfile::Builder::new().prefix("bench-").tempdir_in(target)?;
    let runtime = Runtime::new()?;
    let (store, people) = runtime.block_on(old_room(directory.path()))?;
    let (room, author) = (people.group, people.ids[0]);
    let mut group = criterion.benchmark_group("store, a room of 100,000 messages");
    for count in [1, TOGETHER] {
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("{count} appended at once"), |bencher| {
            bencher.iter(|| runtime.block_on(append(&store, room, author, count)));
        });
    }
    group.throughput(Throughput::Elements(1));
    for (name, place) in [("the newest page", Place::Newest), ("a page in the middle", Place::Around(50_000))] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(store.page(room, 0, place)).map(|page| page.messages.len()).ok());
        });
    }
    group.finish();
    runtime.block_on(store.close());
    Ok(())
}

async fn old_room(directory: &Path) -> io::Result<(Store, People)> {
    let (store, mut committed) = Store::open(directory, Durability::Full).await.map_err(io::Error::other)?;
    // Nobody is to be told.
    tokio::spawn(async move { while committed.recv().await.is_some() {} });
    let people = People::settle(directory, 2, 2).await.map_err(io::Error::other)?;
    let messages = if is_trial() { 100 } else { ROOM_MESSAGES };
    for _ in 0..messages / 500 {
        append(&store, people.group, people.ids[0], 500).await;
    }
    Ok((store, people))
}

/// Over when all are on disk.
async fn append(store: &Store, room: RoomId, author: UserId, count: usize) {
    let new = || NewMessage { id: MessageId::new(), body: BODY.to_owned(), reply_to: None };
    let stored = join_all((0..count).map(|_| store.insert_message(room, author, new()))).await;
    assert!(stored.iter().all(Result::is_ok), "a message was not stored");
}
