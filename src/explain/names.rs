//! Pages of the other names of a policy: evidence, lets, defs, params, records, types, enums,
//! profiles. What is declared, where, what its doc says, who uses it.

use super::fields::settled;
use super::reach::Reach;
use super::sheet::{Facts, Sheet};
use super::source::place;
use super::users::{Used, artifacts_of, gates_of};
use super::words::{Words, joined};
use super::{Kind, reads};
use crate::data::{Type, print};
use crate::model::DefId;
use crate::model::{
    CheckedPolicy, EvidenceDefinition, EvidenceId, FieldShape, GateId, LetId, NamedShape, Openness, ParamId, ProfileId,
    Shape, ShapeId, WhyIncluded,
};
use crate::source::{SourceMap, Span};
use std::collections::BTreeSet;

/// Lines of a declaration that are shown.
const MOST_LINES: usize = 60;
/// Fields of a record, words of an enum that are shown.
const MOST_FIELDS: usize = 200;

/// Explains a name of this kind; nothing when there is none.
pub(super) fn page(
    checked: &CheckedPolicy,
    sources: &SourceMap,
    kind: Kind,
    name: &str,
    colour: bool,
) -> Option<String> {
    let mut page = NamePage { checked, sheet: Sheet::new(sources, colour) };
    match kind {
        Kind::Evidence => page.evidence(name)?,
        Kind::Let => page.of_let(name)?,
        Kind::Def => page.def(name)?,
        Kind::Param => page.param(name)?,
        Kind::Record => page.shape(name)?,
        Kind::Enum => page.of_enum(name)?,
        Kind::Profile => page.profile(name)?,
        Kind::Artifact => page.artifact(name)?,
        Kind::Waiver => return super::waivers::page(checked, sources, name, colour),
        Kind::Gate | Kind::Function | Kind::Format | Kind::Code => return None,
    }
    Some(page.sheet.finish())
}

