//! Requests of uploads, by XMLHttpRequest: `fetch` does not report how many bytes of a body were sent.

use std::{cell::RefCell, collections::HashMap};

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ProgressEvent, XmlHttpRequest};

thread_local! {
    /// The requests in progress, by the key of their upload.
    static RUNNING: RefCell<HashMap<u32, XmlHttpRequest>> = RefCell::new(HashMap::new());
}

/// A request to send.
pub struct FileRequest {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Blob>,
}

/// An answer to a [`FileRequest`].
pub struct FileResponse(XmlHttpRequest);

impl FileResponse {
    /// The HTTP status; 0 if the request failed or was aborted.
    pub fn status(&self) -> u16 {
        self.0.status().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<String> {
        self.0.get_response_header(name).ok().flatten()
    }

    pub fn body(&self) -> String {
        self.0.response_text().ok().flatten().unwrap_or_default()
    }
}

/// Sends a request of an upload and reports the bytes of its body that were sent. `None` if the browser cannot send it.
pub async fn send_request(
    key: u32,
    request: FileRequest,
    on_progress: &Closure<dyn Fn(ProgressEvent)>,
) -> Option<FileResponse> {
    let xhr = XmlHttpRequest::new().ok()?;
    xhr.open(request.method, &request.path).ok()?;
    xhr.set_request_header("Tus-Resumable", "1.0.0").ok()?;
    for (name, value) in &request.headers {
        xhr.set_request_header(name, value).ok()?;
    }
    xhr.upload().ok()?.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    // A failed or aborted request also ends, with status 0.
    let ended = Promise::new(&mut |end: Function, _| xhr.set_onloadend(Some(&end)));
    RUNNING.with_borrow_mut(|running| running.insert(key, xhr.clone()));
    xhr.send_with_opt_blob(request.body.as_ref()).ok()?;
    let _ = JsFuture::from(ended).await;
    RUNNING.with_borrow_mut(|running| running.remove(&key));
    Some(FileResponse(xhr))
}

/// Aborts the request of an upload.
pub fn abort_request(key: u32) {
    if let Some(xhr) = RUNNING.with_borrow_mut(|running| running.remove(&key)) {
        let _ = xhr.abort();
    }
}
