//! Every format on every sample run.

use super::samples::{Sample, all};
use super::{FORMATS, ReportContext, Timing, format};

fn render(name: &str, sample: &Sample, colour: bool, timing: Option<Timing>) -> String {
    // The empty run stands for one that leaves gates out.
    let only: Vec<String> = if sample.name == "empty" { vec!["shop.*".into()] } else { Vec::new() };
    let context = ReportContext { sources: &sample.sources, timing, colour, only: &only };
    (format(name).expect("a format").render)(&sample.run, &context)
}

#[test]
fn the_human_report_reads_like_this() {
    for sample in all() {
        insta::assert_snapshot!(format!("human_{}", sample.name), render("human", &sample, false, None));
    }
}

#[test]
fn the_json_report_reads_like_this() {
    for sample in all() {
        if ["pass", "fail", "error", "waived"].contains(&sample.name) {
            insta::assert_snapshot!(format!("json_{}", sample.name), render("json", &sample, false, None));
        }
    }
}

#[test]
fn no_text_of_a_run_reaches_a_terminal_raw() {
    for format in FORMATS {
        for sample in all() {
            let text = render(format.name, &sample, false, None);
            let bad = text.chars().find(|c| *c != '\n' && (c.is_control() || *c == '\u{202e}'));
            assert!(bad.is_none() || format.name == "json", "{}: {bad:?} in {}", format.name, sample.name);
        }
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    for sample in all() {
        let plain = render("human", &sample, false, None);
        let coloured = render("human", &sample, true, None);
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some((head, tail)) = rest.split_once('\u{1b}') {
            stripped.push_str(head);
            rest = tail.split_once('m').expect("the end of a colour").1;
        }
        stripped.push_str(rest);
        assert_ne!(plain, coloured);
        assert_eq!(plain, stripped);
    }
}

#[test]
fn no_line_of_the_human_report_is_wider_than_a_hundred_columns() {
    for sample in all() {
        for line in render("human", &sample, false, None).lines() {
            assert!(line.chars().count() <= 100, "{}: {line}", sample.name);
        }
    }
}

#[test]
fn wall_times_are_the_only_difference_between_two_reports_of_one_run() {
    let sample = &all()[0];
    let with = |elapsed_ns| render("json", sample, false, Some(Timing { started_at: 1_000_000_000, elapsed_ns }));
    let without = render("json", sample, false, None);
    assert!(!without.contains("timing"));
    assert_ne!(with(1), with(2));
    let head =
        |text: &str| text.split_once("\"timing\"").map(|(head, _)| head.trim_end().trim_end_matches(',').to_owned());
    assert_eq!(head(&with(1)), head(&with(2)));
    assert!(without.starts_with(&head(&with(1)).unwrap_or_default()));
}

/// The published schema with every object closed: what is written is what is documented.
fn closed_schema() -> serde_json::Value {
    fn close(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                if map.contains_key("properties") && map.get("type").is_some_and(|t| t == "object") {
                    map.insert("additionalProperties".into(), false.into());
                }
                map.values_mut().for_each(close);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    let mut schema = serde_json::from_str(include_str!("../../schemas/gate-run.v1.schema.json")).expect("JSON");
    close(&mut schema);
    schema
}

#[test]
fn reports_are_what_the_published_schema_says_and_nothing_more() {
    let validator = jsonschema::validator_for(&closed_schema()).expect("a schema");
    for sample in all() {
        for timing in [None, Some(Timing { started_at: 1_000_000_000, elapsed_ns: 5 })] {
            let text = render("json", &sample, false, timing);
            // Exact numbers can be larger than any integer of the validator: only their kind counts here.
            let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let errors: Vec<String> =
                validator.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
            assert!(errors.is_empty(), "{}: {}", sample.name, errors.join("\n"));
        }
    }
}

#[test]
fn every_field_of_the_schema_is_told_in_the_reference_and_occurs_in_a_sample() {
    let page = include_str!("../../docs/reference/report.md");
    let reports: String =
        all().iter().map(|s| render("json", s, false, Some(Timing { started_at: 0, elapsed_ns: 1 }))).collect();
    let mut fields = std::collections::BTreeSet::new();
    collect_fields(&closed_schema(), &mut fields);
    assert!(fields.len() > 60, "{fields:?}");
    for field in fields {
        assert!(page.contains(&format!("`{field}`")), "docs/reference/report.md does not tell `{field}`");
        assert!(reports.contains(&format!("\"{field}\":")), "no sample has `{field}`");
    }
}

fn collect_fields(schema: &serde_json::Value, fields: &mut std::collections::BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(map) => {
            if let Some(serde_json::Value::Object(properties)) = map.get("properties") {
                fields.extend(properties.keys().cloned());
            }
            map.values().for_each(|v| collect_fields(v, fields));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|v| collect_fields(v, fields)),
        _ => {}
    }
}

#[test]
fn the_reference_shows_the_records_of_the_language_as_they_are() {
    let page = include_str!("../../docs/reference/report.md");
    let words = |text: &str| text.lines().filter(|l| !l.trim_start().starts_with("##")).collect::<Vec<_>>().join("\n");
    let prelude = words(crate::check::PRELUDE);
    let shown = page.split_once("```text\nrecord GateRun").and_then(|(_, rest)| rest.split_once("```"));
    let shown = format!("record GateRun{}", shown.expect("the records").0);
    for record in shown.split("\n\n") {
        assert!(prelude.contains(record.trim()), "not so in the prelude:\n{record}");
    }
}
