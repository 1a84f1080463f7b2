//! Compares the codec and the outbox with the libraries that could replace them: memory of an idle connection and of an
//! idle queue, CPU of a delivered message. All in one run, because on a shared machine only the ratios are meaningful.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

#[expect(dead_code, reason = "the bench uses a part of it")]
#[path = "../src/socket/codec.rs"]
mod codec;
#[expect(dead_code, unreachable_pub, reason = "the bench uses a part of it, in a program")]
#[path = "../src/hub/outbox.rs"]
mod outbox;

use std::{
    env, fs,
    future::Future,
    hint::black_box,
    io::{Read, Write},
    net,
    process::Command,
    sync::Arc,
    thread,
    time::Duration,
};

use codec::{Decoder, Frames};
use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, Role, WebSocket};
use futures::{SinkExt, StreamExt};
use outbox::Encoded;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::LocalSet,
};
use tokio_websockets::{Message, ServerBuilder, WebSocketStream};

const IDLE: usize = 3_000;
const SENDING: usize = 200;
const ROUNDS: usize = 500;
const EVENT: &str = r#"{"type":"message","message":{"id":"01931d5c-8a00-7000-8000-0000000000f2","seq":8,"version":8,"author":"01931d5c-8a00-7000-8000-000000000001","body":"안녕하세요","sent_at":1795362990000},"cursor":{"epoch":"01931d5c-8a00-7000-8000-0000000000ee","version":8}}"#;

fn resident_bytes() -> usize {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// CPU time of this thread, in nanoseconds.
fn cpu_ns() -> u64 {
    fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse().unwrap()
}

/// Connected pairs; the first of each is the server's end.
async fn pairs(count: usize) -> (Vec<TcpStream>, Vec<net::TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (mut servers, mut clients) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for _ in 0..count {
        let client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        servers.push(listener.accept().await.unwrap().0);
        servers.last().unwrap().set_nodelay(true).unwrap();
        clients.push(client);
    }
    (servers, clients)
}

async fn read_ours(stream: TcpStream) {
    let mut decoder = Decoder::default();
    while stream.readable().await.is_ok() {
        let mut bytes = [0; 4096];
        match stream.try_read(&mut bytes) {
            Ok(0) => return,
            Ok(read) => decoder.push(&bytes[..read]),
            Err(_) => continue,
        }
        while let Ok(Some(message)) = decoder.next() {
            black_box(message);
        }
    }
}

async fn read_fastwebsockets(stream: TcpStream) {
    let mut socket = FragmentCollector::new(WebSocket::after_handshake(stream, Role::Server));
    while let Ok(frame) = socket.read_frame().await {
        black_box(frame);
    }
}

async fn read_tokio_websockets(stream: TcpStream) {
    let mut socket = ServerBuilder::new().serve(stream);
    while let Some(Ok(message)) = socket.next().await {
        black_box(message);
    }
}

async fn read_nothing(stream: TcpStream) {
    let _ = stream.readable().await;
    black_box(&stream);
}

/// Bytes of memory of each idle connection, after it received one message.
async fn idle<F: Future<Output = ()> + 'static>(serve: impl Fn(TcpStream) -> F) -> usize {
    let (servers, mut clients) = pairs(IDLE).await;
    let before = resident_bytes();
    let tasks = LocalSet::new();
    for stream in servers {
        tasks.spawn_local(serve(stream));
    }
    tasks
        .run_until(async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            for client in &mut clients {
                // A text of five bytes with a mask of zeros.
                client.write_all(&[0x81, 0x85, 0, 0, 0, 0, b'h', b'e', b'l', b'l', b'o']).unwrap();
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        })
        .await;
    (resident_bytes().saturating_sub(before)) / IDLE
}

fn drain(clients: Vec<net::TcpStream>) {
    for mut client in clients {
        thread::Builder::new()
            .stack_size(64 * 1024)
            .spawn(move || {
                let mut bytes = [0; 16 * 1024];
                while client.read(&mut bytes).is_ok_and(|read| read > 0) {}
            })
            .unwrap();
    }
}

