//! The files of builds, which only a shared database keeps.

use std::sync::Arc;

use server::model::Asset;

use crate::{
    fixture::{Fixture, Postgres, Sqlite},
    test_server::TestServer,
};

fn files(content: &'static [u8]) -> Arc<[Asset]> {
    [Asset { name: "later.wasm.br".to_owned(), content: content.into() }].into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_is_kept_whole_by_the_first_of_its_nodes() {
    TestServer::get();
    let fixture = Fixture::empty::<Postgres>().await;
    let store = &fixture.store;
    let start = |content: &'static [u8]| store.insert_build("a".to_owned(), files(content));
    let starts = tokio::join!(start(b"one"), start(b"one"), start(b"one"));
    assert!(starts.0.is_ok() && starts.1.is_ok() && starts.2.is_ok());
    start(b"another").await.unwrap();
    assert_eq!(store.assets("a").await.unwrap(), files(b"one").to_vec());
    assert_eq!((store.builds().await.unwrap(), store.assets("b").await.unwrap()), (vec!["a".to_owned()], vec![]));
    fixture.check().await;
}

#[tokio::test]
async fn a_data_directory_keeps_no_build() {
    let fixture = Fixture::empty::<Sqlite>().await;
    assert!(fixture.store.insert_build("a".to_owned(), files(b"one")).await.is_err());
    assert!(fixture.store.builds().await.is_err());
}
