//! `/settings` and `/shortcuts`: plain forms, which work without scripts.

use leptos::{nonce::use_nonce, prelude::*};

use crate::{
    components::{
        field::{Field, FormError},
        icon::{Drawing, Icon},
        language::LanguageSwitch,
    },
    platform,
    settings::{
        CHANGED, ENTER, KEYS, MOTION, NOTICES, OPEN_IN, QUIET, QUIET_FROM, QUIET_TO, SIZE, SOUND, Setting, THEME,
    },
    state::local_time::LocalTime,
    text::{date, lang, page::page_words},
};
use protocol::{error::Refusal, ids::UserId, user::User};

/// Submits a choice, and its name, after the answer to the last one, applies it to this page and notifies the other
/// windows (`platform/storage.rs`). A browser grants the permission to notify only within a click handler.
const SUBMIT_ON_CHANGE: &str = "{const form=document.currentScript.closest('form'),look=document.documentElement;let last=Promise.resolve();form.onchange=({target:{name,value}})=>{if(name==='notices'&&value==='on')window.Notification?.requestPermission();form.changed.value=name;const body=new URLSearchParams(new FormData(form));last=last.then(async()=>{const sent=await fetch(form.action,{method:'POST',body}).catch(()=>null);if(!sent?.ok)return form.submit();localStorage.setItem('daehwa.settings',Date.now());if(look.hasAttribute('data-'+name))look.dataset[name]=value})};form.onsubmit=()=>{form.changed.value=''}}";

/// Replaces times in Korea's time zone, which the server renders, by times in the browser's zone.
const LOCAL_TIMES: &str = "for(const at of document.querySelectorAll('[data-at]')){const lang=document.documentElement.lang==='en'?'en-GB':'ko',time=new Date(+at.dataset.at);at.textContent=time.toLocaleDateString(lang,{dateStyle:'full'})+' '+time.toLocaleTimeString(lang,{hour:'2-digit',minute:'2-digit',hourCycle:'h23'})}";

/// Makes the link back return to the page of this server that the user came from, as "back" of the browser does.
const BACK: &str = "if(document.referrer.startsWith(location.origin+'/')&&history.length>1)document.querySelector('.sheet-head a').onclick=event=>{if(event.ctrlKey||event.metaKey||event.shiftKey)return;event.preventDefault();history.back()}";

/// The data of the settings page.
#[derive(Clone, Debug)]
pub struct SettingsView {
    pub user: User,
    /// The value of the settings cookie.
    pub settings: String,
    pub devices: Vec<DeviceView>,
    /// Whether a form was just saved.
    pub is_saved: bool,
    /// The refusal of the submitted form.
    pub refused: Option<Refusal>,
}

/// A session of the user, as the page shows it.
#[derive(Clone, Debug)]
pub struct DeviceView {
    /// Identifies the session in the form that ends it.
    pub key: String,
    /// UTC milliseconds.
    pub signed_in_at: Option<i64>,
    /// Browser and system, if known.
    pub name: String,
    pub is_this: bool,
}

/// A page with a link back to the messenger. `is_visit`: a page to read, which begins at its title and returns to where
/// the user came from.
#[component]
fn Sheet(title: &'static str, #[prop(optional)] is_visit: bool, children: Children) -> impl IntoView {
    view! {
        <main class="sheet">
            <header class="sheet-head">
                <a class="plain" href="/"><Icon drawing=Drawing::Back /><span>{page_words().back}</span></a>
                <h1 tabindex=is_visit.then_some("-1") autofocus=is_visit>{title}</h1>
                {is_visit.then(|| view! { <script nonce=use_nonce()>{BACK}</script> })}
            </header>
            {children()}
        </main>
    }
}

#[component]
pub fn SettingsPage(view: SettingsView) -> impl IntoView {
    let words = page_words();
    let (is_saved, refused) = (view.is_saved, view.refused);
    view! {
        <Sheet title=words.settings>
            <FormError refused />
            {is_saved.then(|| view! { <p class="saved" role="status">{words.saved}</p> })}
            {sections(view)}
        </Sheet>
    }
}

