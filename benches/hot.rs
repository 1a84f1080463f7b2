//! The steps of every message, one by one, without sockets: `make bench-hot`. benches/peers measures them together.

#[path = "hot/page.rs"]
mod page;
#[path = "peers/people.rs"]
mod people;

use std::{
    env, io,
    net::{IpAddr, Ipv4Addr},
    path::Path,
    time::{Duration, Instant},
};

use client::{
    decode::decode,
    state::conversation::{Conversation, MAX_LOADED},
};
use criterion::{BatchSize, Criterion, Throughput};
use futures::future::join_all;
use people::BenchPeople;
use protocol::{
    cursor::Cursor,
    ids::{MessageId, RoomId, UserId},
    message::Message,
    room::{RoomDetails, RoomSnapshot},
    room_socket::{Post, RoomEvent},
};
use server::{
    hub::{Caps, Encoded, Hub, Owner, RoomAudience, Subscription},
    messenger::Directory,
    model::{Account, Anchor, Durability},
    store::Store,
};
use tokio::runtime::Runtime;
use uuid::Uuid;

const BODY: &str = "그럼 내일 오전 열 시에 3층 회의실에서 뵙겠습니다. 자료는 오늘 저녁까지 올려 둘게요.";
/// Windows that receive each message.
const WINDOWS: u64 = 1_000;
/// Messages in the writer's queue at once.
const TOGETHER: usize = 32;
/// Messages of a room with a history of years.
const ROOM_MESSAGES: usize = 100_000;

fn main() -> io::Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    encoding(&mut criterion);
    fan_out(&mut criterion);
    changed_accounts(&mut criterion);
    read(&mut criterion);
    apply(&mut criterion);
    store(&mut criterion)?;
    page::main_page(&mut criterion, directory()?.path())?;
    criterion.final_summary();
    Ok(())
}

/// Without `--bench`, as in `cargo test --benches`, everything runs once.
fn is_trial() -> bool {
    env::args().all(|argument| argument != "--bench")
}

fn message(version: u64) -> Message {
    Message::new(MessageId::new(), version, UserId::new(), BODY.to_owned(), 1_795_362_983_864)
}

fn event(version: u64) -> RoomEvent {
    RoomEvent::Message { message: message(version), cursor: Cursor { epoch: Uuid::nil(), version } }
}

/// Encodes one message into the frame that all receivers share.
fn encoding(criterion: &mut Criterion) {
    let event = event(1);
    criterion.bench_function("encode a message", |bencher| {
        bencher.iter_batched(|| event.clone(), Encoded::new, BatchSize::SmallInput);
    });
}

/// Puts one event, encoded once, into the outboxes of a room; emptying them is not measured.
fn fan_out(criterion: &mut Criterion) {
    let (hub, room, event) = (Hub::default(), RoomId::new(), event(1));
    let open = |_| {
        let owner = Owner { user: UserId::new(), session: [0; 32], address: IpAddr::V4(Ipv4Addr::LOCALHOST) };
        hub.subscribe_room(owner, Caps::default(), room)
    };
    let mut windows: Vec<_> = (0..WINDOWS).filter_map(|number| open(number).ok()).collect();
    let mut group = criterion.benchmark_group("hub");
    group.throughput(Throughput::Elements(WINDOWS));
    group.bench_function("an event to 1,000 windows", |bencher| {
        bencher.iter_custom(|times| {
            let mut lasted = Duration::ZERO;
            for _ in 0..times {
                let event = event.clone();
                let began = Instant::now();
                hub.fan_out(RoomAudience::Everybody(room), event);
                lasted += began.elapsed();
                windows.iter_mut().for_each(empty);
            }
            lasted
        });
    });
}

fn empty(window: &mut Subscription<RoomEvent>) {
    while window.outbox.next().is_some() {}
}

