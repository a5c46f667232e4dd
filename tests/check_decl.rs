//! Declarations as the checker judges them: one mistake a file, each told once and shown with its
//! source in a snapshot; policies without a mistake; profiles as they take effect.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test stops at what it does not expect, and reads its cases from files"
)]

use rspp_gates::check::{self, CheckOutcome};
use rspp_gates::data::Num;
use rspp_gates::diag::{self, Diagnostic, Style};
use rspp_gates::model::{
    CheckedPolicy, EffectiveGate, EffectiveProfile, EvidenceDefinition, EvidenceFiles, Expr, ExprKind, GateId, Limit,
    ProfileId, SourceKind, WhyIncluded,
};
use rspp_gates::registry::Registry;
use rspp_gates::source::SourceMap;
use rspp_gates::{builtins, evidence, syntax};
use std::path::Path;
use std::sync::Arc;

/// Topics of the half of the checker that looks at declarations.
const TOPICS: [&str; 9] =
    ["policy", "clauses", "shapes", "sources", "gates", "profiles", "artifacts", "lints", "waivers"];

/// Parser and checker over texts with their names.
fn judge(texts: &[(String, String)]) -> (SourceMap, CheckOutcome) {
    let mut registry = Registry::default();
    builtins::register(&mut registry).unwrap();
    evidence::register(&mut registry);
    let (mut sources, mut files, mut said) = (SourceMap::default(), Vec::new(), Vec::new());
    for (name, text) in texts {
        let id = sources.add(name, text);
        let (file, diagnostics) = syntax::parse(id, text);
        files.push(file);
        said.extend(diagnostics);
    }
    let mut outcome = check::check(&files, &sources, Arc::new(registry));
    outcome.diagnostics.extend(said);
    diag::sort(&mut outcome.diagnostics);
    (sources, outcome)
}

fn shown(sources: &SourceMap, diagnostics: &[Diagnostic]) -> String {
    let style = Style { colour: false, unicode: true, width: 100 };
    diagnostics.iter().map(|d| diag::render(d, sources, &style)).collect()
}

