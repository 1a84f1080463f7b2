//! The commands of the palette: actions of the main window, by name.

use leptos::prelude::*;

use crate::{
    lobby::session::LobbySession,
    platform,
    state::keystrokes::{contains, keys},
    text::{
        Lang,
        dialog::{DialogWords, dialog_words as words},
        lang,
    },
    view::{clicked, submitted},
};
use protocol::{lobby_socket::LobbyCommand, user::Presence};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaletteCommand {
    Notes,
    NewGroup,
    Status,
    Busy,
    NotBusy,
    Settings,
    Shortcuts,
    /// Switches to the other language.
    Language,
    SignOut,
}

impl PaletteCommand {
    fn label(self, words: &DialogWords, lang: Lang) -> &'static str {
        match self {
            Self::Notes => words.notes,
            Self::NewGroup => words.new_group,
            Self::Status => words.status,
            Self::Busy => words.set_busy,
            Self::NotBusy => words.set_not_busy,
            Self::Settings => words.settings,
            Self::Shortcuts => words.shortcuts,
            Self::Language => other(lang).own_name(),
            Self::SignOut => words.sign_out,
        }
    }

    /// Whether a query matches the name of the command in either language.
    fn is_found(self, query: &[u32]) -> bool {
        let has = |text: &str| contains(&keys(text), query);
        Lang::ALL.into_iter().any(|spoken| has(self.label(spoken.dialog_words(), lang())))
    }
}

fn other(lang: Lang) -> Lang {
    Lang::ALL.into_iter().find(|other| *other != lang).unwrap_or(lang)
}

/// The commands that match a query; all for an empty one.
pub fn found(query: &str, session: LobbySession) -> Vec<PaletteCommand> {
    let is_busy = session.lobby.with(|lobby| lobby.presence(lobby.me) == Presence::Busy);
    let all = [
        PaletteCommand::Notes,
        PaletteCommand::NewGroup,
        PaletteCommand::Status,
        if is_busy { PaletteCommand::NotBusy } else { PaletteCommand::Busy },
        PaletteCommand::Settings,
        PaletteCommand::Shortcuts,
        PaletteCommand::Language,
        PaletteCommand::SignOut,
    ];
    let query = keys(query.trim());
    all.into_iter().filter(|command| command.is_found(&query)).collect()
}

/// A link, a form, or a button, as in the rest of the window.
#[component]
pub fn CommandRow(command: PaletteCommand) -> impl IntoView {
    let session = LobbySession::current();
    let label = command.label(words(), lang());
    match command {
        PaletteCommand::Settings => view! {
            <a class="row command" href="/settings" rel="external" on:click=clicked(move |event| session.open_settings(&event))>{label}</a>
        }
        .into_any(),
        PaletteCommand::Shortcuts => view! { <a class="row command" href="/shortcuts" rel="external">{label}</a> }.into_any(),
        PaletteCommand::Language => view! {
            <form method="post" action="/api/language">
                <input type="hidden" name="next" value=platform::here() />
                <button class="row command" type="submit" name="lang" value=other(lang()).code() lang=other(lang()).code()>{label}</button>
            </form>
        }
        .into_any(),
        PaletteCommand::SignOut => view! {
            <form method="post" action="/api/sign_out" on:submit=submitted(move |event| session.unsent_delivery.sign_out(&event))>
                <button class="row command" type="submit" name="as" value=session.me.to_string()>{label}</button>
            </form>
        }
        .into_any(),
        PaletteCommand::Notes
        | PaletteCommand::NewGroup | PaletteCommand::Status | PaletteCommand::Busy | PaletteCommand::NotBusy => {
            let notes = (command == PaletteCommand::Notes).then_some("");
            view! { <button class="row command" type="button" data-notes=notes on:click=clicked(move |_| carry_out(session, command))>{label}</button> }
                .into_any()
        }
    }
}

fn carry_out(session: LobbySession, command: PaletteCommand) {
    match command {
        PaletteCommand::Notes => session.open_notes(),
        PaletteCommand::NewGroup => session.new_group.set(true),
        PaletteCommand::Status => session.profile.set(Some(session.me)),
        PaletteCommand::Busy | PaletteCommand::NotBusy => {
            let profile = session.lobby.with_untracked(|lobby| lobby.user(lobby.me).map(|me| me.profile.clone()));
            let (text, until) = profile.map_or((None, None), |profile| (profile.status, profile.status_until));
            session.send(&LobbyCommand::Status { busy: command == PaletteCommand::Busy, text, until });
        }
        _ => {}
    }
}
