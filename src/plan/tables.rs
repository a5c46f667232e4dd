//! Tables and what hangs on them: for each list that gates walk, one program, one pass, and the
//! gates and aggregates that it feeds.

use super::compile::{Compiler, Names, fields_used};
use super::hoist::{Hoisted, is_aggregate};
use super::index::IndexPlan;
use super::lists::{Base, base_key, base_of, beside_base, is_base, walks};
use super::program::{FrameId, Input, NodeId, Program};
use super::reads::{Reads, ReadsOf};
use super::rewrite::mentions;
use super::sample::{SampleAggregate, SampleQuantifier, compile_sample};
use crate::data::Type;
use crate::model::{
    CompareOp, EvidenceId, Expr, ExprKind, GateDefinition, GateId, LetId, Limit, LocalId, Policy, SiteId,
};
use crate::registry::{AggregateMemory, Body, Extreme, Function, ParameterKind, Pattern, Signature};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The number of a table among the tables of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub u32);

/// A list that is walked row by row, once for all that reads it.
#[derive(Debug, Clone)]
pub struct TablePlan {
    /// Where its rows come from.
    pub base: Base,
    /// The type of a row.
    pub row: Type,
    /// What is computed of each row.
    pub program: Program,
    /// Gates whose rows it holds, in the order of [`super::FrameKind::Sample`].
    pub gates: Vec<GateId>,
    /// Lets that a pass over it computes.
    pub lets: Vec<LetTap>,
}

/// An aggregate over the rows of a frame.
#[derive(Debug, Clone)]
pub struct Aggregation {
    /// The aggregate.
    pub function: Arc<Function>,
    /// Arguments before the list; closed.
    pub constants: Vec<Expr>,
    /// Types of all arguments, the list's last.
    pub types: Vec<Type>,
    /// The type of the result.
    pub result: Type,
    /// What is aggregated of each row.
    pub value: NodeId,
}

/// A let that a pass over a table computes.
#[derive(Debug, Clone)]
pub struct LetTap {
    /// The let.
    pub id: LetId,
    /// The rows.
    pub frame: FrameId,
    /// What is made of them.
    pub kind: LetKind,
    /// What has to be known before the pass.
    pub before: Reads,
}

/// What a pass makes of rows for a let.
#[derive(Debug, Clone)]
pub enum LetKind {
    /// One aggregate.
    Aggregate(Aggregation),
    /// The list of this value of each row, held in memory.
    Rows(NodeId),
}

/// A gate as planned.
#[derive(Debug, Clone)]
pub struct GatePlan {
    /// The gate; in sample-level expressions, everything that the pass over its rows answers is
    /// a name (see [`RowsPlan`]).
    pub gate: Arc<GateDefinition>,
    /// What it reads.
    pub reads: Reads,
    /// Evidence that it rests on: read by it, or by gates whose results it reads.
    pub evidence: BTreeSet<EvidenceId>,
    /// Its rows, if it has a scope.
    pub rows: Option<RowsPlan>,
}

/// What a pass does for one gate.
#[derive(Debug, Clone)]
pub struct RowsPlan {
    /// The table that it walks.
    pub table: TableId,
    /// Its number among the gates of the table.
    pub number: u32,
    /// The rows of its scope.
    pub scope: FrameId,
    /// The row.
    pub row: NodeId,
    /// What counts as read.
    pub read: ReadCount,
    /// Keys of `per`.
    pub keys: Vec<NodeId>,
    /// Conditions of `each`.
    pub each: Vec<NodeId>,
    /// Which rows waivers excuse: asked of rows that break an `each`.
    pub excused: Vec<NodeId>,
    /// The row as messages of `each` need it.
    pub each_rows: Vec<Input>,
    /// Aggregates of a value of each row.
    pub aggregates: Vec<RowAggregatePlan>,
    /// The sample.
    pub sample: FrameId,
    /// Aggregates over lists made of the sample.
    pub sample_aggregates: Vec<SampleAggregate>,
    /// Quantifiers over lists made of the sample.
    pub sample_quantifiers: Vec<SampleQuantifier>,
    /// Whether the sample has to be held in memory, because something reads it as a whole.
    pub collect: bool,
    /// What has to be known before the pass.
    pub before: Reads,
}

