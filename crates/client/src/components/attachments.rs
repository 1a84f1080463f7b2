//! The files of a message in its bubble: pictures alone or as a grid, sound and video in place, everything else as a
//! card that downloads it. The size of each is known before its bytes arrive.

use leptos::prelude::*;

use crate::{
    components::{
        action::RowAction,
        icon::{Drawing, Icon},
    },
    state::attachment::{AttachmentKind, name_parts, size_text},
    text::words,
};
use protocol::file::Attachment;

/// The address of a file's bytes.
pub fn address_of(file: &Attachment) -> String {
    format!("/files/{}", file.id)
}

/// The address of a file's preview.
pub fn preview_of(file: &Attachment) -> String {
    format!("/files/{}/preview", file.id)
}

/// `is_sent`: the message is at the server; before that there are no links to its files.
pub fn attachments(files: &[Attachment], is_sent: bool) -> AnyView {
    let (pictures, others): (Vec<_>, Vec<_>) =
        files.iter().partition(|file| AttachmentKind::of(file) == AttachmentKind::Picture);
    let columns = match pictures.len() {
        0 => return others.into_iter().map(|file| attachment(file, is_sent)).collect_view().into_any(),
        1 => "pictures one",
        2 | 4 => "pictures two",
        _ => "pictures",
    };
    view! {
        <div class=columns>{pictures.into_iter().map(picture).collect_view()}</div>
        {others.into_iter().map(|file| attachment(file, is_sent)).collect_view()}
    }
    .into_any()
}

/// A link to the whole picture; a click opens the viewer.
fn picture(file: &Attachment) -> AnyView {
    let name = format!("{} {}", words().picture, file.name);
    view! {
        <a class="picture" href=address_of(file) target="_blank" rel="noopener" tabindex="-1" data-act=RowAction::View.attribute() data-file=file.id.to_string()>
            {image(file, name)}
        </a>
    }
    .into_any()
}

/// The preview in its own size, which the style sheet limits: the browser reserves the space before the bytes arrive.
fn image(file: &Attachment, alt: String) -> AnyView {
    let size = file.preview.map(|preview| (preview.width.to_string(), preview.height.to_string()));
    let (width, height) = size.unzip();
    view! { <img src=preview_of(file) alt=alt width=width height=height loading="lazy" decoding="async" draggable="false" /> }
        .into_any()
}

fn attachment(file: &Attachment, is_sent: bool) -> AnyView {
    let kind = if is_sent { AttachmentKind::of(file) } else { AttachmentKind::Document };
    let (address, name) = (address_of(file), file.name.clone());
    let player = match kind {
        AttachmentKind::Sound => Some(
            view! { <audio class="player" controls preload="none" src=address aria-label=name></audio> }.into_any(),
        ),
        AttachmentKind::Video => {
            let (poster, preload) =
                (file.preview.map(|_| preview_of(file)), if file.preview.is_some() { "none" } else { "metadata" });
            Some(view! { <video class="player" controls preload=preload poster=poster src=address aria-label=name></video> }.into_any())
        }
        AttachmentKind::Picture | AttachmentKind::Document => None,
    };
    let page = (kind == AttachmentKind::Document && is_sent && file.preview.is_some())
        .then(|| view! { <span class="file-page">{image(file, String::new())}</span> });
    let text = (kind == AttachmentKind::Document && page.is_none())
        .then(|| file.text.clone())
        .flatten()
        .map(|text| view! { <span class="file-page file-words">{text}</span> });
    view! { {player} {card(file, (page, text).into_any(), is_sent)} }.into_any()
}

/// Name, kind and size of a file: a link that downloads it.
fn card(file: &Attachment, page: AnyView, is_sent: bool) -> AnyView {
    let content = view! { {page} {file_line(&file.name, &file.media_type, file.size)} {is_sent.then(|| view! { <Icon drawing=Drawing::Download /> })} };
    if !is_sent {
        return view! { <span class="file">{content}</span> }.into_any();
    }
    let label = format!("{} {} {}", file.name, size_text(file.size), words().download);
    view! {
        <a class="file" href=address_of(file) download=file.name.clone() tabindex="-1" aria-label=label aria-description=file.text.clone() title=file.name.clone() data-file=file.id.to_string()>{content}</a>
    }
    .into_any()
}

/// The icon of a file with its extension, its name, and its size. A long name is cut before its extension.
pub fn file_line(name: &str, media_type: &str, size: u64) -> AnyView {
    let (stem, extension) = name_parts(name);
    let kind = extension.trim_start_matches('.').to_ascii_lowercase();
    let shown = if kind.len() > 4 { String::new() } else { kind.to_ascii_uppercase() };
    let family = if kind.is_empty() { media_type.split('/').next().unwrap_or_default().to_owned() } else { kind };
    view! {
        <span class="file-icon" data-kind=family aria-hidden="true">{shown}</span>
        <span class="file-text">
            <bdi class="file-name"><span class="stem">{stem.to_owned()}</span><span>{extension.to_owned()}</span></bdi>
            <span class="file-size">{size_text(size)}</span>
        </span>
    }
    .into_any()
}
