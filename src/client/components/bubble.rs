//! One message: mine at the right, others' at the left under their name; what it answers, its time, who has
//! not read it, who reacted to it, and what became of it. It only shows: the log hears the clicks.

use leptos::prelude::*;

use crate::{
    client::{
        clock::clock,
        components::{
            avatar::Avatar,
            icon::{Drawing, Icon},
            session::Session,
        },
        live::live,
        state::{
            markup::{Kind, Node, is_long, markup},
            timeline::{Bubble, State},
        },
        text::{with_count, with_name, with_names, words},
    },
    protocol::{
        ids::UserId,
        message::{Line, Quote, Reaction, Recalled},
    },
};

fn name_of(user: UserId) -> String {
    Session::current().conversation.with_untracked(|chat| chat.name_of(user).to_owned())
}

#[component]
pub fn BubbleRow(bubble: Bubble) -> impl IntoView {
    let state = match bubble.state {
        State::Sent => "sent",
        State::Pending => "pending",
        State::Refused(_) => "failed",
    };
    let side = match (bubble.is_mine, bubble.is_first) {
        (true, true) => "said mine first",
        (true, false) => "said mine",
        (false, true) => "said first",
        (false, false) => "said",
    };
    let (id, seq) = (bubble.id.to_string(), bubble.seq.map(|seq| seq.to_string()));
    let reactions = bubble.reactions.clone();
    view! {
        <article class=side data-state=state data-seq=seq data-id=id tabindex="-1">
            {author(&bubble)}
            <div class="line">
                <div class="bubble">{content(&bubble)}</div>
                {meta(&bubble)}
                {has_menu(&bubble).then(menu_button)}
            </div>
            {(!reactions.is_empty()).then(|| view! { <div class="reactions">{reactions.into_iter().map(chip).collect_view()}</div> })}
        </article>
    }
}

fn has_menu(bubble: &Bubble) -> bool {
    bubble.seq.is_some() && bubble.recalled.is_none()
}

fn menu_button() -> AnyView {
    view! {
        <button class="plain act" type="button" data-act="menu" aria-label=words().message_menu><Icon drawing=Drawing::More /></button>
    }
    .into_any()
}

/// Shown once a run; a screen reader hears it with every bubble.
fn author(bubble: &Bubble) -> AnyView {
    let name = bubble.name.clone();
    if bubble.is_mine || !bubble.is_first {
        return view! { <span class="unseen"><bdi>{name}</bdi></span> }.into_any();
    }
    view! {
        <Avatar user=bubble.author name=name.clone() />
        <p class="author"><bdi>{name}</bdi></p>
    }
    .into_any()
}

fn content(bubble: &Bubble) -> AnyView {
    let words = words();
    match bubble.recalled {
        Some(Recalled::BeforeRead) => return view! { <p class="body gone">{words.recalled_before}</p> }.into_any(),
        Some(Recalled::AfterRead) => return view! { <p class="body gone">{words.recalled_after}</p> }.into_any(),
        None => {}
    }
    view! {
        {bubble.quote.clone().map(quote)}
        {body(&bubble.body)}
        {bubble.is_edited.then(|| view! { <span class="edited">{words.edited}</span> })}
    }
    .into_any()
}

/// What it answers: a button that leads there.
fn quote(quote: Quote) -> AnyView {
    let words = words();
    let text = if quote.body.is_empty() { words.recalled_before.to_owned() } else { quote.body };
    view! {
        <button class="quote" type="button" data-act="jump" data-to=quote.seq.to_string()>
            <b><bdi>{with_name(words.answers, &name_of(quote.author))}</bdi></b>
            <span dir="auto">{text}</span>
        </button>
    }
    .into_any()
}

/// The text with its signs; of a long one the beginning, until somebody wants it all.
fn body(body: &str) -> AnyView {
    let is_long = is_long(body);
    let class = if is_long { "body folded" } else { "body" };
    view! {
        <div class=class dir="auto">{nodes(markup(body))}</div>
        {is_long.then(|| view! { <button class="button unfold" type="button" data-act="unfold">{words().unfold}</button> })}
    }
    .into_any()
}