/// What the `read` of a ledger counts.
#[derive(Debug, Clone)]
pub enum ReadCount {
    /// The rows of a frame.
    Frame(FrameId),
    /// The elements of a list in memory.
    List(Expr),
}

/// An aggregate of a value of each row of the sample.
#[derive(Debug, Clone)]
pub struct RowAggregatePlan {
    /// The metric, by number.
    pub metric: usize,
    /// The name that stands for it in the figure.
    pub local: LocalId,
    /// What is aggregated.
    pub aggregation: Aggregation,
    /// Whether the value of a row depends on the sample as a whole: it is computed when that is
    /// known, of each row kept.
    pub over_sample: bool,
    /// Whether a missing value is an element like others (and not for `missing` to answer).
    pub takes_missing: bool,
    /// What a missing value counts as under `missing worst`.
    pub extreme: Extreme,
    /// Which end is the bad one, if the figure is this aggregate alone and a threshold says so.
    pub worst: Option<Extreme>,
}

/// The tables of a policy's gates, and the gates.
pub(super) struct Tables {
    pub(super) tables: Vec<TablePlan>,
    pub(super) gates: BTreeMap<GateId, GatePlan>,
}

/// Plans the tables of all gates.
pub(super) fn tables<'p>(
    hoisted: &'p Hoisted,
    reads: &BTreeMap<&GateId, Reads>,
    demanded_lets: &BTreeSet<LetId>,
    indexes: &'p BTreeMap<SiteId, IndexPlan>,
) -> Tables {
    let mut builder = Builder {
        policy: &hoisted.policy,
        reads: ReadsOf::new(&hoisted.policy),
        indexes,
        known: BTreeMap::new(),
        tables: Vec::new(),
        takes_missing: BTreeMap::new(),
        next_local: FIRST_LOCAL,
    };
    let mut gates = BTreeMap::new();
    for (id, gate) in &hoisted.gates {
        let reads = reads.get(id).cloned().unwrap_or_default();
        let planned = builder.gate(gate);
        let (gate, rows) = match planned {
            Some((gate, rows)) => (Arc::new(gate), Some(rows)),
            None => (gate.clone(), None),
        };
        let evidence = reads.all_evidence();
        gates.insert(id.clone(), GatePlan { gate, reads, evidence, rows });
    }
    for id in demanded_lets {
        builder.hang(*id);
    }
    let finish = |(base, row, compiler, gates, lets): Building<'_>| TablePlan {
        base,
        row,
        program: compiler.program,
        gates,
        lets,
    };
    Tables { tables: builder.tables.into_iter().map(finish).collect(), gates }
}

/// Names made here start far above those of any policy.
const FIRST_LOCAL: u32 = 0x8000_0000;

type Building<'p> = (Base, Type, Compiler<'p>, Vec<GateId>, Vec<LetTap>);

struct Builder<'p> {
    policy: &'p Policy,
    reads: ReadsOf<'p>,
    indexes: &'p BTreeMap<SiteId, IndexPlan>,
    known: BTreeMap<String, usize>,
    tables: Vec<Building<'p>>,
    /// Whether functions take elements that may be missing, by name.
    takes_missing: BTreeMap<&'static str, bool>,
    next_local: u32,
}

impl<'p> Builder<'p> {
    fn fresh(&mut self) -> LocalId {
        self.next_local += 1;
        LocalId(self.next_local)
    }

