//! A message as a bubble: the user's own at the right, others' at the left with their name; quote, files, text,
//! reactions, time, read count, delivery state. The log handles its clicks.

use leptos::prelude::*;

use crate::{
    clock::clock,
    components::{
        action::RowAction,
        attachments::attachments,
        avatar::Avatar,
        icon::{Drawing, Icon},
    },
    room::session::RoomSession,
    state::{
        conversation::ConfirmationMark,
        markup::{Node, NodeKind, is_long, markup},
        timeline::{Bubble, DeliveryState, TimelineRow},
    },
    text::{date, label_of, with_count, with_name, words},
    view::{derived, part, when},
};
use protocol::{
    ids::UserId,
    message::{Quote, Reaction, Recalled},
};

/// The rows of the log, for bubbles whose row stays while a part of it changes.
#[derive(Clone, Copy)]
pub struct LogRows(pub Memo<Vec<TimelineRow>>);

fn name_of(user: UserId) -> String {
    RoomSession::current().conversation.with_untracked(|conversation| conversation.name_of(user).to_owned())
}

#[component]
pub fn BubbleRow(bubble: Bubble) -> impl IntoView {
    let state = match bubble.state {
        DeliveryState::Sent => "sent",
        DeliveryState::Pending => "pending",
        DeliveryState::Refused(_) => "failed",
    };
    let side = match (bubble.is_mine, bubble.is_first) {
        (true, true) => "said mine first",
        (true, false) => "said mine",
        (false, true) => "said first",
        (false, false) => "said",
    };
    let (id, seq) = (bubble.id.to_string(), bubble.seq.map(|seq| seq.to_string()));
    let [author_id, content_id, selected_id] = ["a", "t", "s"].map(|part| part_id(&bubble, part));
    let name = format!("{author_id} {content_id} {selected_id}");
    let present = bubble.is_lasting().then(|| present(&bubble));
    view! {
        <article class=side data-state=state data-seq=seq data-id=id tabindex="-1" aria-labelledby=name>
            {author(&bubble)}
            <div class="line">
                <div class="bubble" id=content_id>{content(&bubble)}</div>
                {present.map_or_else(|| meta(&bubble), |present| part(move || meta(&present.read())))}
                {has_menu(&bubble).then(menu_button)}
                {has_menu(&bubble).then(|| selection_box(&bubble))}
            </div>
            {present.map_or_else(|| reactions(&bubble), |present| part(move || reactions(&present.read())))}
        </article>
    }
}

/// The id of a part of the message. Author and content are the message's name for screen readers.
fn part_id(bubble: &Bubble, part: &str) -> String {
    format!("{part}{}", bubble.id)
}

/// The current state of a bubble whose row stays.
fn present(bubble: &Bubble) -> Memo<Bubble> {
    let (first, LogRows(rows)) = (bubble.clone(), expect_context());
    Memo::new(move |last: Option<&Bubble>| {
        let now =
            rows.with(|rows| rows.iter().filter_map(TimelineRow::bubble).find(|bubble| bubble.id == first.id).cloned());
        now.unwrap_or_else(|| last.unwrap_or(&first).clone())
    })
}

/// Reactions and confirmations below the bubble.
fn reactions(bubble: &Bubble) -> AnyView {
    let confirmation = bubble.confirmation.filter(|mark| *mark != ConfirmationMark::Requested).map(confirmation);
    if confirmation.is_none() && bubble.reactions.is_empty() {
        return ().into_any();
    }
    let chips = bubble.reactions.iter().cloned().map(chip).collect_view();
    view! { <div class="reactions">{confirmation}{chips}</div> }.into_any()
}

/// The recipient's button to confirm, its result, or the author's count.
fn confirmation(mark: ConfirmationMark) -> AnyView {
    let words = words();
    let (class, action, text) = match mark {
        ConfirmationMark::Requested | ConfirmationMark::Confirmed => {
            return view! { <span class="confirmed">{words.confirmed}</span> }.into_any();
        }
        ConfirmationMark::Owed => ("chip confirm", RowAction::Confirm, words.confirm.to_owned()),
        ConfirmationMark::Counted { confirmed, asked } => {
            ("chip", RowAction::Confirmers, format!("{} {confirmed}/{asked}", words.confirmed))
        }
    };
    view! { <button class=class type="button" tabindex="-1" data-act=action.attribute()>{text}</button> }.into_any()
}

