//! Rules and advice of records: which can be judged, what they say, and of which field.

use super::path::{Step, Trail};
use super::{Decoder, Reading, Said, scalars};
use crate::data::{Json, JsonKind, Value};
use crate::eval::{Env, Interpreter, bind_witness};
use crate::model::{Expr, ExprKind, LocalId, Quantifier, RecordShape, Rule, Shape, Stage};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether what does not hold is a fault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Rule,
    Advice,
}

impl Decoder<'_> {
    /// Whether a record has something to judge as a whole.
    pub(super) fn judges(&self, shape: &RecordShape) -> bool {
        !shape.rules.is_empty() || (self.advice && !shape.advice.is_empty())
    }

    /// Judges rules, and advice where it is asked for. What reads a field of which nothing is known
    /// is left out: the fault of the field has been told.
    pub(super) fn rules(
        &self,
        record: &Value,
        json: &Json,
        shape: &RecordShape,
        lost: &[usize],
        reading: &mut Reading<'_>,
    ) {
        let mut judge = Judge { decoder: self, record, json, shape, weight: Weight::Rule };
        let known = |rule: &&Rule| lost.is_empty() || !reads_any(&rule.condition, shape.this, lost);
        for rule in shape.rules.iter().filter(known) {
            judge.rule(rule, lost, reading);
        }
        if self.advice {
            judge.weight = Weight::Advice;
            for rule in shape.advice.iter().filter(known) {
                judge.rule(rule, lost, reading);
            }
        }
    }
}

/// Judges the rules of one record.
struct Judge<'j, 'd> {
    decoder: &'j Decoder<'d>,
    record: &'j Value,
    json: &'j Json,
    shape: &'j RecordShape,
    weight: Weight,
}

/// Where a rule does not hold.
struct At<'j> {
    place: Below<'j>,
    /// What it reads.
    touched: Vec<Below<'j>>,
}

/// A place below the record.
#[derive(Clone)]
struct Below<'j> {
    steps: Vec<Step>,
    json: &'j Json,
    /// The first key on the way that is not there.
    absent: Option<Arc<str>>,
}

impl Below<'_> {
    fn path(&self, reading: &Reading<'_>) -> String {
        let mut trail = reading.trail.clone();
        trail.steps.extend(self.steps.iter().cloned());
        match &self.absent {
            Some(key) => trail.path_below(key),
            None => trail.path(),
        }
    }
}

