//! What the original has no frames for, in the only words its clients know: lines of a conversation. In
//! Korean, which is what their pages are written in.

use crate::{
    protocol::{
        error::Refusal,
        ids::UserId,
        message::{Line, Message, Reaction, Recalled},
    },
    server::text,
};

/// Characters of a message that a line about it repeats.
const EXCERPT_CHARS: usize = 30;

/// A message as one text, for a member who sees what has a `seq` above `since`.
pub(super) fn said(message: &Message, since: u64, name: impl Fn(UserId) -> String) -> String {
    if let Some(line) = &message.line {
        return done(line, name);
    }
    if message.recalled.is_some() {
        return "(회수한 메시지입니다.)".to_owned();
    }
    match &message.reply_to {
        Some(_) if message.quotes_hidden(since) => format!("(초대받기 전 메시지에 대한 답장) {}", message.body),
        Some(quote) => format!("(답장: {} \"{}\") {}", name(quote.author), excerpt(&quote.body), message.body),
        None => message.body.clone(),
    }
}

/// Why a message was not sent.
pub(super) fn refused(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::EmptyBody => "(빈 메시지는 보낼 수 없습니다.)",
        Refusal::BodyTooLong => "(메시지가 너무 길어 보내지 못했습니다. 4,000자까지 보낼 수 있습니다.)",
        Refusal::TooFast => "(너무 빨리 보내 보내지 못한 메시지가 있습니다. 잠시 뒤 다시 보내 주세요.)",
        Refusal::NotFound => "(이 대화에 더 이상 참여하고 있지 않아 보내지 못했습니다.)",
        _ => "(메시지를 보내지 못했습니다. 잠시 뒤 다시 보내 주세요.)",
    }
}

fn done(line: &Line, name: impl Fn(UserId) -> String) -> String {
    match line {
        Line::Made => "(대화방을 만들었습니다.)".to_owned(),
        Line::Invited { users } => {
            let names: Vec<String> = users.iter().map(|user| format!("{}님", name(*user))).collect();
            format!("({}을 초대했습니다.)", names.join(", "))
        }
        Line::Left => "(대화방에서 나갔습니다.)".to_owned(),
        Line::Renamed { title: Some(title) } => format!("(대화방 이름을 \"{title}\"(으)로 바꿨습니다.)"),
        Line::Renamed { title: None } => "(대화방 이름을 지웠습니다.)".to_owned(),
    }
}

/// What became of a message that was shown before: who did it, and what.
pub(super) fn changed(before: &Message, after: &Message) -> Vec<(UserId, String)> {
    if before.recalled.is_none()
        && let Some(recalled) = after.recalled
    {
        let read = if recalled == Recalled::BeforeRead { "읽기 전에 " } else { "" };
        return vec![(after.author, format!("(메시지를 {read}회수했습니다.)"))];
    }
    let mut lines = Vec::new();
    if before.body != after.body {
        lines.push((after.author, format!("(수정) {}", after.body)));
    }
    for (user, emoji) in given(after) {
        if !given(before).any(|known| known == (user, emoji)) {
            lines.push((user, format!("{emoji} (\"{}\")", excerpt(&after.body))));
        }
    }
    lines
}

fn given(message: &Message) -> impl Iterator<Item = (UserId, &str)> {
    message.reactions.iter().flat_map(|Reaction { emoji, users }| users.iter().map(|user| (*user, emoji.as_str())))
}

fn excerpt(body: &str) -> String {
    let mut excerpt = text::beginning(body, EXCERPT_CHARS).to_owned();
    if excerpt.len() < body.len() {
        excerpt.push('…');
    }
    excerpt
}
