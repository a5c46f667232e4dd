//! Shapes as schemas: what reading accepts, keyword by keyword.

use super::emit;
use super::formula::Formula;
use super::texts::{self, INSTANT, VERSION, Words};
use super::{Definition, Gap, Keywords, Unsayable, Writer, keyword, schema};
use crate::data::{Type, Value, print};
use crate::eval::decode::may_be_absent;
use crate::model::{
    EnumReading, Expr, ExprKind, FieldShape, InstantEncoding, LocalId, Openness, RecordShape, Refinement, Shape,
    ShapeId,
};
use serde_json::Value as Out;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Tests that the rules of one definition may come to. A validator looks at each of them.
const MAX_TESTS: usize = 3_000;

/// What one definition does not say.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    gaps: BTreeMap<(&'static str, String, String), BTreeSet<String>>,
    /// It refers to a definition that does not say everything.
    inherited: bool,
    /// Tests of rules so far.
    tests: usize,
}

impl Gaps {
    fn add(&mut self, kind: &'static str, name: &str, why: &str, at: impl IntoIterator<Item = String>) {
        self.gaps.entry((kind, name.to_owned(), why.to_owned())).or_default().extend(at);
    }

    fn reading(&mut self, name: &str, why: &str, at: &str) {
        self.add("reading", name, why, [at.to_owned()]);
    }

    /// Whether nothing is left unsaid.
    pub(super) fn none(&self) -> bool {
        self.gaps.is_empty() && !self.inherited
    }

    fn list(self) -> Vec<Gap> {
        self.gaps.into_iter().map(|((kind, name, why), at)| Gap { kind, name, at, why }).collect()
    }
}

const WHOLE: &str = "`1.0` and `1e2` are refused, and a schema cannot tell them from `1` and `100`; numbers of more \
                     than 128 bits are refused as well";
const DIGITS: &str = "a number that does not fit into exact arithmetic (128 bits) is refused";
const CALENDAR: &str = "an offset that leads out of the years 0000 to 9999 is refused";
const VERSIONS: &str = "a version with a number of more than 64 bits is refused";
const SAME_KEYS: &str = "two keys that read as the same are refused";

impl<'p> Writer<'p> {
    /// The reference to a named shape, which is defined if it was not yet.
    pub(super) fn reference(&mut self, id: ShapeId, open: bool) -> Arc<str> {
        let open = open && self.has_records(&Shape::Named(id));
        if let Some(name) = self.names.get(&(id, open)) {
            let name = name.clone();
            if self.definitions.contains_key(&name) {
                return name;
            }
        }
        let policy = &self.policy.policy;
        let Some(named) = policy.shapes.get(id.index()) else { return "".into() };
        let known = self.names.get(&(id, open)).cloned();
        let name = known.unwrap_or_else(|| self.fresh(&named.name, open));
        self.names.insert((id, open), name.clone());
        // Shapes do not contain themselves; this only guards against a policy that was not checked.
        self.definitions.insert(name.clone(), Definition { keywords: Keywords::new(), exact: false });
        let mut definition = self.definition(&named.shape, named.doc.as_deref(), open);
        // What else the schema asks for that it is paired with is not known here.
        definition.exact &= named.schema().is_none();
        self.definitions.insert(name.clone(), definition);
        name
    }

    /// A name that is not taken.
    fn fresh(&self, name: &str, open: bool) -> Arc<str> {
        let name = if open { format!("{name}_open") } else { name.to_owned() };
        let taken = |name: &str| self.definitions.contains_key(name) || self.names.values().any(|n| **n == *name);
        let mut candidates = (2..).map(|n| format!("{name}_{n}"));
        match taken(&name) {
            false => name.into(),
            true => candidates.find(|c| !taken(c)).unwrap_or(name).into(),
        }
    }

