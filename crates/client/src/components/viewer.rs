//! The viewer: one picture of the log, as large as the window, over its preview; zoom, previous and next picture,
//! download.

use leptos::{ev::KeyboardEvent, html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Event, MouseEvent, PointerEvent, WheelEvent};

use crate::{
    components::{
        attachments::{address_of, preview_of},
        icon::{Drawing, Icon},
        modal::ModalDialog,
    },
    platform,
    room::session::RoomSession,
    state::{
        attachment::AttachmentKind,
        zoom::{Point, Zoom},
    },
    text::{file::file_words as words, with_names},
    view::{clicked, derived, effect, part, pressed},
};
use protocol::{file::Attachment, ids::FileId};

/// A swipe of this many pixels shows the next picture.
const SWIPE: i32 = 60;

/// The state that the viewer's components share.
#[derive(Clone, Copy)]
struct PictureView {
    session: RoomSession,
    pictures: Memo<Vec<Attachment>>,
    zoom: RwSignal<Zoom>,
    frame: NodeRef<html::Div>,
    /// The pointers that are down, and their positions.
    pointers: StoredValue<Vec<(i32, Point)>>,
    /// The position at which the first of them went down.
    began: StoredValue<Point>,
}

impl PictureView {
    /// The shown picture, and its index.
    fn shown(self) -> Option<(usize, Attachment)> {
        let id = self.session.viewer.get()?;
        self.pictures.with(|pictures| {
            let index = pictures.iter().position(|picture| picture.id == id)?;
            Some((index, pictures[index].clone()))
        })
    }

    /// The picture after the shown one, or before it.
    fn next(self, forward: bool) -> Option<FileId> {
        let (index, _) = self.shown()?;
        let next = if forward { index + 1 } else { index.wrapping_sub(1) };
        self.pictures.with(|pictures| pictures.get(next).map(|picture| picture.id))
    }

    fn step(self, forward: bool) {
        if let Some(id) = untrack(|| self.next(forward)) {
            self.session.viewer.set(Some(id));
        }
    }

    fn on_key(self, event: &KeyboardEvent) {
        match &*event.key() {
            "ArrowRight" | "PageDown" => self.step(true),
            "ArrowLeft" | "PageUp" => self.step(false),
            "+" | "=" => self.zoom.update(|zoom| *zoom = zoom.larger()),
            "-" => self.zoom.update(|zoom| *zoom = zoom.smaller()),
            "0" => self.zoom.set(Zoom::default()),
            _ => return,
        }
        event.prevent_default();
    }

    /// The frame's size, and a point of the window relative to the frame's centre.
    fn locate(self, x: i32, y: i32) -> (Point, Point) {
        let Some(frame) = self.frame.get_untracked() else { return Default::default() };
        let frame = frame.get_bounding_client_rect();
        let (width, height) = (frame.width() as i32, frame.height() as i32);
        let around = Point { x: x - frame.left() as i32 - width / 2, y: y - frame.top() as i32 - height / 2 };
        (Point { x: width, y: height }, around)
    }

    fn on_event(self, event: &Event) {
        let Some(mouse) = event.dyn_ref::<MouseEvent>() else { return };
        let (frame, at) = self.locate(mouse.client_x(), mouse.client_y());
        match (event.dyn_ref::<PointerEvent>(), event.dyn_ref::<WheelEvent>()) {
            (Some(pointer), _) => self.on_pointer(&event.type_(), (pointer.pointer_id(), at), frame),
            (None, Some(wheel)) => {
                event.prevent_default();
                let factor = 100 - (wheel.delta_y() as i32).clamp(-50, 33);
                self.scale(factor, at, frame);
            }
            (None, None) => self.zoom.update(|zoom| *zoom = zoom.toggled(at)),
        }
    }

    /// `factor`: percent of the current scale.
    fn scale(self, factor: i32, around: Point, frame: Point) {
        self.zoom
            .update(|zoom| *zoom = zoom.scaled(zoom.scale * factor / 100, around).shifted(Point::default(), frame));
    }

    /// One pointer moves a picture, or swipes to the next one; two pointers zoom.
    fn on_pointer(self, kind: &str, pointer: (i32, Point), frame: Point) {
        match kind {
            "pointerdown" => {
                self.began.set_value(pointer.1);
                self.pointers.update_value(|pointers| pointers.push(pointer));
                let _ = self.frame.get_untracked().map(|frame| frame.set_pointer_capture(pointer.0));
            }
            "pointermove" => {
                let before = self.pointers.get_value();
                self.pointers.update_value(|pointers| {
                    pointers.iter_mut().filter(|(id, _)| *id == pointer.0).for_each(|known| *known = pointer);
                });
                self.follow(&before, &self.pointers.get_value(), frame);
            }
            kind => {
                let is_single = self.pointers.with_value(|pointers| pointers.len() == 1);
                self.pointers.update_value(|pointers| pointers.retain(|(id, _)| *id != pointer.0));
                let moved = pointer.1.x - self.began.get_value().x;
                if kind == "pointerup" && is_single && self.zoom.get_untracked().is_whole() && moved.abs() > SWIPE {
                    self.step(moved < 0);
                }
            }
        }
    }

