//! JSON: the picture as data, `rspp-gates.graph.v1`; `schemas/graph.v1.schema.json` is its schema.
//! Within v1 fields are only added.

use super::{Columns, Format, Kind, Node, Picture};
use serde::Serialize;

/// The name of this version of the form.
pub const SCHEMA_VERSION: &str = "rspp-gates.graph.v1";

/// The descriptor of this format.
pub(super) const FORMAT: Format = Format { name: "json", doc: "nodes and edges, for programs", render };

fn render(picture: &Picture) -> String {
    let graph = Graph {
        schema_version: SCHEMA_VERSION,
        profile: &picture.profile,
        nodes: picture.nodes.iter().enumerate().map(|(i, n)| node(i, n)).collect(),
        edges: picture.edges.iter().map(|e| EdgeJson { from: id(e.from), to: id(e.to), flow: e.flow.word() }).collect(),
    };
    // Texts and integers: nothing that serde_json refuses.
    let mut text = serde_json::to_string_pretty(&graph).unwrap_or_default();
    text.push('\n');
    text
}

fn id(number: usize) -> String {
    format!("n{number}")
}

#[derive(Serialize)]
struct Graph<'a> {
    schema_version: &'static str,
    profile: &'a str,
    nodes: Vec<NodeJson<'a>>,
    edges: Vec<EdgeJson>,
}

#[derive(Serialize, Default)]
struct NodeJson<'a> {
    id: String,
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<PlaceJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_columns: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gates: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selected: Option<bool>,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    file: &'a str,
    line: usize,
}

#[derive(Serialize)]
struct EdgeJson {
    from: String,
    to: String,
    flow: &'static str,
}

fn node(number: usize, node: &Node) -> NodeJson<'_> {
    let base = NodeJson {
        id: id(number),
        kind: node.kind.word(),
        name: &node.name,
        mark: node.mark.map(|m| m.word()),
        place: node.place.as_ref().map(|p| PlaceJson { file: &p.file, line: p.line }),
        ..NodeJson::default()
    };
    match &node.kind {
        Kind::Evidence { path, format, columns } => {
            let (all, names) = match columns {
                Columns::All => (true, None),
                Columns::Some(names) => (false, Some(names.as_slice())),
            };
            NodeJson { path: Some(path), format: Some(format), all_columns: Some(all), columns: names, ..base }
        }
        Kind::Pass { gates, values } => NodeJson { gates: Some(*gates), values: Some(*values), ..base },
        Kind::Gate { required, selected } => NodeJson { required: Some(*required), selected: Some(*selected), ..base },
        Kind::Artifact { path } => NodeJson { path: Some(path), ..base },
        Kind::View | Kind::Value | Kind::Index | Kind::Profile => base,
    }
}