fn has_menu(bubble: &Bubble) -> bool {
    bubble.seq.is_some() && bubble.recalled.is_none()
}

/// The check box of this message while messages are selected.
fn selection_box(bubble: &Bubble) -> AnyView {
    let selection = RoomSession::current().selection;
    let seq = bubble.seq.unwrap_or_default();
    let (label, id) = (label_of(&bubble.name, &bubble.body), part_id(bubble, "s"));
    let state = move || if selection.has(seq) { words().is_selected } else { "" };
    when(
        move || selection.is_open(),
        move || {
            view! {
                <input class="pick" type="checkbox" tabindex="-1" aria-label=label.clone() prop:checked=derived(move || selection.has(seq)) />
                <span class="unseen" id=id.clone()>{derived(state)}</span>
            }
            .into_any()
        },
    )
}

fn menu_button() -> AnyView {
    view! {
        <button class="plain act" type="button" tabindex="-1" data-act=RowAction::Menu.attribute() aria-label=words().message_menu><Icon drawing=Drawing::More /></button>
    }
    .into_any()
}

/// Shown at the first bubble of a run; screen readers read it with every bubble.
fn author(bubble: &Bubble) -> AnyView {
    let (name, id) = (bubble.name.clone(), part_id(bubble, "a"));
    if bubble.is_mine || !bubble.is_first {
        return view! { <span class="unseen" id=id><bdi>{name}</bdi></span> }.into_any();
    }
    view! {
        <Avatar user=bubble.author name=name.clone() />
        <p class="author" id=id><bdi>{name}</bdi></p>
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
        {bubble.confirmation.is_some().then(|| view! { <span class="request">{words.request}</span> })}
        {bubble.quote.clone().map(quote)}
        {bubble.answers_hidden.then(|| view! { <span class="quote">{words.answers_hidden}</span> })}
        {bubble.forwarded.as_deref().map(forwarded)}
        {attachments(&bubble.files, bubble.seq.is_some())}
        {(bubble.files.is_empty() || !bubble.body.is_empty()).then(|| body(bubble))}
        {bubble.is_edited.then(|| view! { <span class="edited">{words.edited}</span> })}
    }
    .into_any()
}

/// The origin of a forwarded message, as far as this room may know it.
fn forwarded(author: &str) -> AnyView {
    let words = words();
    let text = if author.is_empty() { words.forwarded.to_owned() } else { with_name(words.forwarded_from, author) };
    view! { <span class="forwarded">{text}</span> }.into_any()
}

/// The quote: a button that jumps to the quoted message.
fn quote(quote: Quote) -> AnyView {
    let words = words();
    let line = RoomSession::current().quote_line(&quote);
    let text = if line.is_empty() { words.recalled_before.to_owned() } else { line };
    view! {
        <button class="quote" type="button" tabindex="-1" data-act=RowAction::Jump.attribute() data-to=quote.seq.to_string()>
            <b><bdi>{with_name(words.reply_to, &name_of(quote.author))}</bdi></b>
            <span dir="auto">{text}</span>
        </button>
    }
    .into_any()
}

/// The text with its markup; a long one is folded.
fn body(bubble: &Bubble) -> AnyView {
    let is_long = is_long(&bubble.body);
    let class = if is_long { "body folded" } else { "body" };
    view! {
        <div class=class dir="auto">{nodes(markup(&bubble.body, &bubble.mentions))}</div>
        {is_long.then(|| view! { <button class="button unfold" type="button" tabindex="-1" data-act=RowAction::Unfold.attribute()>{words().unfold}</button> })}
    }
    .into_any()
}

fn nodes(nodes: Vec<Node>) -> AnyView {
    nodes.into_iter().map(node).collect_view().into_any()
}

