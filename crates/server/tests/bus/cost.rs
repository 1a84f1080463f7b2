//! What a frame costs, by hand: `cargo test --release -p daehwa-server --test bus cost -- --ignored --nocapture`.

use std::{
    fs,
    time::{Duration, Instant},
};

use server::bus::NotPublished;
use tokio::{task, time::sleep};

use crate::{nats_server::NatsServer, node::BusNode};

/// Bytes of a post's frame.
const CONTENT: usize = 600;
/// Of the clock in /proc, by the kernel's interface.
const TICKS_PER_SECOND: f64 = 100.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn cost_of_a_frame() {
    let server = NatsServer::start("");
    let (mut a, mut b) = (BusNode::of(&server).await, BusNode::of(&server).await);
    a.meet(&mut b).await;
    for pause in [None, Some(Duration::from_millis(1))] {
        let frames = if pause.is_some() { 5_000 } else { 500_000u32 };
        let (begin, cpu) = (Instant::now(), cpu_seconds());
        let bus = a.bus.clone();
        let sending = tokio::spawn(async move {
            for _ in 0..frames {
                while bus.publish(&[1; CONTENT]) == Err(NotPublished::Full) {
                    task::yield_now().await;
                }
                if let Some(pause) = pause {
                    sleep(pause).await;
                }
            }
            bus.publish(b"end").unwrap();
        });
        let mut received = 0u32;
        while b.frame().await != b"end"[..] {
            received += 1;
        }
        sending.await.unwrap();
        let (cpu, seconds) = (cpu_seconds() - cpu, begin.elapsed().as_secs_f64());
        let each = cpu / f64::from(frames) * 1e6;
        println!(
            "{frames} frames in {seconds:.1} s, received {received}: {each:.1} µs of CPU for publishing and reading one"
        );
    }
}

/// Of this process: both nodes.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    ticks / TICKS_PER_SECOND
}