async fn deliver_ours() -> u64 {
    let (servers, clients) = pairs(SENDING).await;
    drain(clients);
    let (begun, mut frames) = (cpu_ns(), Frames::default());
    for _ in 0..ROUNDS {
        for stream in &servers {
            frames.clear();
            frames.text(EVENT.as_bytes());
            let mut bytes = frames.bytes();
            while !bytes.is_empty() {
                match stream.try_write(bytes) {
                    Ok(written) => bytes = &bytes[written..],
                    Err(_) => stream.writable().await.unwrap(),
                }
            }
        }
    }
    (cpu_ns() - begun) / (ROUNDS * SENDING) as u64
}

async fn deliver_fastwebsockets() -> u64 {
    let (servers, clients) = pairs(SENDING).await;
    drain(clients);
    let mut sockets: Vec<_> =
        servers.into_iter().map(|stream| WebSocket::after_handshake(stream, Role::Server)).collect();
    let begun = cpu_ns();
    for _ in 0..ROUNDS {
        for socket in &mut sockets {
            let frame = Frame::new(true, OpCode::Text, None, Payload::Borrowed(EVENT.as_bytes()));
            socket.write_frame(frame).await.unwrap();
        }
    }
    (cpu_ns() - begun) / (ROUNDS * SENDING) as u64
}

async fn deliver_tokio_websockets() -> u64 {
    let (servers, clients) = pairs(SENDING).await;
    drain(clients);
    let mut sockets: Vec<WebSocketStream<TcpStream>> =
        servers.into_iter().map(|stream| ServerBuilder::new().serve(stream)).collect();
    let event = bytes::Bytes::from_static(EVENT.as_bytes());
    let begun = cpu_ns();
    for _ in 0..ROUNDS {
        for socket in &mut sockets {
            let payload: tokio_websockets::Payload = event.clone().into();
            socket.send(Message::text(payload)).await.unwrap();
        }
    }
    (cpu_ns() - begun) / (ROUNDS * SENDING) as u64
}

/// Prints the bytes of each of many queues that have passed on one event and are empty, and the nanoseconds of a push
/// and a pop.
fn queues<Q>(name: &str, make: impl Fn() -> Q, pass: impl Fn(&mut Q)) {
    const COUNT: usize = 20_000;
    let mut all = Vec::with_capacity(COUNT);
    let before = resident_bytes();
    for _ in 0..COUNT {
        let mut queue = make();
        pass(&mut queue);
        all.push(queue);
    }
    let bytes = resident_bytes().saturating_sub(before) / COUNT;
    let begun = cpu_ns();
    for _ in 0..20 {
        all.iter_mut().for_each(&pass);
    }
    let ns = (cpu_ns() - begun) / (20 * COUNT) as u64;
    println!("queue, {name}: {bytes} bytes, {ns} ns");
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// One measurement of memory, in a separate process, so that it reuses no memory that an earlier one freed.
fn measure(name: &str) {
    let event = Arc::new(Encoded::new(EVENT.to_owned()));
    match name {
        "bare TCP" => println!("idle connection, {name}: {} bytes", block_on(idle(read_nothing))),
        "ours" => println!("idle connection, {name}: {} bytes", block_on(idle(read_ours))),
        "fastwebsockets" => println!("idle connection, {name}: {} bytes", block_on(idle(read_fastwebsockets))),
        "tokio-websockets" => println!("idle connection, {name}: {} bytes", block_on(idle(read_tokio_websockets))),
        "outbox" => queues(name, outbox::channel::<String>, |(sender, outbox)| {
            sender.push(&event);
            black_box(outbox.next());
        }),
        _ => queues(
            name,
            || mpsc::channel::<Arc<Encoded<String>>>(256),
            |(sender, receiver)| {
                let _ = sender.try_send(event.clone());
                black_box(receiver.try_recv().ok());
            },
        ),
    }
}

fn main() {
    let names = ["bare TCP", "ours", "fastwebsockets", "tokio-websockets", "outbox", "tokio's channel"];
    if let Some(name) = env::args().nth(1).filter(|name| names.contains(&&**name)) {
        return measure(&name);
    }
    for name in names {
        Command::new(env::current_exe().unwrap()).arg(name).status().unwrap();
    }
    for _ in 0..3 {
        println!("delivery, ours: {} ns", block_on(deliver_ours()));
        println!("delivery, fastwebsockets: {} ns", block_on(deliver_fastwebsockets()));
        println!("delivery, tokio-websockets: {} ns", block_on(deliver_tokio_websockets()));
    }
}