/// Updates a status and a name among accounts of which some have the same name.
fn changed_accounts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("directory");
    for count in if is_trial() { [50, 100] } else { [5_000, 50_000] } {
        let accounts: Vec<Account> = (0..count).map(account).collect();
        let directory = Directory::new(&accounts);
        let busy = Account { is_busy: true, ..accounts[7].clone() };
        let renamed = Account { name: account(8).name, ..accounts[7].clone() };
        for (name, changed) in [("status", busy), ("rename", renamed)] {
            group.bench_function(format!("a {name} among {count}"), |bencher| {
                bencher.iter_batched_ref(
                    || directory.clone(),
                    |directory| directory.update(std::slice::from_ref(&changed), &|_| false),
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

fn account(number: usize) -> Account {
    let (login, name) = (format!("p{number}"), format!("김민수 {}", number / 4));
    Account::new(UserId::new(), login, name)
}

/// Decodes one frame with the client's decoder, as native code instead of WASM.
fn read(criterion: &mut Criterion) {
    let frame = serde_json::to_string(&event(1)).unwrap_or_default();
    criterion.bench_function("client reads a message", |bencher| bencher.iter(|| decode::<RoomEvent>(&frame)));
}

/// Applies one more message to a full window.
fn apply(criterion: &mut Criterion) {
    let versions = 1..=MAX_LOADED as u64;
    let snapshot = RoomSnapshot {
        room: RoomId::new(),
        is_group: true,
        details: RoomDetails::new(Vec::new(), Cursor { epoch: Uuid::nil(), version: MAX_LOADED as u64 }),
        messages: versions.map(message).collect(),
        has_earlier: true,
        has_later: false,
    };
    let conversation = Conversation::new(UserId::new(), snapshot);
    let event = event(MAX_LOADED as u64 + 1);
    criterion.bench_function("client applies a message to a window of 300", |bencher| {
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

/// A directory on a disk: /tmp may be memory.
fn directory() -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix("bench-").tempdir_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))
}

fn store(criterion: &mut Criterion) -> io::Result<()> {
    let directory = directory()?;
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
    group.throughput(Throughput::Elements(TOGETHER as u64));
    let mut seq = 0;
    group.bench_function(format!("{TOGETHER} members read on at once"), |bencher| {
        bencher.iter(|| {
            seq += 1;
            runtime.block_on(mark_read(&store, &people, seq));
        });
    });
    group.throughput(Throughput::Elements(1));
    for (name, anchor) in [("the newest page", Anchor::Newest), ("a page in the middle", Anchor::Around(50_000))] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(store.page(room, 0, anchor)).map(|page| page.messages.len()).ok());
        });
    }
    group.finish();
    runtime.block_on(store.close());
    Ok(())
}

async fn old_room(directory: &Path) -> io::Result<(Store, BenchPeople)> {
    let (store, mut committed) = Store::open(directory, Durability::Full).await.map_err(io::Error::other)?;
    // The changes are not fanned out.
    tokio::spawn(async move { while committed.recv().await.is_some() {} });
    let people = BenchPeople::settle(directory, TOGETHER, TOGETHER).await.map_err(io::Error::other)?;
    let messages = if is_trial() { 100 } else { ROOM_MESSAGES };
    for _ in 0..messages / 500 {
        append(&store, people.group, people.ids[0], 500).await;
    }
    Ok((store, people))
}

/// Returns when all messages are on disk.
async fn append(store: &Store, room: RoomId, author: UserId, count: usize) {
    let new = || Post::new(MessageId::new(), BODY);
    let stored = join_all((0..count).map(|_| store.insert_message(room, author, new()))).await;
    assert!(stored.iter().all(Result::is_ok), "a message was not stored");
}

/// Moves the read marks of all members to `seq`. Returns when all are on disk.
async fn mark_read(store: &Store, people: &BenchPeople, seq: u64) {
    let marked = join_all(people.ids.iter().map(|user| store.mark_read(people.group, *user, seq))).await;
    assert!(marked.iter().all(Result::is_ok), "a read mark was not stored");
}
