//! A TCP stream that fails if its peer does not read the written bytes.

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

use crate::connections::AdmittedConnection;

/// While a write is blocked, the peer must read [`TAKEN`] bytes in each period of this length.
const TIMEOUT: Duration = Duration::from_secs(20);
const TAKEN: usize = 16 * 1024;
/// A period that ended this long ago belongs to an earlier response.
const STALE: Duration = Duration::from_secs(2);

pub struct Watched {
    stream: TcpStream,
    admitted: Arc<AdmittedConnection>,
    timeout: Duration,
    /// The current period; `None` while no write is blocked.
    period: Option<Pin<Box<Sleep>>>,
    taken: usize,
}

impl Watched {
    pub fn new(stream: TcpStream, admitted: Arc<AdmittedConnection>) -> Self {
        Self { stream, admitted, timeout: TIMEOUT, period: None, taken: 0 }
    }

    pub fn into_parts(self) -> (TcpStream, Arc<AdmittedConnection>) {
        (self.stream, self.admitted)
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
        let is_stale = |period: &Pin<Box<Sleep>>| period.deadline() + STALE < Instant::now();
        if self.period.as_ref().is_some_and(is_stale) {
            self.period = None;
        }
        loop {
            if self.period.is_none() {
                self.taken = 0;
            }
            let period = self.period.get_or_insert_with(|| Box::pin(sleep(self.timeout)));
            ready!(period.as_mut().poll(context));
            if self.taken < TAKEN {
                return Poll::Ready(Err(ErrorKind::TimedOut.into()));
            }
            self.period = None;
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
    use crate::connections::{Capacity, Connections};

    /// Long compared with the scheduling delays of a busy machine.
    const SHORT: Duration = Duration::from_millis(1_500);

    async fn pair() -> (Watched, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        let admitted = Connections::new(Capacity::of_this_process()).enter(peer.ip(), false).unwrap();
        (Watched { timeout: SHORT, ..Watched::new(stream, admitted) }, client)
    }

    #[tokio::test]
    async fn a_peer_that_never_reads_times_out() {
        let (mut watched, _client) = pair().await;
        let much = vec![0; 64 << 20];
        let outcome = timeout(Duration::from_secs(20), watched.write_all(&much)).await.expect("an end");
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_slow_client_gets_everything_and_an_earlier_wait_does_not_count() {
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