/// The sections alone, for the dialog over the main window.
#[component]
pub fn SettingsSections(view: SettingsView) -> impl IntoView {
    view! { <main class="sheet">{sections(view)}</main> }
}

fn sections(view: SettingsView) -> AnyView {
    let SettingsView { user, settings, devices, refused, .. } = view;
    let me = user.id;
    view! {
        <Choices settings me />
        <AccountSettings user refused />
        <Devices devices me />
    }
    .into_any()
}

/// The account of the page, in each of its forms: the server refuses a form of another account.
#[component]
fn AccountField(me: UserId) -> impl IntoView {
    view! { <input type="hidden" name="as" value=me.to_string() /> }
}

#[component]
fn Choices(settings: String, me: UserId) -> impl IntoView {
    let words = page_words();
    let choice = |setting: Setting| view! { <Choice setting chosen=setting.of(&settings) /> };
    let hour = |setting: Setting| view! { <Hour setting chosen=setting.of(&settings) /> };
    view! {
        <section class="sheet-part">
            <h2>{words.look}</h2>
            <div class="choice-row"><span class="choice-label">{words.language}" "{device_mark()}</span><LanguageSwitch /></div>
            <p class="rule">{words.settings_hint}</p>
            <form method="post" action="/api/settings" class="form">
                <AccountField me />
                <input type="hidden" name=CHANGED value="" />
                {[THEME, SIZE, MOTION].map(choice).collect_view()}
                <h2>{words.conversation}</h2>
                {[OPEN_IN, ENTER, SOUND, QUIET].map(choice).collect_view()}
                <div class="options hours">{[QUIET_FROM, QUIET_TO].map(hour).collect_view()}</div>
                {choice(NOTICES)}
                <p class="rule">{words.notices_hint}</p>
                <script nonce=use_nonce()>{SUBMIT_ON_CHANGE}</script>
                {choice(KEYS)}
                <p class="rule"><a href="/shortcuts">{words.keys_hint}</a></p>
                // With scripts each choice holds at once.
                <noscript><button class="button primary" type="submit">{words.save}</button></noscript>
            </form>
        </section>
    }
}

/// The mark of a setting that applies in this browser alone.
fn device_mark() -> AnyView {
    view! { <span class="mark">{page_words().on_this_device}</span> }.into_any()
}

/// A setting as a group of radio buttons.
#[component]
fn Choice(setting: Setting, chosen: &'static str) -> impl IntoView {
    let (label, labels) = page_words().choice(setting.name);
    let option = |(value, label): (&'static str, &'static str)| {
        view! {
            <label class="option">
                <input type="radio" name=setting.name value=value checked=value == chosen />
                <span>{label}</span>
            </label>
        }
    };
    let mut options: Vec<_> = setting.values.iter().copied().zip(labels.iter().copied()).collect();
    if setting == SIZE {
        // Sorted by size; the default is not the smallest.
        options.sort_unstable();
    }
    view! {
        <fieldset class="choice-row">
            <legend class="choice-label">{label}{setting.is_of_device().then(|| view! { " "{device_mark()} })}</legend>
            <div class="options">{options.into_iter().map(option).collect_view()}</div>
        </fieldset>
    }
}

/// A setting as a list of hours.
#[component]
fn Hour(setting: Setting, chosen: &'static str) -> impl IntoView {
    let (label, _) = page_words().choice(setting.name);
    // Without the default, which is listed first.
    let hours = setting.values[1..].iter().copied();
    let option =
        |hour: &'static str| view! { <option value=hour selected=hour == chosen>{format!("{hour:0>2}:00")}</option> };
    view! {
        <label class="hour">
            <span class="choice-label">{label}</span>
            <select name=setting.name>{hours.map(option).collect_view()}</select>
        </label>
    }
}