    fn definition(&mut self, shape: &'p Shape, doc: Option<&str>, open: bool) -> Definition {
        let mut gaps = Gaps::default();
        let body = self.shape(shape, open, "", &mut gaps);
        let mut keywords = Keywords::new();
        if let Some(doc) = doc {
            keywords.insert("description".to_owned(), doc.into());
        }
        let exact = gaps.none();
        keywords.extend(body);
        let listed: Vec<Out> = gaps.list().into_iter().map(gap).collect();
        if !listed.is_empty() {
            keywords.insert(super::UNTRANSLATED.to_owned(), listed.into());
        }
        Definition { keywords, exact }
    }

    /// Whether a record is read somewhere inside of a shape.
    fn has_records(&self, shape: &Shape) -> bool {
        match shape {
            Shape::Record(_) => true,
            Shape::Named(id) => {
                self.policy.policy.shapes.get(id.index()).is_some_and(|named| self.has_records(&named.shape))
            }
            Shape::List(inner) | Shape::Optional(inner) => self.has_records(inner),
            Shape::Map(_, value) => self.has_records(value),
            Shape::Refined(refinement) => self.has_records(&refinement.base),
            _ => false,
        }
    }

    /// What a shape accepts. `at` is where it stands in the definition.
    pub(super) fn shape(&mut self, shape: &'p Shape, open: bool, at: &str, gaps: &mut Gaps) -> Keywords {
        let typed = |name: &str| keyword("type", name);
        match shape {
            Shape::Bool => typed("boolean"),
            Shape::Int | Shape::Bytes => {
                gaps.reading("whole number", WHOLE, at);
                typed("integer")
            }
            Shape::Duration(unit) | Shape::Instant(InstantEncoding::Epoch(unit)) if !unit.round => {
                gaps.reading("whole number", WHOLE, at);
                typed("integer")
            }
            Shape::Decimal | Shape::Ratio { .. } | Shape::Duration(_) | Shape::Instant(InstantEncoding::Epoch(_)) => {
                gaps.reading("number", DIGITS, at);
                typed("number")
            }
            Shape::Instant(InstantEncoding::Rfc3339) => {
                gaps.reading("instant", CALENDAR, at);
                emit::merged(typed("string"), keyword("pattern", INSTANT))
            }
            Shape::Text(_) => typed("string"),
            Shape::Version => {
                gaps.reading("version", VERSIONS, at);
                emit::merged(typed("string"), keyword("pattern", VERSION))
            }
            Shape::Json => Keywords::new(),
            Shape::Enum(how) => self.enumeration(how, at, gaps),
            Shape::Record(record) => self.record(shape, record, open, at, gaps),
            Shape::List(element) => {
                let items = self.element(element, open, &format!("{at}/*"), gaps);
                let mut out = typed("array");
                if !items.is_empty() {
                    out.insert("items".to_owned(), Out::Object(items));
                }
                out
            }
            Shape::Map(key, value) => self.map(key, value, open, at, gaps),
            Shape::Named(id) => {
                let name = self.reference(*id, open);
                gaps.inherited |= !self.definitions.get(&name).is_some_and(|d| d.exact);
                keyword("$ref", format!("#/$defs/{}", pointer_step(&name)))
            }
            Shape::Refined(refinement) => {
                let base = self.shape(&refinement.base, open, at, gaps);
                self.refined(base, refinement, open, at, gaps)
            }
            Shape::Optional(inner) => self.shape(inner, open, at, gaps),
        }
    }

    fn enumeration(&mut self, how: &EnumReading, at: &str, gaps: &mut Gaps) -> Keywords {
        let declared = self.policy.policy.enums.get(&how.ty.name).filter(|e| Arc::ptr_eq(&e.item, &how.ty));
        let words = self.words(how, at, gaps);
        let Some(declared) = declared.filter(|_| texts::plain(how.reading)) else { return words };
        let name = how.ty.name.clone();
        if self.names.values().any(|taken| *taken == name) {
            return words;
        }
        let mut keywords = Keywords::new();
        if let Some(doc) = &declared.doc {
            keywords.insert("description".to_owned(), Out::from(&**doc));
        }
        keywords.extend(words);
        let reference = keyword("$ref", format!("#/$defs/{}", pointer_step(&name)));
        self.definitions.entry(name).or_insert(Definition { keywords, exact: true });
        reference
    }

