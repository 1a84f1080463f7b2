//! For any texts in the database, an HTML parser builds the tree that the server rendered. Otherwise hydration fails
//! and the page stays without the program.

use std::fmt::Write;

use proptest::{
    prelude::*,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use scraper::{Html, Node};
use server::model::Status;

use crate::stage::{Person, Stage};

const PAGES: usize = 8;
const MESSAGES: usize = 40;

/// Texts that an HTML parser might change, among other characters.
fn texts() -> impl Strategy<Value = String> {
    let nasty = "[\u{0}\r\n\t\u{1b}\u{85}\u{fffe}\u{ffff}\u{fdd0}\u{feff}\u{2028}\u{200d}\u{fe0f}<>&\"'`*>_가 -]{0,12}";
    prop_oneof![any::<String>(), nasty, "[ \u{0}\r\n]{0,3}", "```\r?\n[\u{0}\r\na]{0,4}\n```"]
}

/// The texts between the tags that the server rendered, without scripts.
fn written(html: &str) -> Vec<String> {
    let (mut texts, mut rest) = (Vec::new(), html);
    while let Some(start) = rest.find('<') {
        push(&mut texts, &rest[..start]);
        rest = after_tag(&rest[start..]);
    }
    push(&mut texts, rest);
    texts
}

fn push(texts: &mut Vec<String>, text: &str) {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    texts.extend(Some(plain).filter(|text| !text.is_empty()));
}

fn after_tag(tag: &str) -> &str {
    // The comments of a debug build name components, with angle brackets.
    if let Some(comment) = tag.strip_prefix("<!--") {
        return comment.split_once("-->").unwrap().1;
    }
    let mut quote = None;
    let end = tag.char_indices().find(|(_, c)| match (quote, c) {
        (None, '>') => true,
        (None, '"') => {
            quote = Some(());
            false
        }
        (Some(()), '"') => {
            quote = None;
            false
        }
        _ => false,
    });
    let rest = &tag[end.unwrap().0 + 1..];
    if tag.starts_with("<script") { rest.split_once("</script>").unwrap().1 } else { rest }
}

/// The text nodes of a browser's tree.
fn parsed(html: &str) -> Vec<String> {
    let document = Html::parse_document(html);
    let is_script = |name: &str| name == "script";
    let texts = document.tree.root().descendants().filter_map(|node| match node.value() {
        Node::Text(text) => {
            let parent = node.parent().and_then(|parent| parent.value().as_element().map(|element| element.name()));
            (!parent.is_some_and(is_script)).then(|| text.to_string())
        }
        _ => None,
    });
    texts.collect()
}

async fn get(stage: &Stage, person: &Person, path: &str) -> String {
    let request = reqwest::Client::new().get(format!("http://{}{path}", stage.address));
    request.header("cookie", format!("daehwa={}", person.token)).send().await.unwrap().text().await.unwrap()
}

/// A text as SQL, U+0000 included.
fn sql(text: &str) -> String {
    let hex = text.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    format!("CAST(x'{hex}' AS TEXT)")
}

#[tokio::test]
async fn a_browser_builds_the_tree_that_the_server_rendered_from_any_stored_text() {
    let stage = Stage::new().await;
    let (minsu, younghee, _) = stage.pair().await;
    let room = stage.messenger.rooms().open_group(minsu.actor(), vec![younghee.id], Some("그룹".into())).await.unwrap();
    for number in 0..MESSAGES {
        stage.post(if number % 2 == 0 { &minsu } else { &younghee }, room, "말").await;
    }
    let mut runner = TestRunner::deterministic();
    for page in 0..PAGES {
        let mut text = || sql(&texts().new_tree(&mut runner).unwrap().current());
        let mut changes: String = (2..=MESSAGES + 1).fold(String::new(), |mut changes, seq| {
            let body = text();
            write!(changes, "UPDATE messages SET body = {body} WHERE seq = {seq} AND body <> '';").unwrap();
            changes
        });
        write!(changes, "UPDATE rooms SET title = {} WHERE is_group;", text()).unwrap();
        write!(changes, "UPDATE users SET name = {}, status = {};", text(), text()).unwrap();
        stage.sql(&changes).await;
        stage
            .messenger
            .people()
            .set_status(minsu.actor(), Status { is_busy: page % 2 == 0, ..Status::default() })
            .await
            .unwrap();
        for path in ["/".to_owned(), format!("/rooms/{room}"), format!("/?room={room}")] {
            let html = get(&stage, &minsu, &path).await;
            assert_eq!(parsed(&html), written(&html), "{path}");
        }
    }
}
