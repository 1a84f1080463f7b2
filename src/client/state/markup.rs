//! The little that people write with signs: **strong**, *emphasis*, `code`, code blocks, quotes, lists and
//! links, as a tree that is shown as it is. It never becomes HTML text, and what is no sign stays as written.

use crate::client::state::link;

/// Longer texts, or of more lines, are folded up until somebody wants to read them.
const FOLDED_CHARS: usize = 900;
const FOLDED_LINES: usize = 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Words as they are; the only one without children beside `Link`, `Code` and `Block`.
    Text,
    /// An http or https address, as it was written.
    Link,
    Strong,
    Emphasis,
    Code,
    /// Lines between ``` fences, with all their spaces.
    Block,
    /// Lines that begin with `>`.
    Quote,
    /// A line that begins with `-`, `*` or a number; its text is the sign to show.
    Item,
    /// Anything else: lines as they are.
    Lines,
}

/// A piece of a message: either text or children is empty, but for [`Kind::Item`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: Kind,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    fn leaf(kind: Kind, text: &str) -> Self {
        Self { kind, text: text.to_owned(), children: Vec::new() }
    }

    fn parent(kind: Kind, children: Vec<Self>) -> Self {
        Self { kind, text: String::new(), children }
    }
}

/// Whether a text is so long that only its beginning is shown at first.
pub fn is_long(text: &str) -> bool {
    text.lines().count() > FOLDED_LINES || text.chars().count() > FOLDED_CHARS
}

/// A text as blocks, in order.
pub fn markup(text: &str) -> Vec<Node> {
    let (mut blocks, mut run) = (Vec::new(), Vec::new());
    let lines: Vec<&str> = text.split('\n').collect();
    let mut at = 0;
    while at < lines.len() {
        let (block, next) = block_at(&lines, at);
        match block {
            Some(block) => {
                end_run(&mut run, &mut blocks);
                blocks.push(block);
            }
            None => run.push(lines[at]),
        }
        at = next;
    }
    end_run(&mut run, &mut blocks);
    blocks
}

/// Lines that are nothing else, with the empty ones around other blocks left out.
fn end_run(run: &mut Vec<&str>, blocks: &mut Vec<Node>) {
    let text = run.join("\n");
    run.clear();
    let text = text.trim_matches('\n');
    if !text.is_empty() {
        blocks.push(Node::parent(Kind::Lines, inline(text)));
    }
}

/// The block that begins in this line, and where the next one may.
fn block_at(lines: &[&str], at: usize) -> (Option<Node>, usize) {
    let line = lines[at];
    if line.starts_with("```") {
        let end = lines.iter().skip(at + 1).position(|line| line.trim_end() == "```").map(|end| at + 1 + end);
        if let Some(end) = end {
            return (Some(Node::leaf(Kind::Block, &lines[at + 1..end].join("\n"))), end + 1);
        }
    }
    if is_quoted(line) {
        let end = lines.iter().skip(at).position(|line| !is_quoted(line)).map_or(lines.len(), |end| at + end);
        let inner: Vec<&str> = lines[at..end].iter().map(|line| line[1..].trim_start_matches(' ')).collect();
        return (Some(Node::parent(Kind::Quote, inline(&inner.join("\n")))), end);
    }
    (item(line), at + 1)
}

fn is_quoted(line: &str) -> bool {
    line.starts_with("> ")
}

fn item(line: &str) -> Option<Node> {
    let (mark, rest) = line.trim_start_matches(' ').split_once(' ')?;
    let number = mark.strip_suffix('.').filter(|number| (1..=3).contains(&number.len()));
    let is_number = number.is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()));
    if rest.trim().is_empty() || !(is_number || mark == "-" || mark == "*") {
        return None;
    }
    let text = if is_number { mark } else { "•" };
    Some(Node { kind: Kind::Item, text: text.to_owned(), children: inline(rest) })
}

/// Signs within lines. What opens and is not closed in its line is no sign.
fn inline(text: &str) -> Vec<Node> {
    let (mut nodes, mut plain, mut at) = (Vec::new(), 0, 0);
    while at < text.len() {
        let before = text[..at].chars().next_back();
        let Some((node, length)) = sign_at(&text[at..], before) else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if plain < at {
            nodes.push(Node::leaf(Kind::Text, &text[plain..at]));
        }
        nodes.push(node);
        at += length;
        plain = at;
    }
    if plain < text.len() {
        nodes.push(Node::leaf(Kind::Text, &text[plain..]));
    }
    nodes
}

