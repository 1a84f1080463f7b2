//! Closures of few types. Leptos writes its code anew for every closure that it is given, which made half of
//! the download; what goes through here is written once.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use leptos::{
    ev::{CompositionEvent, Event, KeyboardEvent, MouseEvent, SubmitEvent},
    prelude::*,
};

/// A value that follows what it reads: for an attribute or a text.
pub fn live<T: Send + Sync + 'static>(value: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    Signal::derive(value)
}

/// What is done in the browser, again whenever what it reads changes.
pub fn effect(act: impl FnMut() + 'static) {
    let mut act: Box<dyn FnMut()> = Box::new(act);
    Effect::new(move |_: Option<()>| act());
}

/// What happens at a click.
pub fn clicked(act: impl FnMut(MouseEvent) + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(act)
}

/// What happens when a key goes down.
pub fn pressed(act: impl FnMut(KeyboardEvent) + 'static) -> Box<dyn FnMut(KeyboardEvent)> {
    Box::new(act)
}

/// What happens when a form is sent.
pub fn submitted(act: impl FnMut(SubmitEvent) + 'static) -> Box<dyn FnMut(SubmitEvent)> {
    Box::new(act)
}

/// What happens when something is typed or scrolled.
pub fn moved(act: impl FnMut(Event) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(act)
}

/// What happens while an input method composes.
pub fn composed(act: impl FnMut(CompositionEvent) + 'static) -> Box<dyn FnMut(CompositionEvent)> {
    Box::new(act)
}

/// A part that is there while something is so.
pub fn when(
    is_so: impl Fn() -> bool + Send + Sync + 'static,
    part: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let is_so = settled(Signal::derive(is_so));
    parts(Arc::new(move || if is_so.get() { part() } else { ().into_any() }))
}

/// Tells only of changes, not of every look.
fn settled(is_so: Signal<bool>) -> Memo<bool> {
    Memo::new(move |_| is_so.get())
}

/// A part that is made anew whenever what it reads changes.
pub fn part(part: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    parts(Arc::new(part))
}

fn parts(part: Arc<dyn Fn() -> AnyView + Send + Sync>) -> AnyView {
    (move || part()).into_any()
}

/// One row an item. A row is kept while its item stays the same.
pub fn list<T: Hash + Send + Sync + 'static>(
    items: impl Fn() -> Vec<T> + Send + Sync + 'static,
    row: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let row = Arc::new(row);
    let item = move |item: T| {
        let mut hasher = DefaultHasher::new();
        item.hash(&mut hasher);
        let row = row.clone();
        Item { key: hasher.finish(), row: Box::new(move || row(item)) }
    };
    rows(Box::new(move || items().into_iter().map(&item).collect()))
}

struct Item {
    key: u64,
    row: Box<dyn FnOnce() -> AnyView + Send + Sync>,
}

fn rows(items: Box<dyn Fn() -> Vec<Item> + Send + Sync>) -> AnyView {
    view! { <For each=items key=|item| item.key children=|item| (item.row)() /> }.into_any()
}
