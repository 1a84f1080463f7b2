//! The main page of a large organisation, from the request to the last byte of the document.

use std::{
    io,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use criterion::Criterion;
use server::{
    app::AppState,
    messenger::{Messenger, Policy},
    model::Durability,
    origin::Origins,
};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::people::BenchPeople;

pub(crate) const PEOPLE: usize = 5_000;
const PORT: u16 = 3000;
const UNLIMITED: Policy = Policy { durability: Durability::Normal, ..Policy::UNLIMITED };

/// Renders the page for one user after the other.
pub(crate) fn main_page(criterion: &mut Criterion, directory: &Path) -> io::Result<()> {
    let runtime = Runtime::new()?;
    let (messenger, people) = runtime.block_on(organisation(directory))?;
    let proxies = "127.0.0.0/8".parse().map_err(io::Error::other)?;
    // The application spawns tasks.
    let _runtime = runtime.enter();
    let app = daehwa::http::router::app(AppState::new(messenger.clone(), Origins::default(), proxies, PORT));
    let turn = AtomicUsize::new(0);
    let page = async || {
        let token = &people.tokens[turn.fetch_add(1, Ordering::Relaxed) % people.tokens.len()];
        let request = Request::get("/").header(header::HOST, "localhost");
        let request = request.header(header::COOKIE, format!("daehwa-{PORT}={token}")).body(Body::empty());
        let response = app.clone().oneshot(request.unwrap_or_default()).await.unwrap_or_default();
        to_bytes(response.into_body(), usize::MAX).await.unwrap_or_default().len()
    };
    let length = runtime.block_on(page());
    assert!(length > people.ids.len() * 100, "a page of {length} bytes is not the main page");
    criterion.bench_function("the main page of 5,000 people", |bencher| bencher.iter(|| runtime.block_on(page())));
    runtime.block_on(messenger.close());
    Ok(())
}

async fn organisation(directory: &Path) -> io::Result<(Messenger, BenchPeople)> {
    let open = async || Messenger::open(directory, UNLIMITED).await.map_err(io::Error::other);
    open().await?.close().await;
    let people = BenchPeople::settle(directory, PEOPLE, 2).await.map_err(io::Error::other)?;
    Ok((open().await?, people))
}