impl<'j> Judge<'j, '_> {
    fn rule(&self, rule: &Rule, lost: &[usize], reading: &mut Reading<'_>) {
        let mut env = Env::new();
        env.bind(self.shape.this, self.record.clone());
        if let Some(each) = Each::of(&rule.condition, self.shape.this) {
            let below = self.below(&each.list);
            if let (JsonKind::List(items), None) = (&below.json.kind, &below.absent) {
                return self.each(rule, &each, below.clone(), items, &mut env, lost, reading);
            }
        }
        let interpreter = Interpreter::new(self.decoder.globals);
        let holds = match interpreter.holds(&rule.condition, &mut env) {
            Ok(true) => return,
            Ok(false) => Ok(()),
            Err(fault) => Err(fault.to_string()),
        };
        if let Some(message) = &rule.message {
            bind_witness(&interpreter, &rule.condition, message, &mut env);
        }
        let place = self.below(&blamed(&rule.condition, self.shape.this));
        let touched = reads(&rule.condition, self.shape.this).iter().map(|fields| self.below(fields)).collect();
        self.say(rule, holds, &At { place, touched }, &mut env, lost, reading);
    }

    /// A rule over the elements of a list of the record: each that decides is a fault of its own.
    #[expect(clippy::too_many_arguments, reason = "one caller, which has them all at hand")]
    fn each(
        &self,
        rule: &Rule,
        each: &Each<'_>,
        list: Below<'j>,
        items: &'j [Json],
        env: &mut Env<'_>,
        lost: &[usize],
        reading: &mut Reading<'_>,
    ) {
        let interpreter = Interpreter::new(self.decoder.globals);
        let value = match interpreter.eval(each.source, env) {
            Ok(value) => value,
            Err(fault) => {
                let at = At { place: list, touched: Vec::new() };
                return self.say(rule, Err(fault.to_string()), &at, env, lost, reading);
            }
        };
        let (inside, read) = (blamed(each.body, each.item), reads(each.body, each.item));
        let depth = env.depth();
        for (i, (item, json)) in value.as_list().map_or(&[][..], |list| list).iter().zip(items).enumerate() {
            let holds = each.holds(&interpreter, item, env);
            if holds != Ok(true) {
                let mut steps = list.steps.clone();
                steps.push(Step::Index(i));
                let element = Below { steps, json, absent: None };
                let at = match self.element(&each.list) {
                    Some(shape) => At {
                        place: self.further(element.clone(), shape, &inside),
                        touched: read.iter().map(|fields| self.further(element.clone(), shape, fields)).collect(),
                    },
                    None => At { place: element, touched: Vec::new() },
                };
                self.say(rule, holds.map(drop), &at, env, lost, reading);
            }
            env.truncate(depth);
        }
    }

    fn say(
        &self,
        rule: &Rule,
        holds: Result<(), String>,
        at: &At<'_>,
        env: &mut Env<'_>,
        lost: &[usize],
        reading: &mut Reading<'_>,
    ) {
        let below = &at.place;
        let word = match self.weight {
            Weight::Rule => "rule",
            Weight::Advice => "advice",
        };
        // A text about a field of which nothing is known would tell half.
        let told =
            |rule: &&Rule| !rule.message.iter().flat_map(|m| m.values()).any(|v| reads_any(v, self.shape.this, lost));
        let message = Some(rule).filter(told).and_then(|r| r.message.as_ref());
        let mut expected = None;
        let message = match (holds, message) {
            (Err(fault), _) => format!("{word} `{}`: {fault}", rule.name),
            (Ok(()), Some(message)) => {
                let why = Interpreter::new(self.decoder.globals).message(message, env);
                match self.weight {
                    Weight::Rule => format!("rule `{}` does not hold: {}", rule.name, scalars::cut_to(&why, SHOWN)),
                    Weight::Advice => format!("advice `{}`: {}", rule.name, scalars::cut_to(&why, SHOWN)),
                }
            }
            (Ok(()), None) => {
                expected = Some(format!("expected `{}`", rule.source));
                match self.weight {
                    Weight::Rule => format!("rule `{}` does not hold", rule.name),
                    Weight::Advice => format!("advice `{}` is not taken", rule.name),
                }
            }
        };
        let touches: BTreeSet<String> = at.touched.iter().map(|below| below.path(reading)).collect();
        let said = Said::new("rspp::evidence::rule", below.json.at, message);
        let touches = touches.into_iter().collect();
        let said = Said { expected, lacking: below.absent.clone(), touches, ..said };
        let path = below.path(reading);
        let pointer = Trail { steps: below.steps.clone() }.pointer();
        match self.weight {
            Weight::Rule => reading.tell_inside(said, path, &pointer, Some(rule.span)),
            Weight::Advice => reading.advise(said, path, &pointer, rule.span),
        }
    }

    /// The place of a field of the record, by positions from the top.
    fn below(&self, fields: &[usize]) -> Below<'j> {
        let top = Below { steps: Vec::new(), json: self.json, absent: None };
        let mut below = top;
        let mut record = Some(self.shape);
        for position in fields {
            let Some(field) = record.and_then(|r| r.fields.get(*position)) else { break };
            below = field_of(below, field);
            record = self.record_of(&field.shape);
        }
        below
    }

    fn further(&self, mut below: Below<'j>, shape: &Shape, fields: &[usize]) -> Below<'j> {
        let mut record = self.record_of(shape);
        for position in fields {
            let Some(field) = record.and_then(|r| r.fields.get(*position)) else { break };
            below = field_of(below, field);
            record = self.record_of(&field.shape);
        }
        below
    }

    /// The shape of the elements of a list that is a field of the record.
    fn element(&self, fields: &[usize]) -> Option<&Shape> {
        let (last, way) = fields.split_last()?;
        let mut record = self.shape;
        for position in way {
            record = self.record_of(&record.fields.get(*position)?.shape)?;
        }
        match self.bare(&record.fields.get(*last)?.shape) {
            Shape::List(element) => Some(element),
            _ => None,
        }
    }

    fn record_of<'s>(&'s self, shape: &'s Shape) -> Option<&'s RecordShape> {
        match self.bare(shape) {
            Shape::Record(record) => Some(record),
            _ => None,
        }
    }

    /// A shape without what is around it.
    fn bare<'s>(&'s self, shape: &'s Shape) -> &'s Shape {
        match shape {
            Shape::Optional(inner) => self.bare(inner),
            Shape::Refined(refinement) => self.bare(&refinement.base),
            Shape::Named(id) => match self.decoder.globals.policy().shapes.get(id.index()) {
                Some(named) => self.bare(&named.shape),
                None => shape,
            },
            other => other,
        }
    }
}

/// Characters of a message of a rule.
const SHOWN: usize = 300;