    fn follow(self, before: &[(i32, Point)], now: &[(i32, Point)], frame: Point) {
        match (before, now) {
            ([(_, from)], [(_, to)]) => {
                let by = Point { x: to.x - from.x, y: to.y - from.y };
                self.zoom.update(|zoom| *zoom = zoom.shifted(by, frame));
            }
            ([(_, a), (_, b)], [(_, c), (_, d)]) => {
                let around = Point { x: (c.x + d.x) / 2, y: (c.y + d.y) / 2 };
                self.scale(100 * distance(*c, *d) / distance(*a, *b).max(1), around, frame);
            }
            _ => {}
        }
    }
}

fn distance(one: Point, other: Point) -> i32 {
    let (x, y) = (i64::from(one.x - other.x), i64::from(one.y - other.y));
    (x * x + y * y).isqrt() as i32
}

#[component]
pub fn PictureViewer() -> impl IntoView {
    let session = RoomSession::current();
    let pictures = Memo::new(move |_| {
        session.conversation.with(|conversation| {
            let files = conversation.messages().flat_map(|message| &message.files);
            files.filter(|file| AttachmentKind::of(file) == AttachmentKind::Picture).cloned().collect::<Vec<_>>()
        })
    });
    let (zoom, frame) = (RwSignal::new(Zoom::default()), NodeRef::new());
    let (pointers, began) = (StoredValue::new(Vec::new()), StoredValue::new(Point::default()));
    let viewer = PictureView { session, pictures, zoom, frame, pointers, began };
    let close = Callback::new(move |()| session.viewer.set(None));
    let shown = Memo::new(move |_| viewer.shown());
    effect(move || {
        zoom.set(Zoom::default());
        // The message was recalled.
        if shown.read().is_none() {
            close.run(());
        }
    });
    effect(move || {
        let frame = frame.get_untracked();
        frame.into_iter().for_each(|frame| platform::on_pointer(frame.into(), move |event| viewer.on_event(&event)));
    });
    let picture =
        move || shown.get().map_or_else(|| ().into_any(), |(_, picture)| view! { <Picture picture zoom /> }.into_any());
    view! {
        <ModalDialog label=words().viewer.to_owned() close>
            <div class="viewer" on:keydown=pressed(move |event| viewer.on_key(&event))>
                <ViewerBar viewer shown close />
                <div class="viewer-frame" tabindex="-1" autofocus=true node_ref=frame>{part(picture)}</div>
            </div>
        </ModalDialog>
    }
}

/// The picture's name and position, and the buttons.
#[component]
fn ViewerBar(viewer: PictureView, shown: Memo<Option<(usize, Attachment)>>, close: Callback<()>) -> impl IntoView {
    let words = words();
    let caption = move || {
        let count = viewer.pictures.with(Vec::len);
        shown.get().map_or_else(Default::default, |(index, picture)| {
            (picture.name, with_names(words.position_of, &(index + 1).to_string(), &count.to_string()))
        })
    };
    let button = |label: &'static str, drawing: Drawing, act: Box<dyn Fn()>| {
        view! { <button class="plain" type="button" aria-label=label title=label on:click=clicked(move |_| act())><Icon drawing /></button> }
    };
    // At an end the button keeps the focus, which a disabled one would lose.
    let step = |label: &'static str, drawing: Drawing, forward: bool| {
        let is_end = derived(move || viewer.next(forward).is_none().to_string());
        view! { <button class="plain" type="button" aria-label=label title=label aria-disabled=is_end on:click=clicked(move |_| viewer.step(forward))><Icon drawing /></button> }
    };
    let zoom = viewer.zoom;
    let download = move || {
        shown.get_untracked().iter().for_each(|(_, picture)| platform::download(&address_of(picture), &picture.name));
    };
    view! {
        <div class="viewer-bar">
            <p class="viewer-name" role="status"><bdi>{derived(move || caption().0)}</bdi>" "<span>{derived(move || caption().1)}</span></p>
            {step(words.previous, Drawing::Back, false)}
            {step(words.next, Drawing::Next, true)}
            {button(words.zoom_out, Drawing::Minus, Box::new(move || zoom.update(|zoom| *zoom = zoom.smaller())))}
            {button(words.zoom_in, Drawing::Plus, Box::new(move || zoom.update(|zoom| *zoom = zoom.larger())))}
            {button(words.download, Drawing::Download, Box::new(download))}
            {button(words.close, Drawing::Close, Box::new(move || close.run(())))}
        </div>
    }
}

/// The preview, and over it the whole picture once it is loaded. The `alt` text is empty, so that a picture that cannot
/// be shown stays invisible.
#[component]
fn Picture(picture: Attachment, zoom: RwSignal<Zoom>) -> impl IntoView {
    let style = derived(move || {
        let Zoom { scale, moved } = zoom.get();
        format!("scale:{scale}%;translate:{}px {}px", moved.x, moved.y)
    });
    let (width, height) =
        picture.preview.map(|preview| (preview.width.to_string(), preview.height.to_string())).unzip();
    view! {
        <div class="viewer-picture" style=style>
            <img src=preview_of(&picture) alt=picture.name.clone() width=width height=height draggable="false" />
            <img src=address_of(&picture) alt="" draggable="false" />
        </div>
    }
}
