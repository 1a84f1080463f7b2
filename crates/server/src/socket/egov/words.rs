//! Events that the original has no frames for, as messages in a room: its clients can show nothing else. In Korean,
//! the language of their pages.

use time::OffsetDateTime;

use crate::text;
use protocol::{
    error::Refusal,
    ids::{RoomId, UserId},
    message::{Message, PinnedMessage, Quote, Reaction, Recalled, SystemEvent},
};

/// Characters of a message that a line about it quotes.
const EXCERPT_CHARS: usize = 30;

/// A new message as lines: its text, and each of its files with an address. `host` is what the addresses begin with.
pub(super) fn lines(message: &Message, visible_after: u64, host: &str, name: impl Fn(UserId) -> String) -> Vec<String> {
    let request = if message.confirmations.is_some() { "(확인 요청) " } else { "" };
    let text = format!("{request}{}", text_of(message, visible_after, name)).trim_end().to_owned();
    let files = message.files.iter().map(|file| format!("(파일) {} – {host}/files/{}", file.name, file.id));
    Some(text).filter(|text| !text.is_empty()).into_iter().chain(files).collect()
}

/// The text of a message, for a member who sees messages with a `seq` above `visible_after`.
fn text_of(message: &Message, visible_after: u64, name: impl Fn(UserId) -> String) -> String {
    if let Some(event) = &message.system_event {
        return system_event(event, name);
    }
    if message.recalled.is_some() {
        return "(회수한 메시지입니다.)".to_owned();
    }
    if message.forwarded.is_some() {
        return format!("(전달) {}", message.body).trim_end().to_owned();
    }
    let text = match &message.reply_to {
        Some(_) if message.quotes_hidden(visible_after) => format!("(초대받기 전 메시지에 대한 답장) {}", message.body),
        Some(quote) => format!("(답장: {} \"{}\") {}", name(quote.author), excerpt(&quote.body), message.body),
        None => return message.body.clone(),
    };
    text.trim_end().to_owned()
}

/// Where a user of the original confirms a message: their page has no button for it.
pub(super) fn confirms_at(message: &Message, room: RoomId, host: &str) -> String {
    format!("(확인은 이 주소에서 할 수 있습니다: {host}/rooms/{room}?at={})", message.seq)
}

/// Somebody confirmed this message of the reader's.
pub(super) fn confirmed(message: &Message) -> String {
    format!("(확인했습니다: \"{}\")", excerpt(&Quote::of(message).body))
}

/// The announcement of a room.
pub(super) fn announced(pin: &PinnedMessage) -> String {
    format!("(공지) {}", pin.body)
}

/// Why a message was refused.
pub(super) fn refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::EmptyBody => "(빈 메시지는 보낼 수 없습니다.)",
        Refusal::BodyTooLong => "(메시지가 너무 길어 보내지 못했습니다. 4,000자까지 보낼 수 있습니다.)",
        Refusal::TooFast => "(너무 빨리 보내 보내지 못한 메시지가 있습니다. 잠시 뒤 다시 보내 주세요.)",
        Refusal::NotFound => "(이 대화에 더 이상 참여하고 있지 않아 보내지 못했습니다.)",
        _ => "(메시지를 보내지 못했습니다. 잠시 뒤 다시 보내 주세요.)",
    }
}

fn system_event(event: &SystemEvent, name: impl Fn(UserId) -> String) -> String {
    match event {
        SystemEvent::Made => "(대화방을 만들었습니다.)".to_owned(),
        SystemEvent::Invited { users } => {
            format!("({}을 초대했습니다.)", names(users, name))
        }
        SystemEvent::Removed { users } => format!("({}을 내보냈습니다.)", names(users, name)),
        SystemEvent::Left => "(대화방에서 나갔습니다.)".to_owned(),
        // Its text comes with the pinned messages.
        SystemEvent::Announced => "(공지를 등록했습니다.)".to_owned(),
        SystemEvent::Unannounced => "(공지를 내렸습니다.)".to_owned(),
        SystemEvent::PinsLimited { on: true } => "(이제 방장만 공지를 등록합니다.)".to_owned(),
        SystemEvent::PinsLimited { on: false } => "(이제 누구나 공지를 등록할 수 있습니다.)".to_owned(),
        SystemEvent::Absent { until, text } => absent(*until, text.as_deref()),
        SystemEvent::Renamed { title: Some(title) } => format!("(대화방 이름을 바꿨습니다: \"{title}\")"),
        SystemEvent::Renamed { title: None } => "(대화방 이름을 지웠습니다.)".to_owned(),
    }
}

/// The automatic answer of an absent person. The day is Korea's, the last one of the absence.
fn absent(until: i64, text: Option<&str>) -> String {
    const KOREA_MS: i64 = 9 * 60 * 60 * 1000;
    let last = OffsetDateTime::from_unix_timestamp((until - 1 + KOREA_MS).div_euclid(1_000));
    let day = last.map_or_else(|_| String::new(), |last| format!("{}월 {}일까지 ", u8::from(last.month()), last.day()));
    let text = text.map_or_else(String::new, |text| format!(" {text}"));
    format!("(자동 응답: {day}부재 중입니다.{text})")
}

fn names(users: &[UserId], name: impl Fn(UserId) -> String) -> String {
    users.iter().map(|user| format!("{}님", name(*user))).collect::<Vec<_>>().join(", ")
}

/// The differences between two states of a message: who made each, and a text about it.
pub(super) fn changed(before: &Message, after: &Message) -> Vec<(UserId, String)> {
    if before.recalled.is_none()
        && let Some(recalled) = after.recalled
    {
        let read = if recalled == Recalled::BeforeRead { "읽기 전에 " } else { "" };
        return vec![(after.author, format!("(메시지를 {read}회수했습니다.)"))];
    }
    let mut lines = Vec::new();
    if before.body != after.body {
        let body = if after.body.is_empty() { "(글을 지웠습니다.)" } else { after.body.as_str() };
        lines.push((after.author, format!("(수정) {body}")));
    }
    for (user, emoji) in reactions(after) {
        if !reactions(before).any(|known| known == (user, emoji)) {
            lines.push((user, format!("{emoji} (\"{}\")", excerpt(&Quote::of(after).body))));
        }
    }
    lines
}

fn reactions(message: &Message) -> impl Iterator<Item = (UserId, &str)> {
    message.reactions.iter().flat_map(|Reaction { emoji, users }| users.iter().map(|user| (*user, emoji.as_str())))
}

fn excerpt(body: &str) -> String {
    let mut excerpt = text::beginning(body, EXCERPT_CHARS).to_owned();
    if excerpt.len() < body.len() {
        excerpt.push('…');
    }
    excerpt
}

#[cfg(test)]
mod tests {
    use protocol::limit::BODY_CHARS;

    use super::*;

    #[test]
    fn an_automatic_answer_names_the_last_day_of_the_absence() {
        // Midnight of 2026-12-05 in Korea.
        let until = 1_796_396_400_000;
        assert_eq!(absent(until, Some("휴가입니다.")), "(자동 응답: 12월 4일까지 부재 중입니다. 휴가입니다.)");
        assert_eq!(absent(until + 1, None), "(자동 응답: 12월 5일까지 부재 중입니다.)");
    }

    #[test]
    fn a_refusal_names_the_limit_of_the_protocol() {
        let text = refused(Refusal::BodyTooLong).replace(',', "");
        assert!(text.contains(&format!("{BODY_CHARS}자")), "{text}");
    }
}
