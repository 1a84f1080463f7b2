//! How a person is told of something beyond the page: sound, the system's notices, the icon's badge.

use std::time::Duration;

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{AudioContext, Event, Notification, NotificationOptions, NotificationPermission};

use crate::client::platform::{after, now_ms, store};

/// Waits its turn to be the one window of this browser that sounds, and stays it until it is closed.
/// Where windows cannot agree, each takes itself for it.
pub fn on_elected(act: impl FnOnce() + 'static) {
    let locks = js_sys::Reflect::get(&window().navigator(), &"locks".into()).unwrap_or_default();
    let request = js_sys::Reflect::get(&locks, &"request".into()).and_then(JsCast::dyn_into::<js_sys::Function>);
    let Ok(request) = request else { return act() };
    let elected = Closure::once_into_js(move || {
        act();
        // A promise that is never kept holds the lock as long as the window lives.
        js_sys::Promise::new(&mut |_, _| {})
    });
    let _ = request.call2(&locks, &"daehwa.sound".into(), &elected);
}

/// A short tone of our own: two notes, soft, a third of a second.
pub fn sound() {
    let play = || -> Result<(), JsValue> {
        let context = AudioContext::new()?;
        let (tone, loudness) = (context.create_oscillator()?, context.create_gain()?);
        let now = context.current_time();
        tone.frequency().set_value_at_time(660.0, now)?;
        tone.frequency().set_value_at_time(880.0, now + 0.12)?;
        loudness.gain().set_value_at_time(0.12, now)?;
        loudness.gain().exponential_ramp_to_value_at_time(0.001, now + 0.35)?;
        tone.connect_with_audio_node(&loudness)?;
        loudness.connect_with_audio_node(&context.destination())?;
        tone.start()?;
        tone.stop_with_when(now + 0.35)?;
        // Each holds a part of the machine's sound until it is closed.
        after(Duration::from_secs(1), move || drop(context.close()));
        Ok(())
    };
    // A browser that has not been clicked in yet makes no sound.
    let _ = play();
}

/// Tells all of this page, by an event of its window.
pub fn announce(what: &str) {
    let _ = Event::new(what).map(|event| window().dispatch_event(&event));
}

/// Notes now and then, for all windows of this browser, that somebody is here.
pub fn note_touches(key: &'static str, every_ms: i64) {
    let noted_at = std::cell::Cell::new(0);
    let touch: Closure<dyn Fn()> = Closure::new(move || {
        let now = now_ms();
        if now - noted_at.get() > every_ms {
            noted_at.set(now);
            store(key, Some(&now.to_string()));
            announce("daehwa-touched");
        }
    });
    store(key, Some(&now_ms().to_string()));
    for what in ["pointermove", "pointerdown", "keydown", "focus"] {
        let _ = window().add_event_listener_with_callback(what, touch.as_ref().unchecked_ref());
    }
    // As long as the page.
    touch.forget();
}

/// Something that the system shows.
pub struct SystemNotice(Notification);

impl SystemNotice {
    pub fn close(&self) {
        let close = js_sys::Reflect::get(&self.0, &"close".into()).and_then(JsCast::dyn_into::<js_sys::Function>);
        let _ = close.map(|close| close.call0(&self.0));
    }
}

/// Has the system show something, when the person allowed it; a click on it leads back here.
pub fn notify_system(title: &str, body: &str, tag: &str, on_click: impl FnOnce() + 'static) -> Option<SystemNotice> {
    // Some browsers have none at all, which only asking for the name can tell without an exception.
    let is_known = js_sys::Reflect::has(&window(), &"Notification".into()) == Ok(true);
    if !is_known || Notification::permission() != NotificationPermission::Granted {
        return None;
    }
    let options = NotificationOptions::new();
    options.set_body(body);
    options.set_tag(tag);
    options.set_icon("/icon.svg");
    // Where it cannot be made so (phones), the toast inside is all there is.
    let notification = Notification::new_with_options(title, &options).ok()?;
    let clicked = Closure::once_into_js(move || {
        let _ = window().focus();
        on_click();
    });
    notification.set_onclick(Some(clicked.unchecked_ref()));
    Some(SystemNotice(notification))
}

/// How much is unread, on the icon of the installed program.
pub fn set_badge(count: u32) {
    let navigator = window().navigator();
    let set = js_sys::Reflect::get(&navigator, &"setAppBadge".into()).and_then(JsCast::dyn_into::<js_sys::Function>);
    if let Ok(set) = set {
        let _ = set.call1(&navigator, &count.into());
    }
}
