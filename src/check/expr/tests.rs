//! Types that the checker gives to expressions.

use crate::check::checker::Checker;
use crate::diag::{self, Style};
use crate::registry::Registry;
use crate::source::{SourceMap, Span};
use crate::{builtins, syntax};

const HEAD: &str = "policy p { language 1 }
enum Status { pass, fail, \"not run\" }
enum Phase { early, late }
type Positive = int where this >= 1
type Slug = string where this matches /^[a-z-]+$/
record Step { name : string  took : duration(ms)  cost : int? }
record Turn { id : string  status : Status  at : instant(ms)?  took : duration(ms)  done : duration(ms)?  share : ratio
  note : string?  tags : list<string> default []  extra : json?  steps : list<Step> default []  marks : list<int>?
  size : bytes  n : int  flag : bool?  inner : Step?  limits : map<string, duration(ms)> default {} }
evidence turns { path \"turns.jsonl\"  fresh any  source recorded  row Turn }
evidence doc { path \"doc.json\"  fresh any  source recorded  optional  document { runs : list<Turn> default []  name : string? } }
param most = 5s
def longest(s: Step) : duration = s.took
def maybe(d: duration?) : duration? = d
";

/// The types of `let x = ..`, or what is said when something is wrong.
fn type_of(expression: &str) -> String {
    let text = format!("{HEAD}let x = {expression}\n");
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    registry.add_format(&crate::registry::Format {
        name: "json",
        extensions: &["json", "jsonl"],
        doc: "",
        options: &[],
        nested: true,
        cells: false,
    });
    let mut sources = SourceMap::default();
    let id = sources.add("t.gate", &text);
    let (file, mut said) = syntax::parse(id, &text);
    let files = [file];
    let mut checker = Checker::new(&files, &sources, &registry);
    checker.check_enums();
    checker.draft_shapes();
    checker.check_all_evidence();
    let id = checker.declared.value("x");
    let Some(crate::check::names::ValueName::Let(id)) = id else { panic!("no x in {text}") };
    let ty = checker.let_type_at(id, Span::new(files[0].source, 0, 0));
    said.append(&mut checker.diagnostics);
    let style = Style { colour: false, unicode: false, width: 100 };
    match said.is_empty() {
        true => ty.to_string(),
        false => said.iter().map(|d| diag::render(d, &sources, &style)).collect(),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(expression, ty)| {
            let found = type_of(expression);
            (found != *ty).then(|| format!("{expression}\n  should be {ty}\n  is {found}\n"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn arithmetic_widens_and_composes() {
    check(&[
        ("1 + 2", "int"),
        ("1 + 0.5", "decimal"),
        ("7 / 2", "decimal"),
        ("1 - 0.5%", "ratio"),
        ("3 * 5%", "decimal"),
        ("5% / 2", "ratio"),
        ("2 * 5s", "duration"),
        ("5s / 2", "duration"),
        ("5s / 1ms", "decimal"),
        ("64MiB / 2s", "bytes/duration"),
        ("64MiB / 2s * 4s", "bytes"),
        ("as_of - 2026-01-01T00:00:00Z", "duration"),
        ("as_of - 24h", "instant"),
        ("-5s + most", "duration"),
        ("max(turns[].took) ?? 5s", "duration"),
    ]);
}

#[test]
fn what_cannot_be_computed_may_be_missing() {
    check(&[
        ("turns select n / n", "list<decimal?>"),
        ("turns where n > 0 select 1 / n", "list<decimal>"),
        ("turns where n >= 1 select 1 / n", "list<decimal>"),
        ("turns where n >= 0 select 1 / n", "list<decimal?>"),
        ("turns where n != 0 select 1 / n", "list<decimal>"),
        ("turns where not n == 0 select 1 / n", "list<decimal>"),
        ("turns where 0 < n select 1 / n", "list<decimal>"),
        ("turns select done - took", "list<duration?>"),
        ("turns select inner.took", "list<duration?>"),
        ("turns select limits[\"a\"]", "list<duration?>"),
        ("turns[0]", "Turn?"),
        ("turns[0].took", "duration?"),
        ("only(turns where id == \"a\").inner.took", "duration?"),
        ("turns select longest(inner)", "list<duration?>"),
        ("turns select maybe(done)", "list<duration?>"),
        ("turns select \"{note}\"", "list<string?>"),
        ("turns select \"{id}\"", "list<string>"),
        ("first(turns)", "Turn?"),
        ("first([1, 2])", "int"),
        ("max([1, 2] where this > 1)", "int?"),
        ("max([1, 2] select this * 2)", "int"),
        ("p95([5s, 1s] sort by this)", "duration"),
        ("doc", "{ runs : list<Turn>  name : string?  }?"),
        ("doc.name", "string?"),
    ]);
}

#[test]
fn conditions_narrow() {
    check(&[
        ("turns where present(done) select done", "list<duration>"),
        ("turns where present(done, at) and done > 5s select at", "list<instant>"),
        ("turns where not present(done) or done > 5s", "list<Turn>"),
        ("turns where not (present(done) and present(at)) select done", "list<duration?>"),
        ("turns where not (not present(done) or id == \"a\") select done", "list<duration>"),
        ("turns select if present(done) then done else took", "list<duration>"),
        ("turns select if not present(done) then took else done", "list<duration>"),
        ("turns select present(done) implies done > 5s", "list<bool>"),
        ("turns where present(inner.cost) select inner.cost + 1", "list<int>"),
        ("turns where present(inner.cost) select inner.took", "list<duration>"),
        ("turns as t where present(t.done) select t.done", "list<duration>"),
        ("turns where present(flag) and flag", "list<Turn>"),
        ("turns where (if present(done) then done > 5s else false) select id", "list<string>"),
        ("turns where present(done) or present(at) select done", "list<duration?>"),
        ("turns where present(done, at) or present(done) select done", "list<duration>"),
        ("(turns where present(done)) select done", "list<duration>"),
        ("(turns where present(done) with more = 1)[].done", "list<duration>"),
        ("(turns as t where present(t.done) with more = 1)[].done", "list<duration>"),
        ("(turns where present(inner.cost))[].inner.cost", "list<int>"),
        ("last(turns where present(done)).done", "duration?"),
        ("every t in turns where present(t.done): t.done > 5s", "bool"),
        ("present(doc) and count(doc.runs) > 0", "bool"),
        ("present(doc.name) and doc.name == \"a\"", "bool"),
    ]);
}

#[test]
fn what_is_readable_is_read() {
    check(&[
        ("turns where extra is Step select extra", "list<Step>"),
        ("turns where extra is Step select extra.took", "list<duration>"),
        ("turns where extra is Status and extra == pass select id", "list<string>"),
        ("turns where extra is Positive select extra + 1", "list<int>"),
        ("turns where id is Status select id", "list<Status>"),
        ("turns where note is Slug select note", "list<string>"),
        ("turns where extra is not Step or extra.took > 5s select id", "list<string>"),
        ("(turns where extra is Step)[].extra.took", "list<duration>"),
        ("(turns as t where t.extra is Step)[].extra.name", "list<string>"),
        ("(turns select extra) where this is Step", "list<Step>"),
        ("(turns select extra) where this is Step select took", "list<duration>"),
        ("turns[].tags[] where this is Status", "list<Status>"),
        ("turns select faults(extra, Step)", "list<list<string>>"),
    ]);
}

#[test]
fn words_take_their_enum_from_the_place() {
    check(&[
        ("turns where status == pass", "list<Turn>"),
        ("turns where pass == status", "list<Turn>"),
        ("turns where status in [pass, \"not run\"]", "list<Turn>"),
        ("turns where status not in [pass]", "list<Turn>"),
        ("turns where status == (if n > 1 then pass else fail)", "list<Turn>"),
        ("turns select if n > 1 then status else fail", "list<Status>"),
        ("turns select if n > 1 then fail else status", "list<Status>"),
        ("turns select if n > 1 then none else Status.fail", "list<Status?>"),
        ("[Status.pass, fail]", "list<Status>"),
        ("[fail, Status.pass]", "list<Status>"),
        ("count(turns where same(status, fail))", "int"),
        ("only(turns where id == \"a\").status ?? fail", "Status"),
        ("members(Status) where this != fail", "list<Status>"),
        ("\"\" in [turns[0].id ?? \"\", \"a\"]", "bool"),
        ("weekday(as_of) in [saturday, sunday]", "bool"),
    ]);
}

#[test]
fn lists_projections_and_stages() {
    check(&[
        ("turns[].id", "list<string>"),
        ("turns[].steps", "list<list<Step>>"),
        ("turns[].steps[]", "list<Step>"),
        ("turns[].steps[].took", "list<duration>"),
        ("turns[].steps[].cost", "list<int?>"),
        ("turns[].tags[0]", "list<string?>"),
        ("turns[].limits[].value", "list<duration>"),
        ("turns[]", "list<Turn>"),
        ("turns as t join t.steps as s select { id = t.id  took = s.took }", "list<{ id : string  took : duration  }>"),
        ("turns select { id = id  n = n } with m = n * 2 select m", "list<int>"),
        ("turns as t with m = t.n * 2 select m + t.n", "list<int>"),
        ("(turns as t number place select place)", "list<int>"),
        ("(turns select { id = id } number place by id)[].place", "list<int>"),
        ("(turns as t number place)[].place", "list<int>"),
        ("(turns as t with m = 1)[].id", "list<string>"),
        (
            "turns group by status select { status = status  worst = max(group.rows[].took) }",
            "list<{ status : Status  worst : duration  }>",
        ),
        ("turns as t group by t.status, t.id select count(group.rows)", "list<int>"),
        ("turns sort by took descending, id distinct by status", "list<Turn>"),
        ("turns[].tags[] distinct sort by this", "list<string>"),
        ("turns[0].limits ?? {}", "map<string, duration>"),
        ("turns as t join t.limits as l select l.key", "list<string>"),
        ("table { | a | b | | 1 | \"x\" | | 2.5 | none | }", "list<{ a : decimal  b : string?  }>"),
        (
            "table { | s : Status | l : list<Phase> | | pass | [early, late] | | fail | [] | }",
            "list<{ s : Status  l : list<Phase>  }>",
        ),
        ("[[\"a\"], []]", "list<list<string>>"),
        ("{ \"a\": 1, \"b\": 2.5 }", "map<string, decimal>"),
        ("{ (most): 1 }", "map<duration, int>"),
        ("Step { took = 5s  name = \"a\" }", "Step"),
        ("[{ a = 1  b = none }, { b = \"x\"  a = 2 }]", "list<{ a : int  b : string?  }>"),
        ("concat([1], [2.5])", "list<decimal>"),
        ("turns select given(this)", "list<list<field of Turn>>"),
    ]);
}

#[test]
fn bare_names_mean_the_nearest_row_unless_it_is_named() {
    check(&[
        ("turns where count(steps as s where s.took > took) > 0", "list<Turn>"),
        ("turns where exists s in steps: s.took > took", "list<Turn>"),
        ("turns where exists s in steps where s.name == id: s.took > took", "list<Turn>"),
        ("turns where count(steps where took > most) > 0", "list<Turn>"),
        ("turns as t where exists s in t.steps: s.took > t.took", "list<Turn>"),
        ("turns select (steps where took > 5s)[].name", "list<list<string>>"),
        ("turns select this.took", "list<duration>"),
        ("[1, 2] where this in 2..3", "list<int>"),
    ]);
}
