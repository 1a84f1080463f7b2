//! Files of messages on the wire: who may read them, lists, searches and the dialect of the original.

use protocol::{
    error::Refusal,
    file::RoomFile,
    ids::{FileId, MessageId, RoomId},
    lobby_socket::{LobbyCommand, LobbyEvent},
    message::Message,
    room_socket::{Post, RoomCommand, RoomEvent},
};
use server::origin::Origins;

use crate::stage::{Person, Socket, Stage};

impl Person {
    /// A file that this user uploaded.
    pub(crate) async fn file(&self, name: &str) -> FileId {
        self.upload(name, name.as_bytes()).await
    }
}

impl Stage {
    pub(crate) async fn share(&self, person: &Person, room: RoomId, body: &str, files: Vec<FileId>) -> MessageId {
        let post = Post { files, ..Post::new(MessageId::new(), body) };
        let id = post.id;
        self.messenger.messages().post(person.actor(), room, post).await.unwrap();
        id
    }
}

fn names(message: &Message) -> Vec<&str> {
    message.files.iter().map(|file| file.name.as_str()).collect()
}

async fn listed(socket: &mut Socket, query: Option<&str>) -> Vec<RoomFile> {
    let query = query.map(str::to_owned);
    socket.command(&RoomCommand::Files { query: query.clone(), before: None }).await;
    let page = |event| match event {
        RoomEvent::Files { query: of, files, before: None } if of == query => Some(files),
        _ => None,
    };
    socket.chat_event(page).await
}

#[tokio::test]
async fn a_post_with_files_arrives_with_them_and_without_a_text() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let (mut minsus, mut younghees) = (minsu.chat(room).await, younghee.chat(room).await);
    minsus.welcome().await;
    younghees.welcome().await;
    let files = vec![minsu.file("예산.hwp").await, minsu.file("도면.png").await];
    let post = Post { files: files.clone(), ..Post::new(MessageId::new(), "") };
    minsus.command(&RoomCommand::Post(post.clone())).await;
    let (message, _) = younghees.message().await;
    assert_eq!((message.body.as_str(), names(&message)), ("", vec!["예산.hwp", "도면.png"]));
    assert_eq!(minsus.message().await.0, message);
    minsus.command(&RoomCommand::Post(post)).await;
    assert_eq!(minsus.change_of(message.id).await, message, "a retry is answered with its files");
    assert_eq!(younghee.chat(room).await.welcome().await.messages, std::slice::from_ref(&message));
    let last = |event| if let LobbyEvent::Welcome(snapshot) = event { snapshot.rooms[0].last.clone() } else { None };
    assert_eq!(younghee.lobby().await.lobby_event(last).await.files, message.files);

    for (body, files, refusal) in [
        ("", files.clone(), Refusal::NotFound),
        ("다시", vec![files[0]], Refusal::NotFound),
        (" ", vec![FileId::new()], Refusal::EmptyBody),
        ("", Vec::new(), Refusal::EmptyBody),
    ] {
        for socket in [&mut minsus, &mut younghees] {
            let post = Post { files: files.clone(), ..Post::new(MessageId::new(), body) };
            socket.command(&RoomCommand::Post(post.clone())).await;
            assert_eq!(socket.refusal().await, (refusal, Some(post.id)));
        }
    }
}

#[tokio::test]
async fn an_edit_keeps_the_files_and_may_take_the_text() {
    let stage = Stage::new().await;
    let (minsu, _, room) = stage.pair().await;
    let mut minsus = minsu.chat(room).await;
    minsus.welcome().await;
    let id = stage.share(&minsu, room, "설명", vec![minsu.file("예산.hwp").await]).await;
    minsus.message().await;
    minsus.command(&RoomCommand::Edit { id, body: String::new(), mentions: None }).await;
    let edited = minsus.change_of(id).await;
    assert_eq!((edited.body.as_str(), names(&edited)), ("", vec!["예산.hwp"]));
    let text = minsus.post("글").await;
    minsus.change_of(text).await;
    minsus.command(&RoomCommand::Edit { id: text, body: String::new(), mentions: None }).await;
    assert_eq!(minsus.refusal().await, (Refusal::EmptyBody, Some(text)));
}

#[tokio::test]
async fn whoever_sees_the_message_reads_the_file() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let (since, left) = (stage.person("since", "나중").await, stage.person("left", "떠남").await);
    let stranger = stage.person("sora", "소라").await;
    let rooms = stage.messenger.rooms();
    let group = rooms.open_group(minsu.actor(), vec![younghee.id, left.id], None).await.unwrap();
    let file = minsu.file("예산.hwp").await;
    let reads = async |person: &Person| match stage.messenger.files().readable(person.actor(), file).await {
        Ok(_) => true,
        Err(refusal) => {
            assert_eq!(refusal, Refusal::NotFound, "one answer for whatever is not theirs");
            false
        }
    };
    assert!(reads(&minsu).await && !reads(&younghee).await, "before it is attached");
    let message = stage.share(&minsu, group, "", vec![file]).await;
    rooms.leave(left.actor(), group).await.unwrap();
    rooms.invite(minsu.actor(), group, vec![since.id], false, None).await.unwrap();
    for (person, expected) in [(&minsu, true), (&younghee, true), (&since, false), (&left, false), (&stranger, false)] {
        assert_eq!(reads(person).await, expected, "{}", person.id);
    }
    stage.messenger.messages().recall(minsu.actor(), group, message).await.unwrap();
    assert!(!reads(&minsu).await && !reads(&younghee).await);
}

