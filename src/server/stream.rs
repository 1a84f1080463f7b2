//! A connection that is let go when the other side does not take what is written.

use std::{
    future::Future,
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

use crate::server::doors::Place;

/// While something waits to be written, so much has to be taken in each of these times.
const PATIENCE: Duration = Duration::from_secs(20);
const TAKEN: usize = 16 * 1024;
/// A time that ran out so long ago is of an earlier answer: nobody waited for it.
const STALE: Duration = Duration::from_secs(2);

pub(super) struct Watched {
    stream: TcpStream,
    place: Arc<Place>,
    patience: Duration,
    /// Runs since something first had to wait.
    running: Option<Pin<Box<Sleep>>>,
    taken: usize,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, place: Arc<Place>) -> Self {
        Self { stream, place, patience: PATIENCE, running: None, taken: 0 }
    }

    pub(super) fn into_parts(self) -> (TcpStream, Arc<Place>) {
        (self.stream, self.place)
    }

    fn watch(&mut self, written: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(taken)) => {
                self.taken += taken;
                return Poll::Ready(Ok(taken));
            }
            Poll::Ready(error) => return Poll::Ready(error),
            Poll::Pending => {}
        }
        let is_stale = |running: &Pin<Box<Sleep>>| running.deadline() + STALE < Instant::now();
        if self.running.as_ref().is_some_and(is_stale) {
            self.running = None;
        }
        loop {
            if self.running.is_none() {
                self.taken = 0;
            }
            let running = self.running.get_or_insert_with(|| Box::pin(sleep(self.patience)));
            ready!(running.as_mut().poll(context));
            if self.taken < TAKEN {
                return Poll::Ready(Err(ErrorKind::TimedOut.into()));
            }
            self.running = None;
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watch(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watch(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        time::timeout,
    };

    use super::*;
    use crate::server::doors::{Doors, Room};

    /// Long beside what a busy machine makes a task wait.
    const SHORT: Duration = Duration::from_millis(1_500);

    async fn pair() -> (Watched, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let place = Doors::new(Room::of_this_process()).enter(peer.ip(), false).unwrap();
        (Watched { patience: SHORT, ..Watched::new(stream, place) }, client)
    }

    #[tokio::test]
    async fn who_never_reads_is_let_go() {
        let (mut watched, _client) = pair().await;
        let much = vec![0; 64 << 20];
        let outcome = timeout(Duration::from_secs(20), watched.write_all(&much)).await.expect("an end");
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn who_reads_slowly_gets_all_and_an_earlier_wait_does_not_count() {
        let (mut watched, mut client) = pair().await;
        let reading = tokio::spawn(async move {
            let (mut read, mut buffer) = (0, vec![0; 4 << 20]);
            while read < 48 << 20 {
                tokio::time::sleep(Duration::from_millis(50)).await;
                read += client.read(&mut buffer).await.unwrap();
            }
            client
        });
        watched.write_all(&vec![0; 48 << 20]).await.unwrap();
        let mut client = reading.await.unwrap();
        tokio::time::sleep(STALE + 2 * SHORT).await;
        let reading = tokio::spawn(async move { client.read_exact(&mut vec![0; 16 << 20]).await.map(drop) });
        watched.write_all(&vec![0; 16 << 20]).await.unwrap();
        reading.await.unwrap().unwrap();
    }
}
