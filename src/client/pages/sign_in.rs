//! `/sign_in`: a plain form, so that it works wherever a browser does.

use leptos::prelude::*;

use crate::{
    client::{
        components::{
            card::Card,
            field::{Field, FormError},
        },
        pages::Visit,
        text::{page::page_words, with_name},
    },
    protocol::{limit::DEMO_PASSWORD, user::User},
};

#[component]
pub fn SignIn(visit: Visit) -> impl IntoView {
    let words = page_words();
    let Visit { refused, login, next, .. } = visit;
    let register = visit.is_registration_open.then(|| {
        view! { <p class="card-below"><a href="/register">{words.to_register}</a></p> }
    });
    view! {
        <Card title=words.sign_in>
            <FormError refused />
            <form method="post" action="/api/sign_in" class="form">
                <Field name="login" label=words.login value=login autocomplete="username" refused />
                <Field name="password" label=words.password autocomplete="current-password" refused />
                <input type="hidden" name="next" value=next />
                <button class="button primary wide" type="submit">{words.sign_in}</button>
            </form>
            {register}
            {(!visit.demo_people.is_empty()).then(|| view! { <Demo people=visit.demo_people /> })}
        </Card>
    }
}

#[component]
fn Demo(people: Vec<User>) -> impl IntoView {
    let words = page_words();
    let rows = people.into_iter().map(|user| view! { <li><code>{user.login}</code>" "{user.name}</li> });
    view! {
        <aside class="demo">
            <h2>{words.demo_title}</h2>
            <ul>{rows.collect_view()}</ul>
            <p>{with_name(words.demo_password, DEMO_PASSWORD)}</p>
        </aside>
    }
}