#[component]
fn AccountSettings(user: User, refused: Option<Refusal>) -> impl IntoView {
    let page = page_words();
    let me = user.id;
    let department = user.profile.department.map(|path| path.replace('/', " › "));
    let facts = [department, user.profile.title, user.profile.email];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        <section class="sheet-part">
            <h2>{page.account}</h2>
            <p class="rule">{user.login.clone()}{(!facts.is_empty()).then(|| format!(" · {facts}"))}</p>
            <form method="post" action="/api/name" class="form">
                <AccountField me />
                <Field name="name" label=page.name value=user.name autocomplete="name" rule=page.name_rule refused />
                <button class="button" type="submit">{page.save}</button>
            </form>
            <form method="post" action="/api/password" class="form">
                <AccountField me />
                <input type="hidden" name="username" autocomplete="username" value=user.login />
                <Field name="password" label=page.current_password autocomplete="current-password" refused />
                <Field name="new_password" label=page.new_password autocomplete="new-password" rule=page.password_rule refused />
                <p class="rule">{page.password_hint}</p>
                <button class="button" type="submit">{page.change_password}</button>
            </form>
        </section>
    }
}

#[component]
fn Devices(devices: Vec<DeviceView>, me: UserId) -> impl IntoView {
    let page = page_words();
    let has_others = devices.len() > 1;
    view! {
        <section class="sheet-part">
            <h2>{page.devices}</h2>
            <p class="rule">{page.devices_hint}</p>
            <ul class="devices">{devices.into_iter().map(|device| view! { <Device device me /> }).collect_view()}</ul>
            <script nonce=use_nonce()>{LOCAL_TIMES}</script>
            {has_others.then(|| view! {
                <form method="post" action="/api/end_session"><AccountField me /><button class="button" type="submit">{page.end_others}</button></form>
            })}
        </section>
    }
}

#[component]
fn Device(device: DeviceView, me: UserId) -> impl IntoView {
    let page = page_words();
    let name = if device.name.is_empty() { page.unknown_device.to_owned() } else { device.name };
    let since = device.signed_in_at.map(|at| {
        let time = LocalTime::new(at, platform::DEFAULT_OFFSET);
        let time = format!("{} {} ({})", date::long_day(time, lang()), date::clock(time), page.korean_time);
        let (before, after) = page.signed_in_at.split_once("{name}").unwrap_or_default();
        view! { {before}<span data-at=at.to_string()>{time}</span>{after} }
    });
    // Two devices may have the same name, so the button is also named by the time of the sign-in, which the browser
    // formats.
    let (of, end) = (format!("device-{}", device.key), format!("end-{}", device.key));
    let both = format!("{end} {of}");
    view! {
        <li class="device">
            <div id=of><b>{name}</b><p class="rule">{since}</p></div>
            {if device.is_this {
                view! { <span class="mark">{page.this_device}</span> }.into_any()
            } else {
                view! {
                    <form method="post" action="/api/end_session">
                        <AccountField me />
                        <input type="hidden" name="session" value=device.key />
                        <button class="button" type="submit" id=end aria-labelledby=both>{page.end}</button>
                    </form>
                }.into_any()
            }}
        </li>
    }
}

/// `/shortcuts`
#[component]
pub fn ShortcutsPage() -> impl IntoView {
    let page = page_words();
    let row = |(keys, what): &(&'static str, &'static str)| {
        let keys = keys.split(", ").map(|keys| view! { <kbd>{keys}</kbd>" " }).collect_view();
        view! { <tr><th scope="row">{keys}</th><td>{*what}</td></tr> }
    };
    view! {
        <Sheet title=page.shortcuts is_visit=true>
            <section class="sheet-part">
                <table class="shortcuts"><tbody>{page.shortcut_rows.iter().map(row).collect_view()}</tbody></table>
                <p class="rule">{page.shortcuts_hint}</p>
            </section>
        </Sheet>
    }
}
