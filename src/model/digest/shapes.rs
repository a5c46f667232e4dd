//! Types, shapes and evidence in the canonical form. Names of declared types are left out: what
//! they hold counts.

use super::exprs::literal;
use super::form::{Node, array, number, object, quoted, sorted};
use super::writer::Writer;
use crate::data::{EnumType, RecordType, Type};
use crate::model::{
    Contract, DurationUnit, EnumReading, EvidenceDefinition, EvidenceFiles, EvidenceId, EvidenceShape, Expr, ExprKind,
    FieldShape, Freshness, InstantEncoding, LocalId, NamedShape, Openness, OptionalEvidence, PairedSchema, Reading,
    RecordShape, Rule, Shape, ShapeId, SourceKind, TextReading, VersionRule,
};
use std::collections::BTreeSet;
use std::sync::Arc;

impl<'p> Writer<'p> {
    /// A type.
    pub(super) fn ty(&mut self, ty: &'p Type) -> String {
        let node = match ty {
            Type::Unknown => return quoted("unknown"),
            Type::Never => return quoted("nothing"),
            Type::Bool => return quoted("bool"),
            Type::Int => return quoted("int"),
            Type::Decimal => return quoted("decimal"),
            Type::Ratio => return quoted("ratio"),
            Type::Instant => return quoted("instant"),
            Type::String => return quoted("string"),
            Type::Version => return quoted("version"),
            Type::Json => return quoted("json"),
            Type::Quantity(d) => {
                Node::new("quantity").with("time", d.time.to_string()).with("data", d.data.to_string())
            }
            Type::Enum(ty) => return self.enum_type(ty),
            Type::Record(record) => return self.record_type(record),
            Type::List(element) => Node::new("list of").with("of", self.ty(element)),
            Type::Map(key, value) => Node::new("map of").with("key", self.ty(key)).with("of", self.ty(value)),
            Type::Optional(inner) => Node::new("optional").with("of", self.ty(inner)),
        };
        self.part(node)
    }

    fn record_type(&mut self, record: &'p Arc<RecordType>) -> String {
        if let Some(known) = self.records.get(&Arc::as_ptr(record)) {
            return known.clone();
        }
        let fields = record.fields.iter().map(|f| array(vec![quoted(&f.name), self.ty(&f.ty)])).collect();
        let text = self.part(Node::new("record of").list("fields", fields));
        self.records.insert(Arc::as_ptr(record), text.clone());
        text
    }

    fn enum_type(&mut self, ty: &'p Arc<EnumType>) -> String {
        if let Some(known) = self.enums.get(&Arc::as_ptr(ty)) {
            return known.clone();
        }
        let EnumType { name: _, members, otherwise } = &**ty;
        let member = |m: &crate::data::EnumMember| {
            // As the reader takes it: a word without spellings is spelt as it is named.
            let spellings = if m.spellings.is_empty() { std::slice::from_ref(&m.name) } else { &m.spellings };
            array(vec![quoted(&m.name), array(spellings.iter().map(|s| quoted(s)).collect())])
        };
        let node = Node::new("enum").list("words", members.iter().map(member).collect());
        let text = self.part(node.with_some("otherwise", otherwise.map(|o| o.to_string())));
        self.enums.insert(Arc::as_ptr(ty), text.clone());
        text
    }

    /// A shape: how data is read and what is demanded of it.
    pub(super) fn shape(&mut self, shape: &'p Shape) -> String {
        let node = match shape {
            Shape::Bool => Node::new("read bool"),
            Shape::Int => Node::new("read int"),
            Shape::Decimal => Node::new("read decimal"),
            Shape::Bytes => Node::new("read bytes"),
            Shape::Version => Node::new("read version"),
            Shape::Json => Node::new("read json"),
            Shape::Ratio { percent } => Node::new("read ratio").flag("percent", *percent),
            Shape::Duration(unit) => counted(Node::new("read duration"), *unit),
            Shape::Instant(InstantEncoding::Epoch(unit)) => counted(Node::new("read instant"), *unit),
            Shape::Instant(InstantEncoding::Rfc3339) => Node::new("read rfc3339"),
            Shape::Text(reading) => prepared(Node::new("read text"), *reading),
            Shape::Enum(EnumReading { ty, reading }) => {
                prepared(Node::new("read enum").with("enum", self.enum_type(ty)), *reading)
            }
            Shape::Record(record) => return self.record_shape(record),
            Shape::List(element) => Node::new("read list").with("of", self.shape(element)),
            Shape::Map(key, value) => Node::new("read map").with("key", self.shape(key)).with("of", self.shape(value)),
            Shape::Named(id) => return self.named_shape(*id),
            Shape::Refined(refinement) => {
                let of = self.shape(&refinement.base);
                Node::new("read refined")
                    .with("of", of)
                    .with("holds", self.under(refinement.this, &refinement.condition))
            }
            Shape::Optional(inner) => Node::new("read optional").with("of", self.shape(inner)),
        };
        self.part(node)
    }