    fn words(&self, how: &EnumReading, at: &str, gaps: &mut Gaps) -> Keywords {
        match texts::words(how, &|_| true) {
            Ok(Words::Are(words)) => keyword("enum", words),
            Ok(Words::Meet(pattern)) => emit::merged(keyword("type", "string"), pattern),
            Ok(Words::Any) => keyword("type", "string"),
            Err(Unsayable(why)) => {
                gaps.reading("word", &why, at);
                keyword("type", "string")
            }
        }
    }

    /// What an element of a list or a value of a map may be: `null` too, where one may be missing.
    fn element(&mut self, shape: &'p Shape, open: bool, at: &str, gaps: &mut Gaps) -> Keywords {
        let keywords = self.shape(shape, open, at, gaps);
        match shape {
            Shape::Optional(inner) if !matches!(**inner, Shape::Json) => or_null(keywords),
            _ => keywords,
        }
    }

    fn map(&mut self, key: &'p Shape, value: &'p Shape, open: bool, at: &str, gaps: &mut Gaps) -> Keywords {
        let mut out = keyword("type", "object");
        let keys = self.shape(key, open, &format!("{at}/*"), gaps);
        let anything = keys.len() == 1 && keys.get("type").is_some_and(|t| t == "string");
        if !anything && !keys.is_empty() {
            out.insert("propertyNames".to_owned(), Out::Object(keys));
        }
        let values = self.element(value, open, &format!("{at}/*"), gaps);
        if !values.is_empty() {
            out.insert("additionalProperties".to_owned(), Out::Object(values));
        }
        if !self.tells_apart(key) {
            gaps.reading("key", SAME_KEYS, at);
        }
        out
    }

    fn refined(
        &mut self,
        base: Keywords,
        refinement: &'p Refinement,
        open: bool,
        at: &str,
        gaps: &mut Gaps,
    ) -> Keywords {
        let said = self.condition(&refinement.condition, refinement.this, &refinement.base, open);
        match said.and_then(|formula| fits(&formula, gaps).map(|()| formula)) {
            Ok(formula) => emit::merged(base, emit::formula(&formula)),
            Err(Unsayable(why)) => {
                gaps.add("condition", &refinement.name, &why, [at.to_owned()]);
                base
            }
        }
    }

    fn record(&mut self, shape: &'p Shape, record: &'p RecordShape, open: bool, at: &str, gaps: &mut Gaps) -> Keywords {
        let open = open || record.open == Openness::Everywhere;
        let mut keys = Node::default();
        let (mut required, mut all) = (Vec::new(), Vec::new());
        for field in &record.fields {
            let paths = paths(field);
            let first = paths.first().map(|p| p.join("/")).unwrap_or_default();
            let value = self.field_value(field, open, &format!("{at}/{first}"), gaps);
            for (i, path) in paths.iter().enumerate() {
                keys.add(path, if i == 0 { described(field, &value) } else { value.clone() });
            }
            let due = !may_be_absent(field);
            match (paths.as_slice(), due) {
                ([path], true) => match path.as_slice() {
                    [key] => required.push(Out::from(&**key)),
                    path => all.push(Out::Object(there(path))),
                },
                (paths, true) => {
                    let one: Vec<Out> = paths.iter().map(|p| Out::Object(there(p))).collect();
                    all.push(Out::Object(keyword("oneOf", one)));
                }
                (paths, false) => {
                    for (i, path) in paths.iter().enumerate() {
                        for other in paths.iter().skip(i + 1) {
                            let both = emit::merged(there(path), there(other));
                            all.push(Out::Object(keyword("not", Out::Object(both))));
                        }
                    }
                }
            }
        }
        let mut out = keyword("type", "object");
        if !required.is_empty() {
            out.insert("required".to_owned(), required.into());
        }
        out.extend(keys.keywords());
        if !open && !record.is_open() {
            out.insert("additionalProperties".to_owned(), Out::Bool(false));
        }
        all.extend(self.rules(shape, record, open, at, gaps));
        if !all.is_empty() {
            out.insert("allOf".to_owned(), all.into());
        }
        out
    }

