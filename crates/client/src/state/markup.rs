//! Parses the markup of messages: **strong**, *emphasis*, `code`, code blocks, quotes, lists, links and mentions. The
//! result is a tree that becomes elements, never HTML text; all other text stays as written.

use crate::state::{
    link,
    mention::{MentionMark, name_at},
};

/// Texts above one of these limits are initially folded.
const FOLDED_CHARS: usize = 900;
const FOLDED_LINES: usize = 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Plain text. Only `Text`, `Link`, `Mention`, `MyMention`, `Code` and `Block` have no children.
    Text,
    /// An http or https address, as written.
    Link,
    /// "@" and the name of a mentioned user.
    Mention,
    /// The same, for this user.
    MyMention,
    Strong,
    Emphasis,
    Code,
    /// Lines between ``` fences, with their spaces.
    Block,
    /// Lines that begin with `>`.
    Quote,
    /// A line that begins with `-`, `*` or a number; `text` is the bullet to show.
    Item,
    /// All other lines.
    Lines,
}

/// A node: either `text` or `children` is empty, except for [`NodeKind::Item`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: NodeKind,
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    fn leaf(kind: NodeKind, text: &str) -> Self {
        Self { kind, text: text.to_owned(), children: Vec::new() }
    }

    fn parent(kind: NodeKind, children: Vec<Self>) -> Self {
        Self { kind, text: String::new(), children }
    }
}

/// Whether a text is initially folded.
pub fn is_long(text: &str) -> bool {
    text.lines().count() > FOLDED_LINES || text.chars().count() > FOLDED_CHARS
}

/// The blocks of a text, in order; `marks`: the names that it mentions.
pub fn markup(text: &str, marks: &[MentionMark]) -> Vec<Node> {
    let (mut blocks, mut run) = (Vec::new(), Vec::new());
    let lines: Vec<&str> = text.split('\n').collect();
    let mut at = 0;
    while at < lines.len() {
        let (block, next) = block_at(&lines, at, marks);
        match block {
            Some(block) => {
                end_run(&mut run, &mut blocks, marks);
                blocks.push(block);
            }
            None => run.push(lines[at]),
        }
        at = next;
    }
    end_run(&mut run, &mut blocks, marks);
    blocks
}

/// A block of plain lines, without the empty ones next to other blocks.
fn end_run(run: &mut Vec<&str>, blocks: &mut Vec<Node>, marks: &[MentionMark]) {
    let text = run.join("\n");
    run.clear();
    let text = text.trim_matches('\n');
    if !text.is_empty() {
        blocks.push(Node::parent(NodeKind::Lines, inline(text, marks)));
    }
}

/// The block that begins at a line, and the line at which the next one may begin.
fn block_at(lines: &[&str], at: usize, marks: &[MentionMark]) -> (Option<Node>, usize) {
    let line = lines[at];
    if line.starts_with("```") {
        let end = lines.iter().skip(at + 1).position(|line| line.trim_end() == "```").map(|end| at + 1 + end);
        if let Some(end) = end {
            return (Some(Node::leaf(NodeKind::Block, &lines[at + 1..end].join("\n"))), end + 1);
        }
    }
    if is_quoted(line) {
        let end = lines.iter().skip(at).position(|line| !is_quoted(line)).map_or(lines.len(), |end| at + end);
        let inner: Vec<&str> = lines[at..end].iter().map(|line| line[1..].trim_start_matches(' ')).collect();
        return (Some(Node::parent(NodeKind::Quote, inline(&inner.join("\n"), marks))), end);
    }
    (item(line, marks), at + 1)
}

fn is_quoted(line: &str) -> bool {
    line.starts_with("> ")
}

fn item(line: &str, marks: &[MentionMark]) -> Option<Node> {
    let (mark, rest) = line.trim_start_matches(' ').split_once(' ')?;
    let number = mark.strip_suffix('.').filter(|number| (1..=3).contains(&number.len()));
    let is_number = number.is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()));
    if rest.trim().is_empty() || !(is_number || mark == "-" || mark == "*") {
        return None;
    }
    let text = if is_number { mark } else { "•" };
    Some(Node { kind: NodeKind::Item, text: text.to_owned(), children: inline(rest, marks) })
}

