//! Graphviz: `rspp-gates graph mvp | dot -Tsvg -o mvp.svg`.

use super::{Flow, Format, Kind, LEGEND, Node, Picture, label, short};
use crate::plan::Mark;
use std::fmt::Write as _;

/// The descriptor of this format.
pub(super) const FORMAT: Format = Format { name: "dot", doc: "for Graphviz: `dot -Tsvg`", render };

fn render(picture: &Picture) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "digraph {} {{", quoted(&[short(&picture.profile)]));
    out.push_str(
        "  rankdir=LR\n  node [fontname=\"Helvetica\" fontsize=11]\n  edge [fontname=\"Helvetica\" fontsize=9]\n",
    );
    for (number, node) in picture.nodes.iter().enumerate() {
        let _ = writeln!(out, "  n{number} [label={} {}]", quoted(&label(node)), look(node));
    }
    for edge in &picture.edges {
        let _ = writeln!(out, "  n{} -> n{}{}", edge.from, edge.to, arrow(edge.flow));
    }
    out.push_str("  subgraph cluster_legend {\n    label=\"Legend\"\n    fontname=\"Helvetica\"\n    color=grey\n");
    for (kind, words) in LEGEND {
        let _ = writeln!(out, "    legend_{kind} [label={} {}]", quoted(&[words.to_owned()]), shape(kind));
    }
    let _ = writeln!(out, "    legend_streaming [label=\"streaming: rows pass by\" shape=box style=dashed]");
    let _ = writeln!(
        out,
        "    legend_held [label=\"materialised: held in memory\" shape=box style=\"filled\" fillcolor=lightgrey]"
    );
    out.push_str("  }\n}\n");
    out
}

fn look(node: &Node) -> String {
    let style = match node.mark {
        Some(Mark::Materialised) => " style=filled fillcolor=lightgrey",
        Some(Mark::Streaming) => " style=dashed",
        None => "",
    };
    match &node.kind {
        Kind::Profile => format!("shape=doubleoctagon{style}"),
        kind => format!("{}{style}", shape(kind.word())),
    }
}

fn shape(kind: &str) -> &'static str {
    match kind {
        "evidence" => "shape=cylinder",
        "view" => "shape=box",
        "value" => "shape=hexagon",
        "index" => "shape=box3d",
        "artifact" => "shape=note",
        "pass" => "shape=cds penwidth=2 color=steelblue",
        _ => "shape=oval",
    }
}

fn arrow(flow: Flow) -> &'static str {
    match flow {
        Flow::Reads => "",
        Flow::Walks => " [color=steelblue penwidth=1.5]",
        Flow::Result => " [label=\"result\"]",
        Flow::Needs => " [label=\"needs\" style=dashed]",
        Flow::Answers => " [color=grey]",
    }
}

/// Lines as a quoted text. Inside of one, Graphviz reads a backslash as the start of an escape
/// (`\n`, `\N`, `\G`), so each is doubled.
fn quoted(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|l| l.replace('\\', "\\\\").replace('"', "\\\"")).collect();
    format!("\"{}\"", lines.join("\\n"))
}
