//! Files that the user chose: from the picker, the clipboard, or dropped on the page. Their bytes stay in the browser;
//! uploads name them by a key.

use std::{cell::RefCell, collections::HashMap};

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ClipboardEvent, DataTransfer, DragEvent, Event, File, FileList, HtmlInputElement, Url};

thread_local! {
    static HELD: RefCell<HashMap<u32, File>> = RefCell::new(HashMap::new());
}

/// A chosen file.
pub struct ChosenFile {
    pub file: File,
    /// Whether it is from the clipboard: a pasted picture has no name.
    pub is_pasted: bool,
}

/// Opens the browser's file picker: `accept` limits the types, `capture` asks for the camera. Call it in a click
/// handler.
pub fn pick_files(selector: &str, accept: &str, capture: Option<&str>) {
    let input = document().query_selector(selector).ok().flatten();
    let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) else { return };
    input.set_accept(accept);
    let _ = match capture {
        Some(camera) => input.set_attribute("capture", camera),
        None => input.remove_attribute("capture"),
    };
    input.click();
}

/// The files of a picker, which is emptied, so that the same file can be chosen again.
pub fn picked_files(event: &Event) -> Vec<ChosenFile> {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input else { return Vec::new() };
    let files = chosen_files(input.files(), false);
    input.set_value("");
    files
}

/// The files of a paste. A text that comes with a picture of itself, as office programs copy it, is a text.
pub fn pasted_files(event: &Event) -> Vec<ChosenFile> {
    let data = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
    let Some(data) = data.filter(|data| !has_type(data, "text/plain")) else { return Vec::new() };
    chosen_files(data.files(), true)
}

/// Whether files are dragged, rather than a text of a page.
pub fn drags_files(event: &Event) -> bool {
    transfer_of(event).is_some_and(|data| has_type(&data, "Files"))
}

/// Shows whether files can be dropped at the pointer.
pub fn allow_drop(event: &Event, is_allowed: bool) {
    event.prevent_default();
    if let Some(data) = transfer_of(event) {
        data.set_drop_effect(if is_allowed { "copy" } else { "none" });
    }
}

/// Whether a drag left the window.
pub fn leaves_window(event: &Event) -> bool {
    event.dyn_ref::<DragEvent>().is_some_and(|event| event.related_target().is_none())
}

pub fn dropped_files(event: &Event) -> Vec<ChosenFile> {
    chosen_files(transfer_of(event).and_then(|data| data.files()), false)
}

fn transfer_of(event: &Event) -> Option<DataTransfer> {
    event.dyn_ref::<DragEvent>()?.data_transfer()
}

fn has_type(data: &DataTransfer, wanted: &str) -> bool {
    data.types().iter().any(|kind| kind.as_string().as_deref() == Some(wanted))
}

fn chosen_files(files: Option<FileList>, is_pasted: bool) -> Vec<ChosenFile> {
    let Some(files) = files else { return Vec::new() };
    (0..files.length()).filter_map(|index| files.get(index)).map(|file| ChosenFile { file, is_pasted }).collect()
}

/// Keeps a file under the key of its upload.
pub fn hold_file(key: u32, file: File) {
    HELD.with_borrow_mut(|held| held.insert(key, file));
}

pub fn held_file(key: u32) -> Option<File> {
    HELD.with_borrow(|held| held.get(&key).cloned())
}

/// Forgets a file; returns it.
pub fn release_file(key: u32) -> Option<File> {
    HELD.with_borrow_mut(|held| held.remove(&key))
}

/// A part of a held file.
pub fn slice_of(key: u32, from: u64, until: u64) -> Option<Blob> {
    held_file(key)?.slice_with_f64_and_f64(from as f64, until as f64).ok()
}

/// Whether the bytes can still be read: the user may have changed or removed the file.
pub async fn is_readable(bytes: &Blob) -> bool {
    JsFuture::from(bytes.array_buffer()).await.is_ok()
}

/// An address of a held file in this window, until it is revoked.
pub fn address_of_file(key: u32) -> Option<String> {
    Url::create_object_url_with_blob(held_file(key)?.as_ref()).ok()
}

pub fn revoke_address(address: &str) {
    let _ = Url::revoke_object_url(address);
}