/// The node that begins here, and its length with its signs.
fn sign_at(rest: &str, before: Option<char>) -> Option<(Node, usize)> {
    let continues_word = before.is_some_and(link::is_letter);
    match rest.as_bytes()[0] {
        b'`' => between(rest, "`").map(|inner| (Node::leaf(Kind::Code, inner), inner.len() + 2)),
        b'*' if rest.starts_with("**") => {
            between(rest, "**").map(|inner| (Node::parent(Kind::Strong, inline(inner)), inner.len() + 4))
        }
        sign @ (b'*' | b'_') if !continues_word => {
            let inner = between(rest, if sign == b'*' { "*" } else { "_" })?;
            let after = rest[inner.len() + 2..].chars().next();
            let ends_word = !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '*');
            ends_word.then(|| (Node::parent(Kind::Emphasis, inline(inner)), inner.len() + 2))
        }
        b'h' | b'H' => link::length_at(rest, before).map(|length| (Node::leaf(Kind::Link, &rest[..length]), length)),
        _ => None,
    }
}

/// What stands between two of a sign in one line, without spaces at its ends.
fn between<'a>(rest: &'a str, sign: &str) -> Option<&'a str> {
    let inner = &rest[sign.len()..];
    let line = inner.split('\n').next().unwrap_or_default();
    let inner = &line[..line.find(sign)?];
    (!inner.is_empty() && inner.trim() == inner).then_some(inner)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A short way to write a tree: kinds with what is in them.
    fn shown(nodes: &[Node]) -> String {
        let one = |node: &Node| match node.kind {
            Kind::Text => node.text.clone(),
            kind => format!("{kind:?}({}{})", node.text, shown(&node.children)),
        };
        nodes.iter().map(one).collect()
    }

    #[test]
    fn signs_are_what_people_mean() {
        for (text, tree) in [
            ("**중요**합니다", "Lines(Strong(중요)합니다)"),
            ("*살짝* 또는 _이렇게_는", "Lines(Emphasis(살짝) 또는 Emphasis(이렇게)는)"),
            ("`a * b` 는", "Lines(Code(a * b) 는)"),
            ("**굵고 *기운* 글**", "Lines(Strong(굵고 Emphasis(기운) 글))"),
            ("> 인용\n> 둘째\n답", "Quote(인용\n둘째)Lines(답)"),
            ("- 하나\n- 둘\n1. 셋", "Item(•하나)Item(•둘)Item(1.셋)"),
            ("전\n```rust\n  let a;\n\n**x**\n```\n후", "Lines(전)Block(  let a;\n\n**x**)Lines(후)"),
            ("(https://a.kr/x_y_z) 봐요", "Lines((Link(https://a.kr/x_y_z)) 봐요)"),
            ("첫 줄\n\n셋째 줄", "Lines(첫 줄\n\n셋째 줄)"),
        ] {
            assert_eq!(shown(&markup(text)), tree, "{text}");
        }
    }

    #[test]
    fn what_is_no_sign_stays_as_written() {
        for text in [
            "2*3*4",
            "snake_case_name",
            "** 빈칸 **",
            "*",
            "**",
            "```",
            "```\n열린 채",
            "a * b * c",
            "-",
            "- ",
            "1.5 배",
            ">",
            "`",
            "_a_b",
            "*줄을\n넘는* 것",
        ] {
            let tree = markup(text);
            assert!(
                tree.iter()
                    .all(|node| node.kind == Kind::Lines && node.children.iter().all(|node| node.kind == Kind::Text)),
                "{text}: {tree:?}"
            );
        }
    }

    #[test]
    fn long_texts_are_folded() {
        assert!(!is_long(&"가".repeat(900)) && is_long(&"가".repeat(901)));
        assert!(!is_long(&"x\n".repeat(18)) && is_long(&"x\n".repeat(19)));
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "([*_`>~-]|https?://|[a가1. \n]){0,60}") {
            fn words(nodes: &[Node]) -> String {
                nodes.iter().map(|node| format!("{}{}", node.text, words(&node.children))).collect()
            }
            let kept = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assume!(!text.contains("```"));
            prop_assert_eq!(kept(&words(&markup(&text))), kept(&text));
        }
    }
}
