//! What the operator reads in the log.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing::{Dispatch, Level, dispatcher};

use crate::{
    access::{USER, exchange, user},
    nats_server::NatsServer,
    node::{BusNode, SECRET, until},
};

/// A log in memory.
#[derive(Clone, Default)]
struct BusLog(Arc<Mutex<Vec<u8>>>);

impl io::Write for BusLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_log_has_one_line_for_many_attempts_and_no_secret() {
    // With one subscriber, `tracing` would ask for each line only the thread that comes there first.
    let _other = Dispatch::new(tracing_subscriber::registry());
    let written = BusLog::default();
    let writer = written.clone();
    let every = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false);
    let _guard = dispatcher::set_default(&Dispatch::new(every.with_writer(move || writer.clone()).finish()));
    let server = NatsServer::start(USER);
    let _wrong = BusNode::begin(&server.url(), &user("geheimnis"), SECRET).await;
    until("some attempts", async || server.log().matches("authentication error").count() > 5).await;
    exchange(&server, &server.url(), &user("geheim")).await;
    let written = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let failures: Vec<&str> = written.lines().filter(|line| line.contains("the bus cannot be used")).collect();
    assert!(failures.len() == 1 && failures[0].contains("authorization violation"), "{failures:?}");
    assert!(written.contains("the bus is connected") && !written.contains("geheim"), "{written}");
}