    fn named_shape(&mut self, id: ShapeId) -> String {
        if let Some(known) = self.shapes.get(&id.0) {
            return known.clone();
        }
        let nothing = Node::new("nothing").text();
        // Shapes do not contain themselves; this only guards against a policy that was not checked.
        self.shapes.insert(id.0, nothing.clone());
        let text = match self.policy.shapes.get(id.index()) {
            Some(named) => {
                let NamedShape { name: _, span: _, doc: _, shape, ty: _, contract } = named;
                let of = self.shape(shape);
                match contract {
                    Some(Contract { schema: Some(PairedSchema { name, span: _ }) }) => {
                        let schema = self.schema(name);
                        self.part(Node::new("read paired").with("of", of).with("schema", schema))
                    }
                    Some(Contract { schema: None }) | None => of,
                }
            }
            None => nothing,
        };
        self.shapes.insert(id.0, text.clone());
        text
    }

    /// A JSON Schema, by its name and the files that it is made of.
    pub(super) fn schema(&self, name: &str) -> String {
        let files = self.policy.schemas.get(name).map(|schema| &schema.files);
        let files = files.into_iter().flatten().map(|(path, digest)| (&**path, quoted(&digest.to_string())));
        Node::new("schema").with("name", quoted(name)).with("files", object(files)).text()
    }

    fn record_shape(&mut self, record: &'p Arc<RecordShape>) -> String {
        if let Some(known) = self.record_shapes.get(&Arc::as_ptr(record)) {
            return known.clone();
        }
        // Advice is told beside faults and decides nothing.
        let RecordShape { ty: _, open, fields, rules, advice: _, this } = &**record;
        let fields = fields.iter().map(|f| self.field_shape(f)).collect();
        let rule = |rule: &'p Rule| {
            let Rule { name, span: _, condition, source: _, message } = rule;
            let node = Node::new("rule").with("name", quoted(name)).with("holds", self.under(*this, condition));
            let bound = self.bound.len();
            self.bound.push(*this);
            // A name in force changes how the others are written, so it is put in only where it is named.
            let named = |item: &LocalId| message.iter().flat_map(|m| m.values()).any(|v| names(v, *item));
            self.bound.extend(super::gates::witness(condition).filter(named));
            let message = message.as_ref().map(|m| self.message(m));
            self.bound.truncate(bound);
            self.part(node.with_some("message", message))
        };
        let rules = rules.iter().map(rule).collect();
        let node = Node::new("read record").flag("open", *open != Openness::Closed);
        let node = node.flag("everywhere", *open == Openness::Everywhere).list("fields", fields).list("rules", rules);
        let text = self.part(node);
        self.record_shapes.insert(Arc::as_ptr(record), text.clone());
        text
    }

    fn field_shape(&mut self, field: &'p FieldShape) -> String {
        let FieldShape { name, span: _, doc: _, shape, ty, reading } = field;
        let Reading { key, nullable, lenient, default, sentinels, from, whole } = reading;
        let node = Node::new("read field").with("name", quoted(name)).with("as", self.shape(shape));
        let node = node.flag("key", *key).flag("nullable", *nullable).flag("lenient", *lenient).flag("whole", *whole);
        let node = node.with_some("default", default.as_ref().map(|d| literal(d, ty)));
        let node = node.list("sentinels", sentinels.iter().map(|s| literal(s, ty)).collect());
        let node = node.list("from", from.iter().map(|path| texts(path)).collect());
        self.part(node)
    }

    /// What texts of faults take from the policy: names of enums and refined types inside of a shape, and
    /// conditions as they are written, in order of first mention.
    pub(super) fn names_in(&self, shape: &'p Shape) -> Vec<Arc<str>> {
        let mut names = Names { writer: self, seen: BTreeSet::new(), found: Vec::new() };
        names.shape(shape);
        names.found
    }

    /// An evidence in force: where it lies, what is demanded of it.
    pub(super) fn evidence(&mut self, id: EvidenceId) -> String {
        if let Some(known) = self.evidence.get(&id.0) {
            return known.clone();
        }
        let text = match self.evidence_in_force(id.index()) {
            Some(definition) => {
                let node = self.evidence_node(definition);
                self.part(node)
            }
            None => Node::new("nothing").text(),
        };
        self.evidence.insert(id.0, text.clone());
        text
    }

    fn evidence_node(&mut self, definition: &'p EvidenceDefinition) -> Node {
        let EvidenceDefinition {
            name: _,
            span: _,
            doc: _,
            files,
            format,
            format_options,
            rows_at,
            judge_each_file,
            version,
            fresh,
            source,
            schema,
            optional,
            shape,
            ty: _,
            clauses: _,
        } = definition;
        let node = Node::new("evidence").with("format", quoted(format));
        let node = match files {
            EvidenceFiles::Path(path) => node.with("path", quoted(path)),
            EvidenceFiles::Pattern(pattern) => node.with("files", quoted(pattern)),
        };
        let options = format_options.iter().map(|(name, value)| (&**name, quoted(value)));
        let node = node.with_some("options", (!format_options.is_empty()).then(|| object(options)));
        let node = node.with_some("rows_at", rows_at.as_ref().map(|p| quoted(p)));
        let node = node.flag("judge_each_file", *judge_each_file);
        let schema = schema.as_ref().map(|name| self.schema(name));
        let node = node.with_some("schema", schema);
        let version = version.as_ref().map(|VersionRule { accepted, at }| {
            let accepted = sorted(accepted.iter().map(|t| quoted(t)).collect());
            Node::new("version").list("accepted", accepted).list("at", at.iter().map(|k| quoted(k)).collect()).text()
        });
        let fresh = fresh.as_ref().map(|Freshness { within, of, ahead }| {
            let node = Node::new("fresh").with("within", self.expr(within)).with("ahead", self.expr(ahead));
            let node = node.list("of", of.iter().map(|k| quoted(k)).collect());
            self.part(node)
        });
        let node = node.with_some("version", version).with_some("fresh", fresh);
        let (said, possible): (_, &[&str]) = match source {
            SourceKind::Fixed(kind) => (Some(quoted(kind)), &[&**kind]),
            SourceKind::From(path) => (Some(texts(path)), &SourceKind::KINDS),
            SourceKind::Unsaid => (None, &SourceKind::KINDS[..1]),
        };
        // Of the kinds that the profile accepts, those that this evidence can be.
        let accepted = possible.iter().filter(|k| self.accepts(k)).map(|k| quoted(k)).collect();
        let node = node.with_some("source", said).list("sources", accepted);
        let node = match optional {
            OptionalEvidence::Required => node,
            OptionalEvidence::Always => node.with("optional", "true"),
            OptionalEvidence::Until(instant) => node.with("optional", number(*instant)),
        };
        match shape {
            EvidenceShape::Rows(shape) => node.with("row", self.shape(shape)),
            EvidenceShape::Document(shape) => node.with("document", self.shape(shape)),
        }
    }
}

