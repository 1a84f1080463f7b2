//! Notices outside the page: sound, system notifications, the badge of the app's icon.

use std::time::Duration;

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{AudioContext, Event, Notification, NotificationOptions, NotificationPermission};

use crate::platform::{after, now_ms, store};

/// Runs an action when this window is elected, among those of the browser, for a task such as the sound; it stays
/// elected until it is closed. Without Web Locks every window is elected.
pub fn on_elected(task: &str, action: impl FnOnce() + 'static) {
    let locks = js_sys::Reflect::get(&window().navigator(), &"locks".into()).unwrap_or_default();
    let request = js_sys::Reflect::get(&locks, &"request".into()).and_then(JsCast::dyn_into::<js_sys::Function>);
    let Ok(request) = request else { return action() };
    let elected = Closure::once_into_js(move || {
        action();
        // A promise that never resolves holds the lock until the window is closed.
        js_sys::Promise::new(&mut |_, _| {})
    });
    let _ = request.call2(&locks, &format!("daehwa.{task}").into(), &elected);
}

/// Plays a short tone: two soft notes in a third of a second.
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
        // A context holds audio resources until it is closed.
        after(Duration::from_secs(1), move || drop(context.close()));
        Ok(())
    };
    // A browser allows no sound before the first click in the page.
    let _ = play();
}

/// Dispatches an event on the window.
pub fn announce(what: &str) {
    let _ = Event::new(what).map(|event| window().dispatch_event(&event));
}

/// Stores the time of the last touch, throttled, for all windows of the browser.
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
    // Runs as long as the page is open.
    touch.forget();
}

/// A system notification.
pub struct SystemNotice(Notification);

impl SystemNotice {
    pub fn close(&self) {
        let close = js_sys::Reflect::get(&self.0, &"close".into()).and_then(JsCast::dyn_into::<js_sys::Function>);
        let _ = close.map(|close| close.call0(&self.0));
    }
}

/// Whether the browser can still be asked for the permission to notify.
pub fn can_ask_to_notify() -> bool {
    permission() == Some(NotificationPermission::Default)
}

/// `None` if the browser has no notifications; only a look-up of the name does not throw.
fn permission() -> Option<NotificationPermission> {
    let is_known = js_sys::Reflect::has(&window(), &"Notification".into()) == Ok(true);
    is_known.then(Notification::permission)
}

/// Shows a system notification, if the user allowed it; a click focuses this window.
pub fn notify_system(title: &str, body: &str, tag: &str, on_click: impl FnOnce() + 'static) -> Option<SystemNotice> {
    if permission() != Some(NotificationPermission::Granted) {
        return None;
    }
    let options = NotificationOptions::new();
    options.set_body(body);
    options.set_tag(tag);
    options.set_icon("/icon.svg");
    // On phones the constructor throws; then only the toast is shown.
    let notification = Notification::new_with_options(title, &options).ok()?;
    let clicked = Closure::once_into_js(move || {
        let _ = window().focus();
        on_click();
    });
    notification.set_onclick(Some(clicked.unchecked_ref()));
    Some(SystemNotice(notification))
}

/// Shows the unread count on the icon of the installed app.
pub fn set_badge(count: u32) {
    let navigator = window().navigator();
    let set = js_sys::Reflect::get(&navigator, &"setAppBadge".into()).and_then(JsCast::dyn_into::<js_sys::Function>);
    if let Ok(set) = set {
        let _ = set.call1(&navigator, &count.into());
    }
}
