//! Helpers for views that erase the types of closures. Leptos generates code for every closure type, which was half of
//! the download; these helpers generate it once.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use leptos::{
    ev::{CompositionEvent, Event, KeyboardEvent, MouseEvent, SubmitEvent},
    prelude::*,
};

/// A derived signal, for an attribute or a text.
pub fn derived<T: Send + Sync + 'static>(value: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    Signal::derive(value)
}

/// An effect: runs in the browser, and again after every change of the signals that it reads.
pub fn effect(act: impl FnMut() + 'static) {
    let mut act: Box<dyn FnMut()> = Box::new(act);
    Effect::new(move |_: Option<()>| act());
}

/// A handler of clicks.
pub fn clicked(act: impl FnMut(MouseEvent) + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(act)
}

/// A handler of `keydown`.
pub fn pressed(act: impl FnMut(KeyboardEvent) + 'static) -> Box<dyn FnMut(KeyboardEvent)> {
    Box::new(act)
}

/// A handler of `submit`.
pub fn submitted(act: impl FnMut(SubmitEvent) + 'static) -> Box<dyn FnMut(SubmitEvent)> {
    Box::new(act)
}

/// A handler of any other event, such as `input` and `scroll`.
pub fn moved(act: impl FnMut(Event) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(act)
}

/// A handler of the events of a composition.
pub fn composed(act: impl FnMut(CompositionEvent) + 'static) -> Box<dyn FnMut(CompositionEvent)> {
    Box::new(act)
}

/// A view that exists while a condition holds.
pub fn when(
    condition: impl Fn() -> bool + Send + Sync + 'static,
    view: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let condition = memo(Signal::derive(condition));
    dynamic(Arc::new(move || if condition.get() { view() } else { ().into_any() }))
}

/// Notifies of changes only.
fn memo(condition: Signal<bool>) -> Memo<bool> {
    Memo::new(move |_| condition.get())
}

/// A view that is rendered again after every change of the signals that it reads.
pub fn part(view: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    dynamic(Arc::new(view))
}

fn dynamic(view: Arc<dyn Fn() -> AnyView + Send + Sync>) -> AnyView {
    (move || view()).into_any()
}

/// A list with one row per item. A row stays while its item is equal.
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
