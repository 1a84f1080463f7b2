//! A hand-written client of tus, so that a test can break each request.

use data_encoding::BASE64;
use protocol::{
    ids::{FileId, MessageId, RoomId},
    room_socket::Post,
};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;

use crate::stage::{Person, Stage};

pub(crate) const PART: &str = "application/offset+octet-stream";

impl Person {
    /// A request to `/files` and this path, signed in.
    pub(crate) fn files(&self, method: Method, path: &str) -> RequestBuilder {
        Client::new().request(method, format!("http://{}/files{path}", self.address)).bearer_auth(&self.token)
    }

    /// The same with the headers of tus.
    pub(crate) fn tus(&self, method: Method, path: &str) -> RequestBuilder {
        self.files(method, path).header("tus-resumable", "1.0.0")
    }

    pub(crate) async fn create(&self, name: &str, length: u64) -> Response {
        self.create_with(name, length, "").await
    }

    /// Creates an upload of an original file.
    pub(crate) async fn create_original(&self, name: &str, length: u64) -> Response {
        self.create_with(name, length, ",original").await
    }

    async fn create_with(&self, name: &str, length: u64, more: &str) -> Response {
        let metadata = format!("filename {}{more}", BASE64.encode(name.as_bytes()));
        let request = self.tus(Method::POST, "").header("upload-length", length).header("upload-metadata", metadata);
        request.send().await.unwrap()
    }

    /// A new upload.
    pub(crate) async fn begin(&self, name: &str, length: u64) -> FileId {
        let created = self.create(name, length).await;
        assert_eq!(created.status(), 201);
        id(&created)
    }

    pub(crate) async fn append(&self, id: FileId, offset: &str, bytes: impl Into<reqwest::Body>) -> Response {
        let request = self.tus(Method::PATCH, &format!("/{id}")).header("content-type", PART);
        request.header("upload-offset", offset).body(bytes).send().await.unwrap()
    }

    /// The status and the offset.
    pub(crate) async fn offset(&self, id: FileId) -> (u16, Option<u64>) {
        let answer = self.tus(Method::HEAD, &format!("/{id}")).send().await.unwrap();
        (answer.status().as_u16(), header(&answer, "upload-offset").map(|offset| offset.parse().unwrap()))
    }

    /// Uploads a whole file.
    pub(crate) async fn upload(&self, name: &str, bytes: &[u8]) -> FileId {
        let id = self.begin(name, bytes.len() as u64).await;
        if !bytes.is_empty() {
            assert_eq!(self.append(id, "0", bytes.to_vec()).await.status(), 204);
        }
        id
    }

    pub(crate) async fn get(&self, id: FileId) -> Response {
        self.files(Method::GET, &format!("/{id}")).send().await.unwrap()
    }
}

impl Stage {
    /// Posts a message with files.
    pub(crate) async fn attach(&self, person: &Person, room: RoomId, files: &[FileId]) -> MessageId {
        let id = MessageId::new();
        let post = Post { files: files.to_vec(), ..Post::new(id, "") };
        self.messenger.messages().post(person.actor(), room, post).await.unwrap();
        id
    }
}

pub(crate) fn header<'a>(answer: &'a Response, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().unwrap())
}

/// The id in `Location`.
pub(crate) fn id(created: &Response) -> FileId {
    let location = header(created, "location").unwrap();
    location.strip_prefix("/files/").unwrap().parse().unwrap()
}

/// The error code of a refusal.
pub(crate) async fn error(answer: Response) -> String {
    let body: Value = answer.json().await.unwrap();
    body["error"].as_str().unwrap().to_owned()
}
