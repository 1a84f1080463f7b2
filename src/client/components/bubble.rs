//! One message: mine at the right, others' at the left under their name; its time, who has not read
//! it, and what became of it.

use leptos::prelude::*;

use crate::client::{
    clock::clock,
    components::{avatar::Avatar, chat::Session},
    state::{
        link::{Piece, pieces},
        timeline::{Bubble, RefusalCode, State},
    },
    text::{with_count, words},
};

#[component]
pub fn BubbleRow(bubble: Bubble) -> impl IntoView {
    let (state, seq) = match bubble.state {
        State::Sent { seq, .. } => ("sent", Some(seq)),
        State::Pending => ("pending", None),
        State::Refused(_) => ("failed", None),
    };
    let side = if bubble.is_mine { "said mine" } else { "said" };
    let (id, is_first, author, body) = (bubble.id.to_string(), bubble.is_first, bubble.clone(), bubble.body.clone());
    view! {
        <article class=side class:first=is_first data-state=state data-seq=seq.map(|seq| seq.to_string()) data-id=id>
            <Author bubble=author />
            <div class="line">
                <div class="bubble"><Body body /></div>
                <Meta bubble />
            </div>
        </article>
    }
}

/// Shown once a run; a screen reader hears it with every bubble.
#[component]
fn Author(bubble: Bubble) -> impl IntoView {
    let member = Session::current().conversation.with_untracked(|chat| chat.member(bubble.author).cloned());
    let name = member.map(|member| member.name).unwrap_or_default();
    if bubble.is_mine || !bubble.is_first {
        return view! { <span class="unseen"><bdi>{name}</bdi></span> }.into_any();
    }
    view! {
        <Avatar user=bubble.author name=name.clone() />
        <p class="author"><bdi>{name}</bdi></p>
    }
    .into_any()
}

#[component]
fn Body(body: String) -> impl IntoView {
    let pieces = pieces(&body).into_iter().map(|piece| match piece {
        Piece::Text(text) => text.into_any(),
        Piece::Link(link) => {
            let address = link.clone();
            view! { <a href=address target="_blank" rel="noopener noreferrer">{link}</a> }.into_any()
        }
    });
    view! { <p class="body" dir="auto">{pieces.collect_view()}</p> }
}

/// Beside the bubble: how many have not read it, the time, or what became of it.
#[component]
fn Meta(bubble: Bubble) -> impl IntoView {
    let words = words();
    match bubble.state {
        State::Sent { not_read_by, .. } => {
            let clock = clock();
            let count = (not_read_by > 0).then(|| view! { <NotReadBy count=not_read_by /> });
            let time = bubble
                .shows_time
                .then(|| view! { <span class="time">{move || clock.local(bubble.sent_at).clock()}</span> });
            view! { <div class="meta">{count}{time}</div> }.into_any()
        }
        State::Pending => view! { <div class="meta">{words.sending}</div> }.into_any(),
        State::Refused(refusal) => view! { <Failed bubble refusal /> }.into_any(),
    }
}

#[component]
fn NotReadBy(count: usize) -> impl IntoView {
    view! {
        <span class="not-read">
            <span aria-hidden="true">{count}</span>
            <span class="unseen">{with_count(words().not_read_by, count)}</span>
        </span>
    }
}

#[component]
fn Failed(bubble: Bubble, refusal: RefusalCode) -> impl IntoView {
    let session = Session::current();
    let words = words();
    view! {
        <div class="meta failed" role="alert">
            <p>{words.not_sent}" "{words.refusal(refusal.0)}</p>
            <button class="button" type="button" on:click=move |_| session.retry(bubble.id)>{words.send_again}</button>
            <button class="button" type="button" on:click=move |_| session.discard(bubble.id)>{words.discard}</button>
        </div>
    }
}
