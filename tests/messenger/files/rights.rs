//! Who may read a file, checked at every request: members who see its message. For all others it does not exist.

use std::time::{Duration, Instant};

use protocol::ids::FileId;
use reqwest::{Client, Method};

use crate::stage::{Person, Stage};

/// A removed member reads nothing within this time.
const SOON: Duration = Duration::from_secs(2);

/// A method, the rest of the file's address, and headers.
type Asked = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// All read requests for a file or its upload.
const REQUESTS: [Asked; 8] = [
    ("GET", "", &[]),
    ("GET", "?download", &[]),
    ("GET", "", &[("range", "bytes=0-1")]),
    ("HEAD", "", &[]),
    ("GET", "/preview", &[]),
    ("HEAD", "/preview", &[]),
    ("HEAD", "", &[("tus-resumable", "1.0.0")]),
    ("DELETE", "", &[("tus-resumable", "1.0.0")]),
];

/// The statuses and bodies of all requests.
async fn answers(person: &Person, id: FileId, etag: &str) -> Vec<(u16, String)> {
    let mut answers = Vec::new();
    for (method, path, headers) in REQUESTS {
        let request = person.files(method.parse::<Method>().unwrap(), &format!("/{id}{path}"));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.send().await.unwrap();
        answers.push((answer.status().as_u16(), answer.text().await.unwrap()));
    }
    // Knowing the tag reveals nothing.
    let known = person.files(Method::GET, &format!("/{id}")).header("if-none-match", etag).send().await.unwrap();
    answers.push((known.status().as_u16(), known.text().await.unwrap()));
    answers
}

#[tokio::test]
async fn a_file_exists_for_members_who_see_its_message_and_for_nobody_else() {
    let stage = Stage::new().await;
    let [author, member, late, leaver, removed, stranger] = [
        ("author", "김민수"),
        ("member", "이영희"),
        ("late", "박서준"),
        ("leaver", "최지우"),
        ("removed", "한소희"),
        ("stranger", "정해인"),
    ]
    .map(|(login, name)| stage.person(login, name));
    let [author, member, late] = [author.await, member.await, late.await];
    let [leaver, removed, stranger] = [leaver.await, removed.await, stranger.await];
    let rooms = stage.messenger.rooms();
    let others = vec![member.id, leaver.id, removed.id];
    let room = rooms.open_group(author.actor(), others, None).await.unwrap();
    let id = author.upload("a.txt", b"secret").await;
    stage.attach(&author, room, &[id]).await;
    rooms.invite(author.actor(), room, vec![late.id], false, None).await.unwrap();
    let etag = crate::files::client::header(&member.get(id).await, "etag").unwrap().to_owned();

    for person in [&author, &member] {
        let answers = answers(person, id, &etag).await;
        let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
        let upload = if person.id == author.id { 200 } else { 404 };
        assert_eq!(statuses, [200, 200, 206, 200, 404, 404, upload, 404, 304], "an attached file is not deleted");
    }
    assert_eq!(leaver.get(id).await.status(), 200, "before they leave");
    rooms.leave(leaver.actor(), room).await.unwrap();
    assert_eq!(removed.get(id).await.status(), 200, "before they are removed");
    let begun = Instant::now();
    rooms.remove(author.actor(), room, removed.id).await.unwrap();
    assert_eq!(removed.get(id).await.status(), 404);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    let unknown = answers(&stranger, FileId::new(), &etag).await;
    assert!(unknown.iter().all(|(status, _)| *status == 404));
    for person in [&late, &leaver, &removed, &stranger] {
        assert_eq!(answers(person, id, &etag).await, unknown);
    }
    stage.messenger.accounts().set_disabled("member", true).await.unwrap();
    let nobody = Person { token: "0".repeat(64), ..stranger.clone() };
    let signed_out = answers(&nobody, FileId::new(), &etag).await;
    assert_eq!(
        signed_out.iter().map(|(status, _)| *status).collect::<Vec<_>>(),
        [404, 404, 404, 404, 404, 404, 401, 401, 404]
    );
    for person in [&member, &nobody] {
        assert_eq!(answers(person, id, &etag).await, signed_out);
    }
    let plain = Client::new().get(format!("http://{}/files/{id}", stage.address)).send().await.unwrap();
    assert_eq!(plain.status(), 404);
}