fn names(expr: &Expr, local: LocalId) -> bool {
    expr.any(&mut |e| matches!(&*e.kind, ExprKind::Local(l) if *l == local))
}

fn texts(texts: &[Arc<str>]) -> String {
    array(texts.iter().map(|t| quoted(t)).collect())
}

fn counted(node: Node, unit: DurationUnit) -> Node {
    node.with("unit", format!("\"{}\"", unit.scale)).flag("round", unit.round)
}

fn prepared(node: Node, reading: TextReading) -> Node {
    node.flag("trim", reading.trim).flag("fold", reading.fold)
}

struct Names<'w, 'p> {
    writer: &'w Writer<'p>,
    seen: BTreeSet<ShapeId>,
    found: Vec<Arc<str>>,
}

impl Names<'_, '_> {
    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Bool
            | Shape::Int
            | Shape::Decimal
            | Shape::Ratio { .. }
            | Shape::Duration(_)
            | Shape::Instant(_)
            | Shape::Bytes
            | Shape::Text(_)
            | Shape::Version
            | Shape::Json => {}
            Shape::Enum(reading) => self.name(&reading.ty.name),
            Shape::Refined(refinement) => {
                self.name(&refinement.name);
                self.name(&refinement.source);
                self.shape(&refinement.base);
            }
            Shape::Record(record) => {
                record.fields.iter().for_each(|f| self.shape(&f.shape));
                record.rules.iter().filter(|r| r.message.is_none()).for_each(|r| self.name(&r.source));
            }
            Shape::List(inner) | Shape::Optional(inner) => self.shape(inner),
            Shape::Map(key, value) => {
                self.shape(key);
                self.shape(value);
            }
            Shape::Named(id) => {
                if self.seen.insert(*id)
                    && let Some(named) = self.writer.policy.shapes.get(id.index())
                {
                    self.shape(&named.shape);
                }
            }
        }
    }

    fn name(&mut self, name: &Arc<str>) {
        if !self.found.contains(name) {
            self.found.push(name.clone());
        }
    }
}