fn nodes(nodes: Vec<Node>) -> AnyView {
    nodes.into_iter().map(node).collect_view().into_any()
}

/// One element for all kinds, told apart by its role: each element of its own would be downloaded too.
fn node(node: Node) -> AnyView {
    let Node { kind, text, children } = node;
    let (class, role) = match kind {
        Kind::Text => return text.into_any(),
        Kind::Link => {
            let address = text.clone();
            return view! { <a href=address target="_blank" rel="noopener noreferrer">{text}</a> }.into_any();
        }
        Kind::Block => return code_block(text),
        Kind::Strong => ("strong", Some("strong")),
        Kind::Emphasis => ("emphasis", Some("emphasis")),
        Kind::Code => ("code", Some("code")),
        Kind::Quote => ("quoted", Some("blockquote")),
        Kind::Item => ("item", None),
        Kind::Lines => ("lines", None),
    };
    // Of an item, its sign. None rather than nothing: the server writes an empty text as a space.
    let text = (!text.is_empty()).then(|| if kind == Kind::Item { format!("{text} ") } else { text });
    view! { <span class=class role=role>{text}{nodes(children)}</span> }.into_any()
}

fn code_block(text: String) -> AnyView {
    view! {
        <span class="code-block">
            <span class="code" role="code" tabindex="0">{text}</span>
            <button class="button" type="button" data-act="copy">{words().copy}</button>
        </span>
    }
    .into_any()
}

/// Beside the bubble: how many have not read it, the time, or that it is not sent.
fn meta(bubble: &Bubble) -> AnyView {
    let words = words();
    match bubble.state {
        State::Sent => {
            let (clock, sent_at) = (clock(), bubble.sent_at);
            let count = (bubble.not_read_by > 0).then(|| not_read_by(bubble.not_read_by));
            let time = bubble
                .shows_time
                .then(|| view! { <span class="time">{live(move || clock.local(sent_at).clock())}</span> });
            view! { <div class="meta">{count}{time}</div> }.into_any()
        }
        State::Pending => view! { <div class="meta">{words.sending}</div> }.into_any(),
        State::Refused(refusal) => view! {
            <div class="meta failed" role="alert">
                <p>{words.not_sent}" "{words.refusal(refusal)}</p>
                <button class="button" type="button" data-act="retry">{words.send_again}</button>
                <button class="button" type="button" data-act="discard">{words.discard}</button>
            </div>
        }
        .into_any(),
    }
}

fn not_read_by(count: usize) -> AnyView {
    view! {
        <span class="not-read">
            <span aria-hidden="true">{count}</span>
            <span class="unseen">{with_count(words().not_read_by, count)}</span>
        </span>
    }
    .into_any()
}

/// One emoji, how many gave it, and whether one did oneself.
fn chip(reaction: Reaction) -> AnyView {
    let (is_mine, names) = Session::current().conversation.with_untracked(|chat| {
        let names = reaction.users.iter().map(|user| chat.name_of(*user)).collect::<Vec<_>>().join(", ");
        (reaction.users.contains(&chat.me), names)
    });
    let Reaction { emoji, users } = reaction;
    let (label, given) = (format!("{emoji} {names}"), emoji.clone());
    view! {
        <button class="chip" type="button" data-act="react" data-emoji=given title=names aria-label=label aria-pressed=is_mine.to_string()>
            {emoji}" "{users.len()}
        </button>
    }
    .into_any()
}

/// Something that was done to the group, as a sentence.
pub fn line_text(name: &str, others: &str, line: &Line) -> String {
    let words = words();
    let text = match line {
        Line::Made => words.line_made,
        Line::Left => words.line_left,
        Line::Invited { .. } => words.line_invited,
        Line::Renamed { title: Some(title) } => return with_names(words.line_renamed, name, title),
        Line::Renamed { title: None } => words.line_unnamed,
    };
    with_names(text, name, others)
}