    /// What may stand in the place of a field.
    fn field_value(&mut self, field: &'p FieldShape, open: bool, at: &str, gaps: &mut Gaps) -> Keywords {
        if field.reading.lenient {
            // What cannot be read counts as absent.
            return Keywords::new();
        }
        let value = self.shape(&field.shape, open, at, gaps);
        let undecoded = matches!(field.shape.inner(), Shape::Json);
        match (field.reading.nullable, undecoded || !self.takes_null(&field.shape)) {
            (true, _) => or_null(value),
            (false, true) => value,
            (false, false) => emit::merged(value, not_null()),
        }
    }

    /// Whether `null` itself can be read by a shape.
    fn takes_null(&self, shape: &Shape) -> bool {
        match shape {
            Shape::Json => true,
            Shape::Named(id) => {
                self.policy.policy.shapes.get(id.index()).is_some_and(|named| self.takes_null(&named.shape))
            }
            Shape::Refined(refinement) => self.takes_null(&refinement.base),
            Shape::Optional(inner) => self.takes_null(inner),
            _ => false,
        }
    }

    fn rules(&mut self, shape: &'p Shape, record: &'p RecordShape, open: bool, at: &str, gaps: &mut Gaps) -> Vec<Out> {
        let mut said: Vec<(Arc<str>, Formula)> = Vec::new();
        for rule in &record.rules {
            let formula = self.condition(&rule.condition, record.this, shape, open);
            match formula.and_then(|formula| fits(&formula, gaps).map(|()| formula)) {
                Ok(formula) => said.push((rule.name.clone(), formula)),
                Err(Unsayable(why)) => {
                    let fields = read_fields(&rule.condition, record.this, record);
                    gaps.add("rule", &rule.name, &why, fields.into_iter().map(|f| format!("{at}/{f}")));
                }
            }
        }
        emit::rules(&said)
    }

    /// Whether what differs in the data differs when read, and the other way round, as far as a
    /// schema compares: so that `uniqueItems` and keys mean the same.
    pub(super) fn tells_apart(&self, shape: &Shape) -> bool {
        match shape {
            Shape::Text(how) => texts::plain(*how),
            Shape::Enum(how) => texts::tells_words_apart(how),
            Shape::Named(id) => {
                self.policy.policy.shapes.get(id.index()).is_some_and(|named| self.tells_apart(&named.shape))
            }
            Shape::Refined(refinement) => self.tells_apart(&refinement.base),
            _ => false,
        }
    }
}

/// Refuses a formula that is too large for a schema, together with those before it.
fn fits(formula: &Formula, gaps: &mut Gaps) -> Result<(), Unsayable> {
    let size = formula.size();
    if gaps.tests + size > MAX_TESTS {
        return Err(Unsayable(format!("the definition would come to more than {MAX_TESTS} tests")));
    }
    gaps.tests += size;
    Ok(())
}

fn gap(gap: Gap) -> Out {
    let mut out = keyword(gap.kind, gap.name);
    out.insert("at".to_owned(), gap.at.into_iter().map(Out::from).collect::<Vec<_>>().into());
    out.insert("why".to_owned(), gap.why.into());
    Out::Object(out)
}

/// Where a field stands: alternatives, each a path of keys.
pub(super) fn paths(field: &FieldShape) -> Vec<Vec<Arc<str>>> {
    if field.reading.from.is_empty() { vec![vec![field.name.clone()]] } else { field.reading.from.clone() }
}