/// All policy files below a folder.
fn policy(root: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut folders = vec![Path::new(root).join("gates"), Path::new(root).join("profiles")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                out.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

#[test]
fn each_mistake_is_told_once() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("diagnostics/decl/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    let mut paths: Vec<_> = std::fs::read_dir("tests/diagnostics/decl").unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "gate"));
    paths.sort();
    assert!(!paths.is_empty());
    let mut wrong = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let (sources, outcome) = judge(&[(format!("{name}.gate"), text.clone())]);
        let told = shown(&sources, &outcome.diagnostics);
        if outcome.diagnostics.len() != 1 {
            wrong.push(format!("{name}: {} diagnostics\n{told}", outcome.diagnostics.len()));
        }
        insta::assert_snapshot!(name, format!("{text}\n{told}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_policies_that_are_shipped_have_no_mistake() {
    for root in ["examples/app-stability", "examples/turn-metrics", "."] {
        let texts = policy(root);
        if texts.is_empty() {
            continue;
        }
        let (sources, outcome) = judge(&texts);
        assert_eq!(shown(&sources, &outcome.diagnostics), "", "{root}");
        assert!(outcome.policy.is_some(), "{root}");
    }
}

/// The examples of a page of `docs/diagnostics`: policies that raise its code, and repaired ones.
fn examples(page: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```gate,") {
            let text: Vec<&str> = lines.by_ref().take_while(|l| !l.starts_with("```")).collect();
            found.push((kind == "error", text.join("\n") + "\n"));
        }
    }
    found
}

#[test]
fn each_page_raises_its_code_alone_and_its_repair_raises_nothing() {
    let mut wrong = String::new();
    for code in check::diagnostics::CODES.iter().flat_map(|codes| codes.iter()) {
        if !TOPICS.contains(&code.0.split("::").nth(1).unwrap_or("")) {
            continue;
        }
        let page = format!("docs/diagnostics/{}.md", code.0.replace("::", "-"));
        let Ok(text) = std::fs::read_to_string(&page) else {
            wrong += &format!("{page} is not there\n");
            continue;
        };
        let examples = examples(&text);
        assert!(examples.iter().any(|(bad, _)| *bad) && examples.iter().any(|(bad, _)| !bad), "{page}");
        for (bad, example) in examples {
            let (sources, outcome) = judge(&[("p.gate".to_owned(), example)]);
            let codes: Vec<&str> = outcome.diagnostics.iter().map(|d| d.code.0).collect();
            let fine = if bad { codes == [code.0] } else { codes.is_empty() };
            if !fine {
                wrong += &format!(
                    "{page} ({})\n{}",
                    if bad { "error" } else { "ok" },
                    shown(&sources, &outcome.diagnostics)
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What a run has to say of waivers: its pages show waivers that check, and a case of the language
/// raises it.
#[test]
fn each_finding_about_a_waiver_has_a_policy_on_its_page_and_a_case_that_raises_it() {
    let cases = std::fs::read_to_string("tests/spec/12-waivers.md").unwrap();
    for code in rspp_gates::verdict::WAIVER_CODES {
        let page = std::fs::read_to_string(format!("docs/diagnostics/{}.md", code.replace("::", "-"))).unwrap();
        let examples = examples(&page);
        assert!(!examples.is_empty(), "{code}");
        for (_, example) in examples {
            let (sources, outcome) = judge(&[("p.gate".to_owned(), example)]);
            assert_eq!(shown(&sources, &outcome.diagnostics), "", "{code}");
        }
        assert!(cases.contains(&format!(" {code} ")), "no case raises {code}");
    }
}

/// A policy with evidence, two gates and these further declarations.
fn with(profiles: &str) -> CheckedPolicy {
    let text = format!(
        r#"policy p {{ language 1 }}
param limit = 120ms
evidence turns {{
  path "turns.jsonl"  source recorded  fresh within 24h of at
  row {{ id : string key  at : instant(ms)  took : duration(ms)  ok : bool }}
}}
gate turns.fast {{
  stage quick  scope turns  metric p50(took)  metric p95(took)
  threshold p50 <= 80ms  threshold p95 <= limit  samples >= 10  when empty fail
}}
gate turns.sound {{ stage full  required false  needs turns.there  scope turns  metric ratio(ok)  threshold >= 90%  when empty fail }}
gate turns.there {{ scope turns  metric count(rows)  threshold >= 1  when empty fail }}
gate turns.told  {{ stage told  expect result(turns.fast).passed }}
{profiles}"#
    );
    let (sources, outcome) = judge(&[("p.gate".to_owned(), text)]);
    let errors: Vec<_> = outcome.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    outcome.policy.unwrap_or_else(|| panic!("{}", shown(&sources, &errors)))
}

fn profile<'p>(policy: &'p CheckedPolicy, name: &str) -> &'p EffectiveProfile {
    &policy.profiles[&ProfileId::new(name)]
}

fn gate<'p>(profile: &'p EffectiveProfile, name: &str) -> &'p EffectiveGate {
    &profile.gates[&GateId::new(name)]
}

/// Gates of a profile: selected ones by name, needed ones with who needs them.
fn taken(profile: &EffectiveProfile) -> Vec<String> {
    let why = |g: &EffectiveGate| match &g.why {
        WhyIncluded::Selected => String::new(),
        WhyIncluded::Needed { by } => format!(" for {by}"),
    };
    profile.gates.iter().map(|(id, g)| format!("{id}{}", why(g))).collect()
}

/// Limits of a gate as numbers in base units, in order.
fn limits(gate: &EffectiveGate) -> Vec<Option<Num>> {
    let number = |expr: &Expr| match &*expr.kind {
        ExprKind::Literal(value) => value.as_num(),
        _ => None,
    };
    let thresholds = gate.gate.thresholds.iter();
    thresholds
        .map(|t| match &t.limit {
            Limit::Compare { value, .. } => number(value),
            Limit::Range { .. } => None,
        })
        .collect()
}

#[test]
fn stages_and_patterns_add_up_and_what_is_needed_comes_along() {
    let policy = with(
        "profile quick { stage quick }
         profile full { extends quick  stage full  gates turns.there }
         profile some { extends full  without turns.fast, turns.there }
         profile told { stage told }",
    );
    assert_eq!(taken(profile(&policy, "quick")), ["turns.fast"]);
    assert_eq!(taken(profile(&policy, "full")), ["turns.fast", "turns.sound", "turns.there"]);
    assert_eq!(taken(profile(&policy, "some")), ["turns.sound", "turns.there for turns.sound"]);
    // The result of a gate is read, so the gate has to be judged.
    assert_eq!(taken(profile(&policy, "told")), ["turns.fast for turns.told", "turns.told"]);
}

#[test]
fn a_tightened_limit_stands_in_the_place_of_the_old_one() {
    let policy = with(
        "profile quick { stage quick }
         profile strict { extends quick  tighten turns.fast { threshold p50 <= 60ms  samples >= 20 } }
         profile stricter { extends strict  tighten turns.fast { threshold p50 <= 50ms } }",
    );
    let ms = |n: i128| Some(Num::int(n * 1_000_000));
    assert_eq!(limits(gate(profile(&policy, "quick"), "turns.fast")), [ms(80), None]);
    let strict = gate(profile(&policy, "strict"), "turns.fast");
    assert_eq!(limits(strict), [None, ms(60)]);
    assert_eq!(strict.gate.samples.as_ref().unwrap().least, 20);
    let origins: Vec<_> = strict.changed.iter().map(|(k, o)| (&**k, o.profile.as_str())).collect();
    assert_eq!(origins, [("samples", "strict"), ("threshold p50", "strict")]);
    let stricter = gate(profile(&policy, "stricter"), "turns.fast");
    assert_eq!(limits(stricter), [None, ms(50)]);
    let origins: Vec<_> = stricter.changed.iter().map(|(k, o)| (&**k, o.profile.as_str())).collect();
    assert_eq!(origins, [("samples", "strict"), ("threshold p50", "stricter")]);
}

#[test]
fn a_limit_of_another_direction_is_added() {
    let policy = with("profile quick { stage quick  tighten turns.fast { threshold p50 >= 1ms } }");
    let ms = |n: i128| Some(Num::int(n * 1_000_000));
    assert_eq!(limits(gate(profile(&policy, "quick"), "turns.fast")), [ms(80), None, ms(1)]);
}

#[test]
fn a_param_that_the_profile_sets_is_what_a_limit_is_compared_with() {
    // 100ms is looser than the 90ms of this profile, and stricter than the 120ms of the policy.
    let text = "profile quick { stage quick  set limit = 90ms  tighten turns.fast { threshold p95 <= 85ms } }";
    let policy = with(text);
    assert_eq!(limits(gate(profile(&policy, "quick"), "turns.fast")).last(), Some(&Some(Num::int(85_000_000))));
    let result = std::panic::catch_unwind(|| with(&text.replace("85ms", "100ms")));
    assert!(result.is_err(), "100ms is looser where the limit is 90ms");
}

#[test]
fn what_is_loosened_keeps_its_reason() {
    let policy = with(r#"profile full { stage full  loosen turns.sound { threshold >= 80% } because "new region" }"#);
    let sound = gate(profile(&policy, "full"), "turns.sound");
    assert_eq!(limits(sound), [Num::new(4, 5)]);
    assert_eq!(sound.changed["threshold"].because.as_deref(), Some("new region"));
    assert_eq!(limits_of_policy(&policy, "turns.sound"), [Num::new(9, 10)]);
}

/// Limits as the policy declares them, whatever profiles do.
fn limits_of_policy(policy: &CheckedPolicy, name: &str) -> Vec<Option<Num>> {
    let declared = policy.policy.gates[&GateId::new(name)].clone();
    limits(&EffectiveGate { gate: declared, why: WhyIncluded::Selected, changed: Default::default() })
}

#[test]
fn params_and_sources_of_the_child_win_and_expectations_are_kept() {
    let policy = with(
        "profile quick { stage quick  sources live  set limit = 90ms  expect gates >= 1 }
         profile full { extends quick  stage full  sources recorded, live  set limit = 80ms  expect gates >= 2 }",
    );
    let full = profile(&policy, "full");
    assert_eq!(full.sources.iter().map(|s| &**s).collect::<Vec<_>>(), ["recorded", "live"]);
    let set: Vec<_> = full.params.values().map(|(e, _)| format!("{:?}", e.kind)).collect();
    assert_eq!(set.len(), 1);
    assert!(set[0].contains("80000000"), "{set:?}");
    assert_eq!(full.expect_gates.iter().map(|e| e.selected).collect::<Vec<_>>(), [1, 2]);
    let quick = profile(&policy, "quick");
    assert_eq!(quick.sources.iter().map(|s| &**s).collect::<Vec<_>>(), ["live"]);
}

#[test]
fn a_profile_without_sources_counts_every_kind() {
    let policy = with("profile quick { stage quick }");
    let quick = profile(&policy, "quick");
    assert_eq!(quick.sources.iter().map(|s| &**s).collect::<Vec<_>>(), ["synthetic", "recorded", "live"]);
    assert_eq!(quick.sources_span, None);
}

#[test]
fn an_override_of_evidence_replaces_the_clauses_that_it_gives() {
    let policy = with(
        r#"profile quick { stage quick  evidence turns { files "turns/*.jsonl"  source live } }
           profile full { extends quick  stage full  evidence turns { fresh within 1h of at } }"#,
    );
    let turns = |name: &str| profile(&policy, name).evidence[0].clone();
    assert!(matches!(&policy.policy.evidence[0].files, EvidenceFiles::Path(p) if &**p == "turns.jsonl"));
    for name in ["quick", "full"] {
        assert!(matches!(&turns(name).files, EvidenceFiles::Pattern(p) if &**p == "turns/*.jsonl"), "{name}");
        assert!(matches!(&turns(name).source, SourceKind::Fixed(s) if &**s == "live"), "{name}");
        assert_eq!(turns(name).ty, policy.policy.evidence[0].ty);
    }
    let hours = |e: &EvidenceDefinition| format!("{:?}", e.fresh.as_ref().unwrap().within.kind);
    assert!(hours(&turns("quick")).contains("86400000000000"));
    assert!(hours(&turns("full")).contains("3600000000000"));
}

#[test]
fn ids_do_not_depend_on_the_order_of_files() {
    let first = "policy p { language 1 }\nlet b = turns where ok\nevidence turns { path \"t.jsonl\" source live fresh any row { ok : bool } }\n";
    let second = "let a = b where ok\ngate g.x { stage s scope a each ok when empty pass }\n";
    let texts = |names: [(&str, &str); 2]| names.map(|(n, t)| (n.to_owned(), t.to_owned()));
    let (_, one) = judge(&texts([("a", first), ("b", second)]));
    let (_, two) = judge(&texts([("b", second), ("a", first)]));
    let names =
        |o: &CheckOutcome| o.policy.as_ref().unwrap().policy.lets.iter().map(|l| l.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&one), names(&two));
    assert_eq!(names(&one).iter().map(|n| &**n).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn each_clause_of_a_gate_leans_only_on_those_that_it_needs() {
    let text = r#"policy p { language 1 }
evidence turns { path "t.jsonl" source live fresh any row { id : string key  a : duration(ms)?  b : duration(ms)?  ok : bool } }
gate g.x {
  scope turns
  each present(a) else "{id}: {a}"
  each ok else "{id} took {a}"
  each present(b) else "{id}"
  each a <= b else "{id}: {a} {b}"
  when empty pass
}
"#;
    let (_, outcome) = judge(&[("p.gate".to_owned(), text.to_owned())]);
    let policy = outcome.policy.unwrap();
    let gate = &policy.policy.gates[&GateId::new("g.x")];
    let leans: Vec<_> = gate.each.iter().map(|e| e.leans_on.clone()).collect();
    assert_eq!(leans, [vec![], vec![], vec![], vec![0, 2]]);
}

#[test]
fn a_chain_of_declarations_has_a_limit_whatever_their_order() {
    let chain = |n: usize, name: fn(usize) -> String| {
        let mut text = format!("policy chain {{ language 1 }}\nlet {} = 1\n", name(0));
        for i in 1..n {
            text.push_str(&format!("let {} = {} + 1\n", name(i), name(i - 1)));
        }
        text.push_str(&format!("gate g.x {{ stage s  expect {} == 1 }}\nprofile p {{ stage s }}\n", name(n - 1)));
        let (_, outcome) = judge(&[("chain.gate".to_owned(), text)]);
        outcome.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.code.0).collect::<Vec<_>>()
    };
    // Names in the order of the chain, and against it.
    for name in [|i| format!("v{i:05}"), |i| format!("v{:05}", 99_999 - i)] as [fn(usize) -> String; 2] {
        assert_eq!(chain(50, name), Vec::<&str>::new());
        assert_eq!(chain(70, name), ["rspp::clauses::depth"]);
        assert_eq!(chain(3_000, name), ["rspp::clauses::depth"]);
    }
}

#[test]
fn a_repair_of_unsaid_age_names_an_instant_only_where_there_is_one() {
    let cases = [
        ("id : string  at : instant(ms)", "fresh within 24h of at"),
        ("id : string  at : instant(ms)  on : instant(ms)", "fresh any"),
        ("id : string  at : instant(ms)?", "fresh any"),
        ("id : string", "fresh any"),
    ];
    for (row, due) in cases {
        let text = format!(
            "policy p {{ language 1 }}\nevidence xs {{ path \"xs.jsonl\"  source live  row {{ {row} }} }}\n\
             gate g.x {{ stage s  scope xs  each id != \"\"  when empty fail }}\nprofile p {{ stage s  sources live }}\n"
        );
        let (_, outcome) = judge(&[("p.gate".to_owned(), text)]);
        let [told] = outcome.diagnostics.as_slice() else { panic!("{row}: {:?}", outcome.diagnostics) };
        assert_eq!(told.fix.as_ref().unwrap().text.trim(), due, "{row}");
    }
}