struct NamePage<'a> {
    checked: &'a CheckedPolicy,
    sheet: Sheet<'a>,
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl NamePage<'_> {
    fn used_by(&mut self, used: Used) {
        let gates = gates_of(&self.checked.policy, used);
        self.gates("Gates that depend on it", &gates);
        let artifacts = artifacts_of(&self.checked.policy, used);
        if !artifacts.is_empty() {
            self.sheet.section("Artifacts that tell of it");
        }
        for artifact in artifacts {
            self.sheet.placed(&format!("{}  {}", artifact.name, artifact.pattern()), artifact.span);
        }
    }

    fn gates(&mut self, title: &str, gates: &BTreeSet<GateId>) {
        self.sheet.section(title);
        if gates.is_empty() {
            self.sheet.say("none");
        }
        for gate in gates.iter().filter_map(|id| self.checked.policy.gates.get(id)) {
            let title = gate.title.as_deref().map(|t| format!("  {t}")).unwrap_or_default();
            self.sheet.placed(&format!("{}{title}", gate.id), gate.span);
        }
    }

    fn evidence(&mut self, name: &str) -> Option<()> {
        let policy = &self.checked.policy;
        let at = policy.evidence.iter().position(|e| *e.name == *name)?;
        let evidence = policy.evidence.get(at)?;
        self.sheet.title("evidence", name, "", Some(evidence.span));
        self.sheet.doc(evidence.doc.as_deref());
        self.sheet.section("What must be there");
        for line in reads::evidence(self.checked, None, &[], evidence, None) {
            self.sheet.item("-", &line);
        }
        self.sheet.section("Its shape");
        self.shape_of(evidence.shape.shape());
        self.overrides(name, evidence);
        self.used_by(Used::Evidence(EvidenceId(number(at))));
        Some(())
    }

    /// Profiles that read it from elsewhere or ask something else of it.
    fn overrides(&mut self, name: &str, declared: &EvidenceDefinition) {
        let mut found: Vec<(String, Span)> = Vec::new();
        for (id, profile) in &self.checked.profiles {
            let Some(effective) = profile.evidence.iter().find(|e| *e.name == *name) else { continue };
            for (keyword, span) in &effective.clauses {
                if declared.clauses.get(keyword) != Some(span) {
                    let text = super::source::clause(self.sheet.sources, *span, "");
                    found.push((format!("profile {id} says `{text}`"), *span));
                }
            }
        }
        found.dedup_by_key(|(_, span)| *span);
        if !found.is_empty() {
            self.sheet.section("In profiles");
        }
        for (text, span) in found {
            self.sheet.placed(&text, span);
        }
    }

    fn of_let(&mut self, name: &str) -> Option<()> {
        let policy = &self.checked.policy;
        let at = policy.lets.iter().position(|l| *l.name == *name)?;
        let item = policy.lets.get(at)?;
        self.sheet.title("let", name, "", Some(item.span));
        self.sheet.doc(item.doc.as_deref());
        let words = Words::new(policy, self.sheet.sources);
        let said = match item.value.ty.present() {
            Type::List(_) | Type::Map(..) => words.rows(&item.value),
            _ => words.value(&item.value),
        };
        // What would only repeat the source is not said.
        if !["`", "rows of `", "elements of `"].iter().any(|start| said.starts_with(start)) {
            self.sheet.section("In words");
            self.sheet.say(&format!("{said}."));
        }
        self.sheet.section("Its type");
        self.columns(&item.value.ty);
        self.sheet.section("In source");
        self.sheet.excerpt(item.span.to(item.value.span), MOST_LINES);
        self.used_by(Used::Let(LetId(number(at))));
        Some(())
    }

    /// The columns of a table.
    fn columns(&mut self, ty: &Type) {
        let Some(Type::Record(record)) = ty.present().element() else {
            return self.sheet.say(&format!("{ty}"));
        };
        let columns: Vec<String> =
            record.fields.iter().take(MOST_FIELDS).map(|f| format!("{} : {}", f.name, f.ty)).collect();
        self.sheet.say(&format!("Each row has {}.", joined(&columns, "and")));
    }

    fn def(&mut self, name: &str) -> Option<()> {
        let policy = &self.checked.policy;
        let at = policy.defs.iter().position(|d| *d.name == *name)?;
        let item = policy.defs.get(at)?;
        self.sheet.title("def", name, "", Some(item.span));
        let parameters: Vec<String> = item.parameters.iter().map(|(_, n, ty)| format!("{n}: {ty}")).collect();
        self.sheet.say(&format!("{name}({}) : {}", parameters.join(", "), item.body.ty));
        self.sheet.doc(item.doc.as_deref());
        self.sheet.section("In words");
        let words = Words::new(policy, self.sheet.sources);
        let said = match item.body.ty {
            Type::Bool => format!("Whether {}.", words.condition(&item.body)),
            _ => format!("{}.", words.value(&item.body)),
        };
        self.sheet.say(&said);
        self.sheet.section("In source");
        self.sheet.excerpt(item.span.to(item.body.span), MOST_LINES);
        self.used_by(Used::Def(DefId(number(at))));
        Some(())
    }

    fn param(&mut self, name: &str) -> Option<()> {
        let policy = &self.checked.policy;
        let at = policy.params.iter().position(|p| *p.name == *name)?;
        let item = policy.params.get(at)?;
        let id = ParamId(number(at));
        self.sheet.title("param", name, "", Some(item.span));
        self.sheet.doc(item.doc.as_deref());
        self.sheet.section("Its value");
        let value = |profile, expr: &crate::model::Expr| match &*expr.kind {
            crate::model::ExprKind::Literal(value) => print::value(value, &expr.ty),
            _ => settled(self.checked, profile, expr).unwrap_or_else(|| "computed".into()),
        };
        let mut rows =
            vec![(format!("{} : {}, where no profile sets it", value(None, &item.value), item.ty), item.span)];
        for (profile_id, profile) in &self.checked.profiles {
            if let Some((set, span)) = profile.params.get(&id) {
                rows.push((format!("{} in profile {profile_id}", value(Some(profile), set)), *span));
            }
        }
        for (text, span) in rows {
            self.sheet.placed(&text, span);
        }
        self.used_by(Used::Param(id));
        Some(())
    }

    fn shape(&mut self, name: &str) -> Option<()> {
        let at = self.checked.policy.shapes.iter().position(|s| *s.name == *name)?;
        let named: &NamedShape = self.checked.policy.shapes.get(at)?;
        let word = match (&named.contract, &named.shape) {
            (Some(_), _) => "contract",
            (None, Shape::Record(_)) => "record",
            (None, _) => "type",
        };
        self.sheet.title(word, name, "", Some(named.span));
        self.sheet.doc(named.doc.as_deref());
        self.sheet.section("Its shape");
        self.shape_of(&named.shape);
        if let Some(schema) = named.schema() {
            self.sheet.section("Its schema");
            self.sheet.placed(&format!("what is read by it meets {} as well", schema.name), schema.span);
        }
        self.used_by(Used::Shape(ShapeId(number(at))));
        Some(())
    }

    fn shape_of(&mut self, shape: &Shape) {
        match shape {
            Shape::Record(record) => {
                self.sheet.say(match record.open {
                    Openness::Closed => "A closed record: a key that is not declared is a fault.",
                    Openness::Open => "An open record: keys that are not declared pass.",
                    Openness::Everywhere => {
                        "Open everywhere: keys that are not declared pass, in it and in every record inside of it."
                    }
                });
                let sources = self.sheet.sources;
                let mut table = Facts::wide();
                for field in record.fields.iter().take(MOST_FIELDS) {
                    let doc = field.doc.as_deref().map(|d| d.lines().map(str::trim).collect::<Vec<_>>().join(" "));
                    let doc = doc.map(|d| format!(": {d}")).unwrap_or_default();
                    table.row(
                        &field.name,
                        &format!("{}{}{doc}", field.ty, modifiers(field)),
                        place(sources, field.span),
                    );
                }
                table.write(&mut self.sheet.page);
                let more = record.fields.len().saturating_sub(MOST_FIELDS);
                if more > 0 {
                    self.sheet.say(&format!("and {more} fields more"));
                }
                let words = Words::new(&self.checked.policy, sources);
                for rule in &record.rules {
                    self.sheet.placed(&format!("rule {}: {}", rule.name, words.condition(&rule.condition)), rule.span);
                }
                for advice in &record.advice {
                    let text = format!("advice {}: {}", advice.name, words.condition(&advice.condition));
                    self.sheet.placed(&text, advice.span);
                }
            }
            Shape::Refined(refined) => {
                let words = Words::new(&self.checked.policy, self.sheet.sources);
                let condition = words.condition(&refined.condition);
                self.sheet.say(&format!("{}: of each value it is demanded that {condition}.", refined.name));
                self.shape_of(&refined.base);
            }
            Shape::Named(id) => {
                let named = self.checked.policy.shapes.get(id.index());
                let words = named.map_or("a named shape".to_owned(), |n| format!("As {} says.", n.name));
                self.sheet.say(&words);
            }
            Shape::Optional(inner) => self.shape_of(inner),
            Shape::List(inner) => {
                self.sheet.say("A list, of each element:");
                self.shape_of(inner);
            }
            Shape::Map(_, inner) => {
                self.sheet.say("An object with any keys, of each value:");
                self.shape_of(inner);
            }
            Shape::Json => self.sheet.say("Any value, undecoded."),
            _ => self.sheet.say("A single value."),
        }
    }

    fn of_enum(&mut self, name: &str) -> Option<()> {
        let (_, declared) = self.checked.policy.enums.iter().find(|(n, _)| ***n == *name)?;
        self.sheet.title("enum", name, "", Some(declared.span));
        self.sheet.doc(declared.doc.as_deref());
        self.sheet.section("Its words");
        for (i, member) in declared.item.members.iter().enumerate().take(MOST_FIELDS) {
            let spelt: Vec<String> =
                member.spellings.iter().filter(|s| **s != member.name).map(|s| format!("\"{s}\"")).collect();
            let spelt = if spelt.is_empty() { String::new() } else { format!(", in data {}", joined(&spelt, "or")) };
            let catches = if declared.item.otherwise == Some(number(i)) { ", for every word not listed" } else { "" };
            self.sheet.item("-", &format!("{}{spelt}{catches}", member.name));
        }
        Some(())
    }

    fn artifact(&mut self, name: &str) -> Option<()> {
        let policy = &self.checked.policy;
        let artifact = policy.artifacts.get(name)?;
        self.sheet.title("artifact", name, "", Some(artifact.span));
        self.sheet.doc(artifact.doc.as_deref());
        let words = Words::new(policy, self.sheet.sources);
        self.sheet.section("What is written");
        let each = artifact.rows.as_ref().map(|rows| format!(", one for each of {}", words.rows(&rows.list)));
        let page = if artifact.page.is_some() { ", and a page beside it" } else { "" };
        self.sheet.item("-", &format!("{}{}{page}", artifact.pattern(), each.unwrap_or_default()));
        if let Some(page) = &artifact.page {
            self.sheet.item("-", &format!("the page says PASS where {}", words.condition(&page.passed)));
        }
        self.sheet.section("Its fields");
        if let Type::Record(record) = artifact.document.ty.present() {
            let mut table = Facts::wide();
            for field in record.fields.iter().take(MOST_FIELDS) {
                table.row(&field.name, &written(&field.ty), String::new());
            }
            table.write(&mut self.sheet.page);
        }
        let reach = Reach::of_artifact(policy, artifact);
        let mut evidence = reach.evidence.clone();
        // A file is asked for by name.
        evidence.extend(crate::plan::files_of(policy, artifact));
        self.sheet.section("Not written unless this can be used");
        let mut open: Vec<GateId> = reach.results.iter().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(gate) = open.pop() {
            let Some(gate) = policy.gates.get(&gate).filter(|g| seen.insert(g.id.clone())) else { continue };
            let reach = Reach::of_gate(policy, gate);
            evidence.extend(reach.evidence);
            open.extend(reach.results);
        }
        if evidence.is_empty() {
            self.sheet.say("it reads no evidence");
        }
        for evidence in evidence.iter().filter_map(|id| policy.evidence.get(id.index())) {
            self.sheet.placed(&evidence.name, evidence.span);
        }
        if !reach.results.is_empty() {
            self.gates("Gates whose results it tells", &reach.results);
        }
        self.sheet.section("Profiles that write it");
        let writing: Vec<_> = self.checked.profiles.values().filter_map(|p| Some((p, *p.write.get(name)?))).collect();
        if writing.is_empty() {
            self.sheet.say("none");
        }
        for (profile, span) in writing {
            self.sheet.placed(profile.id.as_str(), span);
        }
        Some(())
    }

    fn profile(&mut self, name: &str) -> Option<()> {
        let id = ProfileId::new(name);
        let profile = self.checked.profiles.get(&id)?;
        let declared = self.checked.policy.profiles.get(&id);
        self.sheet.title("profile", name, "", Some(profile.span));
        self.sheet.doc(declared.and_then(|d| d.doc.as_deref()));
        if let Some(declared) = declared.filter(|d| !d.extends.is_empty()) {
            let names: Vec<String> = declared.extends.iter().map(ToString::to_string).collect();
            self.sheet.say(&format!("It extends {}: everything that runs there runs here.", joined(&names, "and")));
        }
        let sources: Vec<String> = profile.sources.iter().map(ToString::to_string).collect();
        self.sheet.say(&format!("Evidence counts whose source is {}.", joined(&sources, "or")));
        let selected: BTreeSet<GateId> =
            profile.gates.iter().filter(|(_, g)| g.why == WhyIncluded::Selected).map(|(id, _)| id.clone()).collect();
        let needed: BTreeSet<GateId> = profile.gates.keys().filter(|id| !selected.contains(*id)).cloned().collect();
        self.gates("Gates that it judges", &selected);
        if !needed.is_empty() {
            self.gates("Gates that run because those need them", &needed);
        }
        if !profile.write.is_empty() {
            self.sheet.section("Artifacts that it writes");
        }
        for (artifact, span) in &profile.write {
            let path = self.checked.policy.artifacts.get(artifact).map(|a| a.pattern()).unwrap_or_default();
            self.sheet.placed(&format!("{artifact}  {path}"), *span);
        }
        self.sheet.page.blank();
        self.sheet.say(&format!("`rspp-gates list {name}` shows every clause in force, with its place."));
        Some(())
    }
}

/// The type of each field of a document, and what a missing one becomes.
fn written(ty: &Type) -> String {
    let present = ty.present();
    let shown = match present {
        Type::Record(record) => format!("an object of {} fields", record.fields.len()),
        Type::List(_) => "a list".to_owned(),
        Type::Map(..) => "an object by key".to_owned(),
        ty => format!("{ty}"),
    };
    if ty.is_optional() { format!("{shown}, left out where it is missing") } else { shown }
}

/// How a field is read beyond its type.
fn modifiers(field: &FieldShape) -> String {
    let reading = &field.reading;
    let mut words = Vec::new();
    if reading.key {
        words.push("key".to_owned());
    }
    if let Some(default) = &reading.default {
        words.push(format!("default {}", print::short(default, &field.ty, 40)));
    }
    words.extend(reading.nullable.then(|| "nullable".to_owned()));
    words.extend(reading.lenient.then(|| "lenient".to_owned()));
    words.extend(reading.sentinels.iter().map(|s| format!("sentinel {}", print::short(s, field.ty.present(), 40))));
    words.extend(reading.from.iter().map(|path| format!("from {}", path.join("."))));
    if words.is_empty() { String::new() } else { format!(" {}", words.join(" ")) }
}