/// One step into a field, as the data has it.
fn field_of<'j>(below: Below<'j>, field: &crate::model::FieldShape) -> Below<'j> {
    if below.absent.is_some() {
        return below;
    }
    let own = [std::slice::from_ref(&field.name)];
    let ways: Vec<&[Arc<str>]> = match field.reading.from.as_slice() {
        [] => own.to_vec(),
        from => from.iter().map(Vec::as_slice).collect(),
    };
    for way in &ways {
        if let Some(json) = way.iter().try_fold(below.json, |json, key| json.get(key)) {
            let mut steps = below.steps;
            steps.extend(way.iter().cloned().map(Step::Key));
            return Below { steps, json, absent: None };
        }
    }
    let absent = ways.first().and_then(|way| way.first()).cloned();
    Below { absent, ..below }
}

/// `every x in f: ..` and `no x in f: ..` over a list that is a field of the record, filtered or not.
struct Each<'e> {
    /// The list, by positions of fields.
    list: Vec<usize>,
    /// The list as an expression.
    source: &'e Expr,
    /// What an element is called in the filters and in the body.
    rows: Vec<LocalId>,
    filters: Vec<&'e Expr>,
    item: LocalId,
    body: &'e Expr,
    /// What the body is where all is well.
    due: bool,
}

impl<'e> Each<'e> {
    fn of(condition: &'e Expr, this: LocalId) -> Option<Self> {
        let ExprKind::Quantified { quantifier, item, source, body, .. } = &*condition.kind else { return None };
        let due = match quantifier {
            Quantifier::Every => true,
            Quantifier::No => false,
            Quantifier::Exists => return None,
        };
        let (source, rows, filters) = match &*source.kind {
            ExprKind::Pipeline { source, row, stages, result } if row == result => {
                let filters: Option<Vec<&Expr>> = stages
                    .iter()
                    .map(|stage| match stage {
                        Stage::Where { condition, .. } => Some(condition),
                        _ => None,
                    })
                    .collect();
                (source, vec![*row, *item], filters?)
            }
            _ => (source, vec![*item], Vec::new()),
        };
        let list = field_path(source, this).filter(|path| !path.is_empty())?;
        Some(Self { list, source, rows, filters, item: *item, body, due })
    }

    /// Whether an element is as it should be; binds it.
    fn holds(&self, interpreter: &Interpreter<'_>, item: &Value, env: &mut Env<'_>) -> Result<bool, String> {
        for row in &self.rows {
            env.bind(*row, item.clone());
        }
        for filter in &self.filters {
            if !interpreter.holds(filter, env).map_err(|f| f.to_string())? {
                return Ok(true);
            }
        }
        Ok(interpreter.holds(self.body, env).map_err(|f| f.to_string())? == self.due)
    }
}

/// The positions of fields that lead from a name to an expression that only looks them up.
fn field_path(expr: &Expr, from: LocalId) -> Option<Vec<usize>> {
    match &*expr.kind {
        ExprKind::Local(local) if *local == from => Some(Vec::new()),
        ExprKind::Field { base, index } => {
            let mut path = field_path(base, from)?;
            path.push(*index);
            Some(path)
        }
        ExprKind::Narrowed { value, .. } => field_path(value, from),
        _ => None,
    }
}

/// Calls `f` with each part of a value that an expression reads, by positions of fields.
fn each_read(expr: &Expr, from: LocalId, f: &mut dyn FnMut(&[usize])) {
    match field_path(expr, from) {
        Some(path) => f(&path),
        None => expr.each_child(&mut |child| each_read(child, from, f)),
    }
}

/// All of them, each once.
fn reads(expr: &Expr, from: LocalId) -> BTreeSet<Vec<usize>> {
    let mut found = BTreeSet::new();
    each_read(expr, from, &mut |path| {
        found.insert(path.to_vec());
    });
    found
}

/// Whether an expression reads one of these fields of a record, or the record as a whole.
fn reads_any(expr: &Expr, this: LocalId, fields: &[usize]) -> bool {
    let mut found = false;
    each_read(expr, this, &mut |path| found |= path.first().is_none_or(|first| fields.contains(first)));
    found && !fields.is_empty()
}

/// The way to the one field that a condition demands something of: of `a implies b` it is what `b`
/// reads, of a quantifier over something else what its body reads. Where there are several, it is
/// what they all lie in.
fn blamed(expr: &Expr, from: LocalId) -> Vec<usize> {
    let demand = match &*expr.kind {
        ExprKind::Implies(_, demand) => Some(demand),
        ExprKind::Quantified { body, .. } => Some(body),
        _ => None,
    };
    match demand.filter(|demand| !reads(demand, from).is_empty()) {
        Some(demand) => blamed(demand, from),
        None => common(reads(expr, from)),
    }
}

/// What paths have in common from the top.
fn common(paths: BTreeSet<Vec<usize>>) -> Vec<usize> {
    let shared =
        |a: Vec<usize>, b: Vec<usize>| a.into_iter().zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    paths.into_iter().reduce(shared).unwrap_or_default()
}
