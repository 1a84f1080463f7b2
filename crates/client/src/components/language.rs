//! The choice of the language: a form, so that it works without scripts.

use leptos::prelude::*;

use crate::{
    platform,
    text::{Lang, lang, page::page_words},
};

/// The address of the page that is being rendered: the form returns to it.
#[derive(Clone)]
pub struct CurrentAddress(pub String);

#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let here = use_context::<CurrentAddress>().map_or_else(platform::here, |CurrentAddress(here)| here);
    let choice = |choice: Lang| {
        let is_chosen = choice == lang();
        view! {
            <button class="choice" type="submit" name="lang" value=choice.code() lang=choice.code() aria-pressed=is_chosen.to_string()>
                {choice.own_name()}
            </button>
        }
    };
    view! {
        <form method="post" action="/api/language" class="choices" aria-label=page_words().language>
            <input type="hidden" name="next" value=here />
            {Lang::ALL.map(choice).collect_view()}
        </form>
    }
}
