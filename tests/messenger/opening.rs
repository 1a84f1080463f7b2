//! The page of messages with which a room opens.

use protocol::limit::PAGE_MESSAGES;

use crate::stage::Stage;

#[tokio::test]
async fn a_room_opens_at_the_first_unread_message_however_old_it_is() {
    let stage = Stage::new().await;
    let (minsu, younghee, room) = stage.pair().await;
    stage.post(&minsu, room, "읽은 글").await;
    stage.messenger.messages().mark_read(younghee.actor(), room, 1).await.unwrap();
    stage.post(&younghee, room, "스스로 쓴 글").await;
    let recalled = stage.post(&minsu, room, "회수한 글").await;
    for number in 0..6 * PAGE_MESSAGES {
        stage.post(&minsu, room, &number.to_string()).await;
    }
    stage.messenger.messages().recall(minsu.actor(), room, recalled).await.unwrap();
    let opened = younghee.chat(room).await.welcome().await;
    // Own and recalled messages are not unread: five pages from the fourth message on.
    let seqs: Vec<u64> = opened.messages.iter().map(|message| message.seq).collect();
    assert_eq!((seqs, opened.has_later), ((1..=3 + 5 * PAGE_MESSAGES as u64).collect(), true));
    assert_eq!(opened.details.cursor.version, 6 * PAGE_MESSAGES as u64 + 4, "of the room, not of the page");

    let mut chat = younghee.chat_since(room, opened.details.cursor).await;
    let id = stage.post(&minsu, room, "그 뒤의 글").await;
    assert_eq!(chat.message().await.0.id, id, "nothing between the snapshot and the socket is missed");
    stage.messenger.messages().mark_read(minsu.actor(), room, 2).await.unwrap();
    let newest = minsu.chat(room).await.welcome().await;
    assert_eq!((newest.messages.len(), newest.has_later), (PAGE_MESSAGES, false), "nothing is unread: at the end");
}
