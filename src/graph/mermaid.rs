//! Mermaid: the text that GitHub, GitLab and many wikis draw inside of a page.

use super::{Flow, Format, Kind, LEGEND, Node, Picture, label};
use crate::plan::Mark;
use std::fmt::Write as _;

/// The descriptor of this format.
pub(super) const FORMAT: Format =
    Format { name: "mermaid", doc: "for pages of GitHub, GitLab and wikis: a block of the language `mermaid`", render };

fn render(picture: &Picture) -> String {
    let mut out = String::from("flowchart LR\n");
    for (number, node) in picture.nodes.iter().enumerate() {
        let (open, close) = brackets(node.kind.word());
        let _ = writeln!(out, "  n{number}{open}\"{}\"{close}{}", text(&label(node)), class(node));
    }
    for edge in &picture.edges {
        let _ = writeln!(out, "  n{} {} n{}", edge.from, arrow(edge.flow), edge.to);
    }
    out.push_str("  subgraph legend [\"Legend\"]\n");
    for (kind, words) in LEGEND {
        let (open, close) = brackets(kind);
        let _ = writeln!(out, "    legend_{kind}{open}\"{}\"{close}", text(&[words.to_owned()]));
    }
    out.push_str("    legend_streaming[\"streaming: rows pass by\"]:::streaming\n");
    out.push_str("    legend_held[\"materialised: held in memory\"]:::held\n  end\n");
    out.push_str("  classDef streaming stroke-dasharray:4 3\n  classDef held fill:#ddd,color:#000\n");
    out.push_str("  classDef pass stroke:#4682b4,stroke-width:3px\n");
    out
}

fn brackets(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "evidence" => ("[(", ")]"),
        "view" => ("[", "]"),
        "value" => ("{{", "}}"),
        "index" => ("[[", "]]"),
        "artifact" => ("[/", "\\]"),
        "pass" => (">", "]"),
        "profile" => ("[/", "/]"),
        _ => ("([", "])"),
    }
}

fn class(node: &Node) -> &'static str {
    match (&node.kind, node.mark) {
        (Kind::Pass { .. }, _) => ":::pass",
        (_, Some(Mark::Streaming)) => ":::streaming",
        (_, Some(Mark::Materialised)) => ":::held",
        (_, None) => "",
    }
}

fn arrow(flow: Flow) -> &'static str {
    match flow {
        Flow::Reads | Flow::Answers => "-->",
        Flow::Walks => "==>",
        Flow::Result => "-- result -->",
        Flow::Needs => "-. needs .->",
    }
}

/// Lines as the inside of a quoted label. Whatever could end the text, start an entity, a tag or
/// Markdown is written as a numeric entity, in Mermaid's spelling.
fn text(lines: &[String]) -> String {
    let escaped = |line: &String| {
        let mut out = String::with_capacity(line.len());
        for c in line.chars() {
            if c.is_alphanumeric() || " .,:()/=+-_'…".contains(c) {
                out.push(c);
            } else {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
        out
    };
    lines.iter().map(escaped).collect::<Vec<_>>().join("<br/>")
}
