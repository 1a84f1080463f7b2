//! Forms of a server page that are shown in a dialog: read, sent and answered without leaving the page.

use js_sys::{Function, Promise};
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Element, Event, FormData, HtmlFormElement, HtmlInputElement, Notification, UrlSearchParams, XmlHttpRequest,
};

/// The form around the target of an event.
pub fn form_around(event: &Event) -> Option<HtmlFormElement> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest("form").ok()??.dyn_into().ok()
}

/// The browser's own question, which blocks the page until it is answered.
pub fn confirms(question: &str) -> bool {
    window().confirm_with_message(question).unwrap_or(true)
}

/// A filled-in form, ready to be sent.
#[derive(Clone)]
pub struct FormRequest {
    action: String,
    body: Option<String>,
}

pub fn form_request(form: &HtmlFormElement) -> FormRequest {
    let fields = FormData::new_with_form(form).ok();
    let fields = fields.and_then(|fields| UrlSearchParams::new_with_str_sequence_sequence(&fields).ok());
    FormRequest { action: form.action(), body: fields.map(|fields| String::from(fields.to_string())) }
}

/// Sends a form as a program does, and returns the status and the body of the answer. Status 0: the request failed.
pub async fn send_form(form: &FormRequest) -> (u16, String) {
    exchange("POST", &form.action, form.body.as_deref()).await.unwrap_or_default()
}

/// The text of a page of this server.
pub async fn read_page(path: &str) -> Option<String> {
    exchange("GET", path, None).await.map(|(_, text)| text)
}

async fn exchange(method: &str, path: &str, body: Option<&str>) -> Option<(u16, String)> {
    let request = XmlHttpRequest::new().ok()?;
    request.open(method, path).ok()?;
    request.set_request_header("Accept", "*/*").ok()?;
    if body.is_some() {
        request.set_request_header("Content-Type", "application/x-www-form-urlencoded").ok()?;
    }
    let ended = Promise::new(&mut |end: Function, _| request.set_onloadend(Some(&end)));
    request.send_with_opt_str(body).ok()?;
    let _ = JsFuture::from(ended).await;
    Some((request.status().ok()?, request.response_text().ok().flatten().unwrap_or_default()))
}

/// Sets the value of a field.
pub fn set_value(selector: &str, value: &str) {
    let field = document().query_selector(selector).ok().flatten();
    field
        .into_iter()
        .filter_map(|field| field.dyn_into::<HtmlInputElement>().ok())
        .for_each(|field| field.set_value(value));
}

/// Updates the text of every element of a selector from its `data-at`, UTC milliseconds.
pub fn write_times(selector: &str, text: &dyn Fn(i64) -> String) {
    let Ok(found) = document().query_selector_all(selector) else { return };
    for element in (0..found.length()).filter_map(|index| found.get(index)?.dyn_into::<Element>().ok()) {
        let at = element.get_attribute("data-at").and_then(|at| at.parse().ok());
        at.into_iter().for_each(|at| element.set_text_content(Some(&text(at))));
    }
}

/// Asks the browser for the permission to notify, and returns whether it is granted. Call it in a click handler.
pub async fn ask_to_notify() -> bool {
    let Ok(answer) = Notification::request_permission() else { return false };
    let answer = JsFuture::from(answer).await;
    answer.is_ok_and(|answer| answer.as_string().as_deref() == Some("granted"))
}
