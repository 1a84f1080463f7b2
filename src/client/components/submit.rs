//! The button that sends a form, and says that it is under way: on a slow line a page stands still for a while.

use leptos::{nonce::use_nonce, prelude::*};

/// From the moment the form is sent the button is off, until the page goes. It is on again when the page comes back
/// from the browser's cache, and when the person stops it (Escape) or the server takes too long.
const SAY_SO: &str = "{const form=document.currentScript.closest('form'),button=form.querySelector('[type=submit]'),said=form.querySelector('[role=status]'),label=button.textContent,turn=on=>{button.disabled=on;button.setAttribute('aria-busy',on);button.textContent=on?button.dataset.busy:label;said.textContent=on?button.dataset.busy:''};form.addEventListener('submit',()=>{turn(true);setTimeout(turn,20000,false)});addEventListener('pageshow',event=>{if(event.persisted)turn(false)});addEventListener('keydown',event=>{if(event.key==='Escape')turn(false)})}";

/// `busy`: what it says meanwhile. Without scripts it is a plain button.
#[component]
pub fn Submit(label: &'static str, busy: &'static str, #[prop(optional)] autofocus: bool) -> impl IntoView {
    view! {
        <button class="button primary wide" type="submit" data-busy=busy autofocus=autofocus>{label}</button>
        <span class="unseen" role="status"></span>
        <script nonce=use_nonce()>{SAY_SO}</script>
    }
}