    fn gate(&mut self, gate: &GateDefinition) -> Option<(GateDefinition, RowsPlan)> {
        let scope = gate.scope.as_ref()?;
        let base = base_of(self.policy, &scope.list);
        let mut before = self.before(&scope.list);
        for expr in super::reads::row_exprs(gate) {
            before.add(&self.reads.expr(expr));
        }
        let row_ty = scope.list.ty.element().unwrap_or(Type::Unknown);
        let read_list = match &*scope.list.kind {
            ExprKind::Pipeline { source, .. } => source,
            _ => &scope.list,
        };
        let key = base_key(&base);
        let index = self.table(&base, &key, &row_ty);
        let fresh: Vec<LocalId> = gate.metrics.iter().flat_map(|m| &m.row_aggregates).map(|_| self.fresh()).collect();
        let policy = self.policy;
        let (_, _, compiler, gates, _) = self.tables.get_mut(index)?;
        let table = compiler.table();
        let root = |e: &Expr| is_base(policy, &base, &key, e).then_some(table);
        let (frame, row) = compiler.list(&scope.list, &Names::new(), &root)?;
        let read = match compiler.list(read_list, &Names::new(), &root) {
            Some((frame, _)) => ReadCount::Frame(frame),
            None => ReadCount::List(read_list.clone()),
        };
        let mut names = Names::from([(scope.row, row)]);
        let keys: Vec<NodeId> = gate.per.iter().map(|k| compiler.expr(&k.value, &names)).collect();
        let each: Vec<NodeId> = gate.each.iter().map(|c| compiler.expr(&c.condition, &names)).collect();
        let excused: Vec<NodeId> = gate.excused.iter().map(|e| compiler.expr(e, &names)).collect();
        let each_rows = gate
            .each
            .iter()
            .map(|c| {
                let texts = c.message.iter().flat_map(|m| m.values());
                let fields = fields_used(texts.chain([&c.condition]), scope.row);
                Input { local: scope.row, node: row, fields }
            })
            .collect();
        let mut aggregates = Vec::new();
        for (number, metric) in gate.metrics.iter().enumerate() {
            for (place, aggregate) in metric.row_aggregates.iter().enumerate() {
                let over_sample = mentions(&aggregate.value, gate.rows);
                let value = if over_sample { row } else { compiler.expr(&aggregate.value, &names) };
                let list = Type::list(aggregate.value.ty.present().clone());
                let types = aggregate.arguments.iter().map(|a| a.ty.clone()).chain([list]).collect();
                let alone = matches!(&*metric.figure.kind, ExprKind::RowAggregate(i) if *i == place);
                aggregates.push(RowAggregatePlan {
                    metric: number,
                    local: fresh.get(aggregates.len()).copied().unwrap_or(LocalId(FIRST_LOCAL)),
                    over_sample,
                    takes_missing: *self
                        .takes_missing
                        .entry(aggregate.function.name)
                        .or_insert_with(|| takes_missing(&aggregate.function)),
                    extreme: bad_end(gate, number).unwrap_or(Extreme::Below),
                    worst: if alone && !over_sample && aggregate.value.ty.present().is_ordered() {
                        bad_end(gate, number)
                    } else {
                        None
                    },
                    aggregation: Aggregation {
                        function: aggregate.function.clone(),
                        constants: aggregate.arguments.clone(),
                        types,
                        result: aggregate.ty.clone(),
                        value,
                    },
                });
            }
        }
        names.extend(gate.per.iter().map(|k| k.local).zip(keys.iter().copied()));
        let aggregates_over_sample = aggregates.iter().any(|a| a.over_sample);
        let number = u32::try_from(gates.len()).unwrap_or(u32::MAX);
        gates.push(gate.id.clone());
        let mut next = self.next_local;
        let sample = compile_sample(gate, compiler, (frame, row, number), &names, &aggregates, &mut || {
            next += 1;
            LocalId(next)
        });
        self.next_local = next;
        let rows = RowsPlan {
            table: TableId(u32::try_from(index).unwrap_or(u32::MAX)),
            number,
            scope: frame,
            row,
            read,
            keys,
            each,
            excused,
            each_rows,
            aggregates,
            sample: sample.frame,
            sample_aggregates: sample.aggregates,
            sample_quantifiers: sample.quantifiers,
            collect: sample.collect || aggregates_over_sample,
            before,
        };
        Some((sample.gate, rows))
    }