/// One element type for all kinds, with a role, because every further type adds to the download.
fn node(node: Node) -> AnyView {
    let Node { kind, text, children } = node;
    let (class, role) = match kind {
        NodeKind::Text => return text.into_any(),
        NodeKind::Link => {
            let address = text.clone();
            return view! { <a href=address tabindex="-1" target="_blank" rel="noopener noreferrer">{text}</a> }
                .into_any();
        }
        NodeKind::Block => return code_block(text),
        NodeKind::Mention => ("mention", None),
        NodeKind::MyMention => ("mention me", None),
        NodeKind::Strong => ("strong", Some("strong")),
        NodeKind::Emphasis => ("emphasis", Some("emphasis")),
        NodeKind::Code => ("code", Some("code")),
        NodeKind::Quote => ("quoted", Some("blockquote")),
        NodeKind::Item => ("item", None),
        NodeKind::Lines => ("lines", None),
    };
    // `None` rather than an empty text, which the server would render as a space. An item gets a bullet.
    let text = (!text.is_empty()).then(|| if kind == NodeKind::Item { format!("{text} ") } else { text });
    view! { <span class=class role=role>{text}{nodes(children)}</span> }.into_any()
}

fn code_block(text: String) -> AnyView {
    view! {
        <span class="code-block">
            <span class="code" role="code" tabindex="0">{text}</span>
            <button class="button" type="button" tabindex="-1" data-act=RowAction::Copy.attribute()>{words().copy}</button>
        </span>
    }
    .into_any()
}

/// Next to the bubble: the read count, the time, or the delivery state.
fn meta(bubble: &Bubble) -> AnyView {
    let words = words();
    match bubble.state {
        DeliveryState::Sent => {
            let (clock, sent_at) = (clock(), bubble.sent_at);
            let count = (bubble.not_read_by > 0).then(|| not_read_by(bubble.not_read_by));
            let time = bubble
                .shows_time
                .then(|| view! { <span class="time">{derived(move || date::clock(clock.local(sent_at)))}</span> });
            let mark = bubble.is_bookmarked.then(|| view! { <span class="bookmark"><Icon drawing=Drawing::Bookmark /><span class="unseen">{words.bookmark}</span></span> });
            view! { <div class="meta">{mark}{count}{time}</div> }.into_any()
        }
        DeliveryState::Pending => view! { <div class="meta">{words.sending}</div> }.into_any(),
        DeliveryState::Refused(refusal) => view! {
            <div class="meta failed" role="alert">
                <p>{words.not_sent}" "{words.refusal(refusal)}</p>
                <button class="button" type="button" data-act=RowAction::Retry.attribute()>{words.send_again}</button>
                <button class="button" type="button" data-act=RowAction::Discard.attribute()>{words.discard}</button>
            </div>
        }
        .into_any(),
    }
}

fn not_read_by(count: usize) -> AnyView {
    view! {
        <button class="not-read" type="button" tabindex="-1" data-act=RowAction::Readers.attribute()>
            <span aria-hidden="true">{count}</span>
            <span class="unseen">{with_count(words().not_read_by, count)}</span>
        </button>
    }
    .into_any()
}

/// One emoji with its count; pressed if the user reacted with it.
fn chip(reaction: Reaction) -> AnyView {
    let (is_mine, names) = RoomSession::current().conversation.with_untracked(|conversation| {
        let names = reaction.users.iter().map(|user| conversation.name_of(*user)).collect::<Vec<_>>().join(", ");
        (reaction.users.contains(&conversation.me), names)
    });
    let Reaction { emoji, users } = reaction;
    // The label starts with the visible text, because speech control finds a button by that.
    let shown = if users.is_empty() { emoji.clone() } else { format!("{emoji} {}", users.len()) };
    let label = format!("{shown}: {names}");
    view! {
        <button class="chip" type="button" tabindex="-1" data-act=RowAction::React.attribute() data-emoji=emoji title=names aria-label=label aria-pressed=is_mine.to_string()>
            {shown}
        </button>
    }
    .into_any()
}