#[tokio::test]
async fn a_recall_leaves_no_name_of_a_file() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let name = "국가기밀입니다만.hwp";
    let id = stage.share(&minsu, room, "", vec![minsu.file(name).await]).await;
    let found = async |person: &Person| {
        stage.messenger.search().messages(person.actor(), "기밀", None).await.unwrap().hits.len()
    };
    assert_eq!(found(&younghee).await, 1);
    stage.messenger.messages().recall(minsu.actor(), room, id).await.unwrap();
    assert_eq!(found(&younghee).await, 0);
    stage.messenger.close().await;
    let file = std::fs::read(stage.data.path().join("daehwa.db")).unwrap();
    for trace in [name.as_bytes(), "기밀".as_bytes(), b"00ae3000bc00"] {
        assert!(!file.windows(trace.len()).any(|window| window == trace), "a trace in the file: {trace:?}");
    }
}

#[tokio::test]
async fn a_window_lists_files_and_the_search_finds_their_names() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    let first = stage.share(&minsu, room, "", vec![minsu.file("2026 예산안.HWP").await]).await;
    stage.share(&younghee, room, "회의 자료", vec![younghee.file("결산.pdf").await]).await;
    let mut younghees = younghee.chat(room).await;
    let all = listed(&mut younghees, None).await;
    assert_eq!(all.iter().map(|file| file.file.name.as_str()).collect::<Vec<_>>(), ["결산.pdf", "2026 예산안.HWP"]);
    assert_eq!((all[0].author, all[1].author, all[1].seq), (younghee.id, minsu.id, 1));
    // Decomposed, as macOS writes names.
    for query in ["예산", "hwp", "\u{110b}\u{1168}\u{1109}\u{1161}\u{11ab}"] {
        assert_eq!(listed(&mut younghees, Some(query)).await, [all[1].clone()], "{query}");
    }
    younghees.command(&RoomCommand::Files { query: Some("가".repeat(101)), before: None }).await;
    assert_eq!(younghees.refusal().await, (Refusal::InvalidQuery, None));
    let mut lobby = younghee.lobby().await;
    for (query, hits) in [("예산안", 1), ("결산 회의", 1), ("pdf", 1), ("결산 예산", 0)] {
        lobby.command(&LobbyCommand::Search { query: query.into(), before: None }).await;
        let found = |event| match event {
            LobbyEvent::Found { query: of, hits, .. } if of == query => Some(hits),
            _ => None,
        };
        let found = lobby.lobby_event(found).await;
        assert_eq!(found.len(), hits, "{query}");
        assert!(found.iter().all(|hit| hit.message.files.len() == 1));
    }
    stage.messenger.messages().recall(minsu.actor(), room, first).await.unwrap();
    assert_eq!(listed(&mut younghees, Some("예산")).await, []);
}

/// A client of the original's dialect that is a program: it sends a token and no origin.
async fn legacy(person: &Person, room: RoomId) -> Socket {
    let mut request = person.request(&format!("/chat/{room}"));
    let headers = request.headers_mut();
    headers.remove("origin");
    headers.remove("cookie");
    headers.insert("authorization", format!("Bearer {}", person.token).parse().unwrap());
    let mut socket = Socket::open(request).await;
    socket.send_text(&format!(r#"{{"message":"arrived","room":"{room}"}}"#)).await;
    socket.egov_typed("UsersMessage").await;
    socket
}

#[tokio::test]
async fn legacy_clients_read_names_and_addresses() {
    for (origins, host) in [
        (Origins::default(), ""),
        (Origins::new(Some("https://chat.example.org".parse().unwrap()), None), "https://chat.example.org"),
    ] {
        let stage = Stage::behind(origins).await;
        let (minsu, younghee, room) = stage.pair().await;
        let files = vec![minsu.file("a&b.hwp").await, minsu.file("둘.png").await];
        let mut old = legacy(&younghee, room).await;
        let id = stage.share(&minsu, room, "보세요", files.clone()).await;
        let line = |name, file| format!("(파일) {name} – {host}/files/{file}");
        for expected in ["보세요".to_owned(), line("a&amp;b.hwp", files[0]), line("둘.png", files[1])] {
            assert_eq!(old.egov_typed("ChatMessage").await["message"], expected);
        }
        stage.messenger.messages().edit(minsu.actor(), room, id, String::new().into()).await.unwrap();
        assert_eq!(old.egov_typed("ChatMessage").await["message"], "(수정) (글을 지웠습니다.)");
        let alone = minsu.file("셋.png").await;
        stage.share(&minsu, room, "", vec![alone]).await;
        assert_eq!(old.egov_typed("ChatMessage").await["message"], line("셋.png", alone), "no empty line before it");
    }
}