    /// Hangs a let on its table, if it streams over rows of evidence: as one aggregate, or as a
    /// list that is made row by row.
    fn hang(&mut self, id: LetId) -> Option<()> {
        let value = &self.policy.lets.get(id.index())?.value;
        let (list, call) = match &*value.kind {
            ExprKind::Call { function, arguments, .. } if is_aggregate(value) => {
                let (list, constants) = arguments.split_last()?;
                (list, Some((function, arguments, constants)))
            }
            _ => (value, None),
        };
        let streams = match call {
            Some((function, ..)) => {
                matches!(function.body, Body::Aggregate(aggregate) if aggregate.memory != AggregateMemory::Rows)
            }
            // The rows as they are need no list of their own.
            None => walks(self.policy, list) && !matches!(&*list.kind, ExprKind::Let(_)),
        };
        let base = base_of(self.policy, list);
        let before = self.before(list);
        // What waits for another gate's result is computed when that is known.
        if !streams
            || !matches!(base, Base::Evidence(_))
            || !before.results.is_empty()
            || before.row_files
            || list.ty.is_optional()
        {
            return None;
        }
        let row_ty = list.ty.element()?;
        let key = base_key(&base);
        let index = self.table(&base, &key, &row_ty);
        let policy = self.policy;
        let (_, _, compiler, _, lets) = self.tables.get_mut(index)?;
        let table = compiler.table();
        let root = |e: &Expr| is_base(policy, &base, &key, e).then_some(table);
        let (frame, node) = compiler.list(list, &Names::new(), &root)?;
        let kind = match call {
            Some((function, arguments, constants)) => LetKind::Aggregate(Aggregation {
                function: function.clone(),
                constants: constants.to_vec(),
                types: arguments.iter().map(|a| a.ty.clone()).collect(),
                result: value.ty.clone(),
                value: node,
            }),
            None => LetKind::Rows(node),
        };
        lets.push(LetTap { id, frame, kind, before });
        Some(())
    }

    /// The table of a base, by its key; `row` is the type of the list's element when the base is the
    /// list.
    fn table(&mut self, base: &Base, key: &str, row: &Type) -> usize {
        if let Some(index) = self.known.get(key) {
            return *index;
        }
        let row = match base {
            Base::Evidence(id) => {
                let ty = self.policy.evidence.get(id.index()).and_then(|e| e.ty.present().element());
                ty.unwrap_or(Type::Unknown)
            }
            Base::List(list) => list.ty.present().element().unwrap_or_else(|| row.clone()),
        };
        let compiler = Compiler::new(self.policy, self.indexes, row.clone());
        self.known.insert(key.to_owned(), self.tables.len());
        self.tables.push((base.clone(), row, compiler, Vec::new(), Vec::new()));
        self.tables.len() - 1
    }

    /// What a list reads besides the rows of its table.
    fn before(&mut self, list: &Expr) -> Reads {
        let mut reads = Reads::default();
        for part in beside_base(self.policy, list) {
            reads.add(&self.reads.expr(part));
        }
        reads
    }
}

/// Whether an aggregate takes elements that may be missing: its signature says `list<T?>` or
/// takes a list of anything.
fn takes_missing(function: &Function) -> bool {
    let Ok(signature) = Signature::parse(function.signature) else { return false };
    match signature.parameters.last().map(|p| &p.kind) {
        Some(ParameterKind::Value(Pattern::List(element))) => match &**element {
            Pattern::Optional(_) => true,
            Pattern::Variable(name) => name.starts_with('A'),
            _ => false,
        },
        _ => false,
    }
}

/// The bad end of a metric by its first threshold; none without one.
fn bad_end(gate: &GateDefinition, metric: usize) -> Option<Extreme> {
    let threshold = gate.thresholds.iter().find(|t| t.metric == metric)?;
    Some(match &threshold.limit {
        Limit::Compare { op: CompareOp::AtMost | CompareOp::Less, .. } | Limit::Range { .. } => Extreme::Above,
        Limit::Compare { .. } => Extreme::Below,
    })
}