/// That something stands at the end of a path of keys.
pub(super) fn there(path: &[Arc<str>]) -> Keywords {
    at_path(path, Keywords::new())
}

/// That what stands at the end of a path of keys is there and meets `value`.
pub(super) fn at_path(path: &[Arc<str>], value: Keywords) -> Keywords {
    let Some((key, rest)) = path.split_first() else { return value };
    let mut out = keyword("required", vec![Out::from(&**key)]);
    let below = match rest {
        [] => value,
        rest => emit::merged(keyword("type", "object"), at_path(rest, value)),
    };
    if !below.is_empty() {
        out.insert("properties".to_owned(), Out::Object(keyword(key, Out::Object(below))));
    }
    out
}

/// A schema that takes `null` as well.
fn or_null(keywords: Keywords) -> Keywords {
    let null = keyword("type", "null");
    if keywords.is_empty() {
        return keywords;
    }
    let by_type = ["enum", "const", "$ref", "allOf", "anyOf", "not", "oneOf", "if"];
    match keywords.get("type").cloned() {
        // Other keywords speak of values of one type, and let `null` pass.
        Some(Out::String(only)) if !by_type.iter().any(|k| keywords.contains_key(*k)) => {
            let mut keywords = keywords;
            keywords.insert("type".to_owned(), vec![Out::from(only), Out::from("null")].into());
            keywords
        }
        _ => keyword("anyOf", vec![Out::Object(keywords), Out::Object(null)]),
    }
}

/// Everything but `null`.
pub(super) fn not_null() -> Keywords {
    keyword("not", Out::Object(keyword("type", "null")))
}

/// A field's value with what its declaration says about it to people.
fn described(field: &FieldShape, value: &Keywords) -> Keywords {
    let mut out = Keywords::new();
    if let Some(doc) = &field.doc {
        out.insert("description".to_owned(), Out::from(&**doc));
    }
    out.extend(value.clone());
    let shown = match (&field.reading.default, &field.ty) {
        (Some(value @ (Value::Bool(_) | Value::Text(_) | Value::Enum(_))), ty) => Some(print::to_json(value, ty)),
        (Some(value), Type::Int | Type::Decimal) => Some(print::to_json(value, &field.ty)),
        _ => None,
    };
    if let Some(shown) = shown {
        out.insert("default".to_owned(), shown);
    }
    out
}

/// The fields of the record under judgement that a condition reads, by where they stand.
fn read_fields(condition: &Expr, this: LocalId, record: &RecordShape) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    condition.visit(&mut |expr| {
        if let ExprKind::Field { base, index } = &*expr.kind
            && matches!(&*base.kind, ExprKind::Local(local) if *local == this)
            && let Some(field) = record.fields.get(*index)
        {
            found.extend(paths(field).first().map(|p| p.join("/")));
        }
    });
    found
}

fn pointer_step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Keys of an object, and those below them.
#[derive(Debug, Default)]
struct Node {
    values: Vec<Keywords>,
    below: Vec<(Arc<str>, Node)>,
}

impl Node {
    fn add(&mut self, path: &[Arc<str>], value: Keywords) {
        let Some((key, rest)) = path.split_first() else {
            self.values.push(value);
            return;
        };
        if !self.below.iter().any(|(k, _)| k == key) {
            self.below.push((key.clone(), Self::default()));
        }
        if let Some((_, node)) = self.below.iter_mut().find(|(k, _)| k == key) {
            node.add(rest, value);
        }
    }

    fn keywords(self) -> Keywords {
        let own = self.values.into_iter().fold(Keywords::new(), emit::merged);
        if self.below.is_empty() {
            return own;
        }
        let below: Keywords = self.below.into_iter().map(|(k, n)| (k.to_string(), schema(n.keywords()))).collect();
        emit::merged(own, keyword("properties", Out::Object(below)))
    }
}