/// Parses inline markup. A sign without its counterpart in the same line is plain text.
fn inline(text: &str, marks: &[MentionMark]) -> Vec<Node> {
    let (mut nodes, mut plain, mut at) = (Vec::new(), 0, 0);
    while at < text.len() {
        let before = text[..at].chars().next_back();
        let Some((node, length)) = sign_at(&text[at..], before, marks) else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if plain < at {
            nodes.push(Node::leaf(NodeKind::Text, &text[plain..at]));
        }
        nodes.push(node);
        at += length;
        plain = at;
    }
    if plain < text.len() {
        nodes.push(Node::leaf(NodeKind::Text, &text[plain..]));
    }
    nodes
}

/// The node at the start of a text, and its length including its signs.
fn sign_at(rest: &str, before: Option<char>, marks: &[MentionMark]) -> Option<(Node, usize)> {
    let continues_word = before.is_some_and(link::is_letter);
    match rest.as_bytes()[0] {
        b'`' => between(rest, "`").map(|inner| (Node::leaf(NodeKind::Code, inner), inner.len() + 2)),
        b'*' if rest.starts_with("**") => {
            between(rest, "**").map(|inner| (Node::parent(NodeKind::Strong, inline(inner, marks)), inner.len() + 4))
        }
        sign @ (b'*' | b'_') if !continues_word => {
            let inner = between(rest, if sign == b'*' { "*" } else { "_" })?;
            let after = rest[inner.len() + 2..].chars().next();
            let ends_word = !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '*');
            ends_word.then(|| (Node::parent(NodeKind::Emphasis, inline(inner, marks)), inner.len() + 2))
        }
        b'@' => mention_at(rest, before, marks),
        b'h' | b'H' => {
            link::length_at(rest, before).map(|length| (Node::leaf(NodeKind::Link, &rest[..length]), length))
        }
        _ => None,
    }
}

fn mention_at(rest: &str, before: Option<char>, marks: &[MentionMark]) -> Option<(Node, usize)> {
    let name = name_at(rest, before, marks.iter().map(|mark| mark.name.as_str()))?;
    let is_mine = marks.iter().any(|mark| mark.is_mine && mark.name == name);
    let length = '@'.len_utf8() + name.len();
    let kind = if is_mine { NodeKind::MyMention } else { NodeKind::Mention };
    Some((Node::leaf(kind, &rest[..length]), length))
}

/// The text between two signs in one line, which has no spaces at its ends.
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

    /// A short notation of a tree: kinds with their content.
    fn shown(nodes: &[Node]) -> String {
        let one = |node: &Node| match node.kind {
            NodeKind::Text => node.text.clone(),
            kind => format!("{kind:?}({}{})", node.text, shown(&node.children)),
        };
        nodes.iter().map(one).collect()
    }

    #[test]
    fn markup_becomes_nodes() {
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
            assert_eq!(shown(&markup(text, &[])), tree, "{text}");
        }
    }

    #[test]
    fn text_that_is_no_markup_stays_as_written() {
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
            let tree = markup(text, &[]);
            assert!(
                tree.iter()
                    .all(|node| node.kind == NodeKind::Lines
                        && node.children.iter().all(|node| node.kind == NodeKind::Text)),
                "{text}: {tree:?}"
            );
        }
    }

    #[test]
    fn only_the_mentioned_are_marked() {
        let mark = |name: &str, is_mine| MentionMark { name: name.into(), is_mine };
        let marks = [mark("김민수", false), mark("나", true)];
        let shown = |text| shown(&markup(text, &marks));
        assert_eq!(shown("**@김민수님**, @나 `@나`"), "Lines(Strong(Mention(@김민수)님), MyMention(@나) Code(@나))");
        assert_eq!(shown("@이영희 x@나"), "Lines(@이영희 x@나)");
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
            prop_assert_eq!(kept(&words(&markup(&text, &[]))), kept(&text));
        }
    }
}
