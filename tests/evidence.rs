//! Evidence from bytes to rows, reports and faults.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test stops where something is not as it should be"
)]

#[path = "evidence/make.rs"]
mod make;

#[path = "evidence/csv.rs"]
mod csv;
#[path = "evidence/limits.rs"]
mod limits;

mod declared {
    //! Version, age, source, keys: what a declaration demands.

    use crate::make::*;
    use rspp_gates::data::{EvidenceOutcome, Num};
    use rspp_gates::host::MemHost;
    use rspp_gates::model::{EvidenceDefinition, OptionalEvidence, Shape};

    fn dated(path: &str) -> EvidenceDefinition {
        fresh(document(path, open(vec![field("at", RFC3339)])), "at", 24 * HOUR)
    }

    #[test]
    fn age_counts_both_ends_in() {
        let definition = dated("d.json");
        for (at, code) in [
            ("2026-03-30T00:00:00Z", None),
            ("2026-03-29T23:59:59.999999999Z", Some("rspp::evidence::stale")),
            ("2026-03-31T00:05:00Z", None),
            ("2026-03-31T00:05:00.000000001Z", Some("rspp::evidence::from-the-future")),
            ("2026-03-31T02:00:00+02:00", None),
        ] {
            let read = read_one(&definition, format!("{{\"at\": \"{at}\"}}"));
            assert_eq!(read.faults().first().map(|f| f.code), code, "{at}");
        }
        let read = read_one(&definition, "{\"at\": \"2026-03-29T23:00:00Z\"}");
        assert_eq!(
            read.told(),
            [
                "stale d.json:1: it is of 2026-03-29T23:00:00Z, 25h before the instant of evaluation; at most 1d is accepted"
            ]
        );
        assert_eq!(read.report.fresh_at, Some(Num::from(AS_OF - 25 * HOUR)));
    }

    #[test]
    fn a_table_is_as_old_as_its_oldest_row() {
        let row = open(vec![key(field("id", TEXT)), field("at", RFC3339)]);
        let definition = fresh(rows("t.jsonl", row), "at", 24 * HOUR);
        let text = "{\"id\":\"a\",\"at\":\"2026-03-30T10:00:00Z\"}\n\n{\"id\":\"b\",\"at\":\"2026-03-28T10:00:00Z\"}\n\
                    {\"id\":\"c\",\"at\":\"2026-04-02T00:00:00Z\"}\n{\"id\":\"d\",\"at\":\"2026-03-28T11:00:00Z\"}";
        let read = read_one(&definition, text);
        assert_eq!(
            read.told(),
            [
                "stale t.jsonl:3 key b: its oldest row is of 2026-03-28T10:00:00Z, 62h before the instant of \
                 evaluation; at most 1d is accepted",
                "from-the-future t.jsonl:4 key c: its newest row is of 2026-04-02T00:00:00Z, 2d after the instant of \
                 evaluation; at most 5m is accepted",
            ]
        );
    }

    #[test]
    fn a_row_without_a_date_is_told() {
        let row = open(vec![field("at", optional(RFC3339))]);
        let definition = fresh(rows("t.jsonl", row), "at", 24 * HOUR);
        let read = read_one(&definition, "{\"at\":\"2026-03-30T10:00:00Z\"}\n{}\n");
        assert_eq!(read.told(), ["undated t.jsonl:2 column 1: `at`, which says how old it is, is absent"]);
        read_one(&definition, "").usable();
    }

    #[test]
    fn versions_are_accepted_by_name_declared_or_not() {
        let declared = closed(vec![field("schema_version", TEXT), field("n", Shape::Int)]);
        let bare = open(vec![field("n", Shape::Int)]);
        for shape in [declared, bare] {
            let definition = version(document("d.json", shape), &["x.v2", "x.v1"]);
            let read = read_one(&definition, r#"{"schema_version": "x.v1", "n": 1}"#).usable();
            assert_eq!(read.report.schema_version.as_deref(), Some("x.v1"));
            let read = read_one(&definition, r#"{"schema_version": "x.v3", "n": 1}"#);
            assert_eq!(
                read.told(),
                ["version d.json:1 column 1: `schema_version` is `x.v3`, accepted is `x.v2` or `x.v1`"]
            );
            assert_eq!(read.report.document, None);
        }
        let definition = version(document("d.json", open(vec![])), &["x.v2"]);
        let read = read_one(&definition, "{}");
        assert_eq!(read.told(), ["version d.json:1 column 1: `schema_version` is absent, accepted is `x.v2`"]);
    }

    #[test]
    fn versions_of_rows_in_a_document_stand_at_its_top() {
        let mut definition = version(rows("d.json", closed(vec![field("n", Shape::Int)])), &["x.v1"]);
        definition.rows_at = Some("/data/rows".into());
        let good = r#"{"schema_version": "x.v1", "data": {"rows": [{"n": 1}, {"n": 2}]}}"#;
        let read = read_one(&definition, good).usable();
        assert_eq!(read.report.rows, 2);
        assert_eq!(read.rows[1].1.as_deref(), Some("d.json:1 (/data/rows/1)"));
        let read = read_one(&definition, good.replace("x.v1", "x.v9"));
        assert_eq!(read.faults()[0].code, "rspp::evidence::version");
        let read = read_one(&definition, r#"{"schema_version": "x.v1", "data": {"rows": {}}}"#);
        assert_eq!(
            read.told(),
            ["no-rows d.json:1/data/rows column 45: expected the list of rows at `/data/rows`, found an object"]
        );
        let read = read_one(&definition, r#"{"schema_version": "x.v1"}"#);
        assert!(read.told()[0].contains("found nothing"), "{:?}", read.told());
    }

    #[test]
    fn the_weakest_source_counts() {
        let row = open(vec![field("n", Shape::Int)]);
        let definition = source_from(rows("t.jsonl", row), "kind");
        let text = "{\"n\":1,\"kind\":\"live\"}\n{\"n\":2,\"kind\":\"synthetic\"}\n{\"n\":3,\"kind\":\"recorded\"}\n";
        let read = read_one(&definition, text).usable();
        assert_eq!(read.report.source.as_deref(), Some("synthetic"));
        let host = MemHost::new();
        host.put("/root/t.jsonl", text);
        let mut setting = Setting::of(&host);
        setting.accepted = vec!["live".into(), "recorded".into()];
        let read = setting.read(&definition);
        assert_eq!(
            read.told(),
            ["source-not-counted t.jsonl:2: it is synthetic, and this profile counts `live`, `recorded` only"]
        );
        let read = read_one(&definition, "{\"n\":1,\"kind\":\"Live\"}\n{\"n\":2}\n");
        assert_eq!(
            read.told(),
            [
                "source-unknown t.jsonl:1 column 1: `kind` is `Live`, which is no kind of source",
                "source-unknown t.jsonl:2 column 1: `kind`, which says what kind of source it is, is absent",
            ]
        );
    }

    #[test]
    fn a_declared_source_that_does_not_count_is_a_fault() {
        let host = MemHost::new();
        host.put("/root/d.json", "{}");
        let mut setting = Setting::of(&host);
        setting.accepted = vec!["live".into()];
        let read = setting.read(&document("d.json", open(vec![])));
        assert_eq!(read.told(), ["source-not-counted -: it is recorded, and this profile counts `live` only"]);
        assert_eq!(read.report.source.as_deref(), Some("recorded"));
    }

    #[test]
    fn keys_do_not_repeat_and_both_places_are_named() {
        let row = closed(vec![key(field("id", TEXT)), field("n", optional(Shape::Int))]);
        let text = "{\"id\":\"a\"}\n{\"id\":\"b\"}\n\n{\"id\":\"a\",\"n\":true}\n{\"id\":\"b\",\"n\":1}\n";
        let read = read_one(&rows("t.jsonl", row.clone()), text);
        assert_eq!(
            read.told(),
            [
                "wrong-type t.jsonl:4/n column 15 key a: expected a whole number, found true",
                "repeated-key t.jsonl:5 key b: the key `id` = `b` stands twice; first at t.jsonl:2",
            ]
        );
        let read = read_one(&rows("t.json", row.clone()), "[{\"id\":\"a\"},\n {\"id\":\"b\"}, {\"id\":\"a\"}]");
        assert_eq!(
            read.told(),
            ["repeated-key t.json:2/2 key a: the key `id` = `a` stands twice; first at t.json:1:2"]
        );
        let host = MemHost::new();
        host.put("/root/1.jsonl", "{\"id\":\"a\"}\n{\"id\":\"b\"}");
        host.put("/root/2.jsonl", "{\"id\":\"c\"}\n{\"id\":\"b\"}\n");
        host.put("/root/3.jsonl", "{\"id\":\"c\"}\n");
        let read = Setting::of(&host).read(&many("*.jsonl", row.clone()));
        assert_eq!(
            read.told(),
            [
                "repeated-key 2.jsonl:2 key b: the key `id` = `b` stands twice; first at 1.jsonl:2",
                "repeated-key 3.jsonl:1 key c: the key `id` = `c` stands twice; first at 2.jsonl:1",
            ]
        );
        let host = MemHost::new();
        host.put("/root/1.json", "{\"id\":\"a\"}");
        host.put("/root/2.json", "{\"id\":\"a\"}");
        let read = Setting::of(&host).read(&many("*.json", row));
        assert_eq!(read.told(), ["repeated-key 2.json:1 key a: the key `id` = `a` stands twice; first at 1.json"]);
    }

    #[test]
    fn missing_keys_do_not_repeat_and_numbers_can_be_keys() {
        let row = open(vec![key(field("id", optional(Shape::Int)))]);
        let read = read_one(&rows("t.jsonl", row), "{}\n{}\n{\"id\":7}\n{\"id\":7}\n");
        assert_eq!(read.total(), 1);
        assert_eq!(read.faults()[0].place.as_ref().unwrap().key.as_deref(), Some("7"));
    }

    #[test]
    fn only_absence_is_excused() {
        let host = MemHost::new();
        host.put("/root/other", "");
        let mut definition = dated("d.json");
        let read = |definition: &EvidenceDefinition| Setting::of(&host).read(definition);
        assert_eq!(read(&definition).told(), ["absent -: no file stands at `d.json`"]);
        definition.optional = OptionalEvidence::Always;
        assert_eq!(read(&definition).report.outcome, EvidenceOutcome::Absent);
        definition.optional = OptionalEvidence::Until(Num::from(AS_OF + 1));
        assert_eq!(read(&definition).report.outcome, EvidenceOutcome::Absent);
        definition.optional = OptionalEvidence::Until(Num::from(AS_OF));
        assert_eq!(
            read(&definition).told(),
            ["absent -: no file stands at `d.json`, and that was excused until 2026-03-31T00:00:00Z only"]
        );
        definition.optional = OptionalEvidence::Always;
        host.put("/root/d.json", "{\"at\": \"2020-01-01T00:00:00Z\"}");
        assert_eq!(read(&definition).faults()[0].code, "rspp::evidence::stale");
        host.put("/root/d.json", "");
        assert_eq!(read(&definition).faults()[0].code, "rspp::evidence::syntax");
    }

    #[test]
    fn a_path_of_the_command_line_has_to_be_there_and_may_be_anywhere() {
        let host = MemHost::new();
        host.put("/root/d.json", "{\"at\": \"2020-01-01T00:00:00Z\"}");
        host.put("/elsewhere/x.yaml", "at: 2026-03-30T10:00:00Z\n");
        let mut definition = dated("d.json");
        definition.optional = OptionalEvidence::Always;
        let mut setting = Setting::of(&host);
        setting.elsewhere = Some("../elsewhere/x.yaml");
        let read = setting.read(&definition).usable();
        assert_eq!(&*read.report.files[0].path, "../elsewhere/x.yaml");
        setting.elsewhere = Some("nothing.json");
        assert_eq!(setting.read(&definition).faults()[0].code, "rspp::evidence::absent");
        host.put("/desk/in/a/x.jsonl", "{\"id\":\"1\"}");
        setting.elsewhere = Some("in/{region}/*.jsonl");
        let row = closed(vec![field("id", TEXT), field("region", TEXT)]);
        let read = setting.read(&many("{region}/x.jsonl", row)).usable();
        assert_eq!(read.rows[0].1.as_deref(), Some("in/a/x.jsonl:1"));
    }
}

mod files {
    //! Which files, and what is wrong with a file as a whole.

    use crate::make::*;
    use rspp_gates::data::{Digest, EvidenceOutcome, Type, Value};
    use rspp_gates::host::{Host, MemHost, Operation, OsHost};
    use rspp_gates::model::{OptionalEvidence, Shape};
    use std::io::ErrorKind;

    fn any() -> Shape {
        open(vec![])
    }

    #[test]
    fn hostile_paths_are_refused() {
        let host = MemHost::new();
        host.put("/root/a", "{}");
        host.put("/secret/x.json", "{}");
        host.link("/root/out", "/secret");
        host.link("/root/gone.json", "/root/nothing");
        for path in ["/secret/x.json", "../secret/x.json", "out/x.json", "a/../../secret/x.json", "a\\x", "", "x\0"] {
            let read = Setting::of(&host).read(&document(path, any()));
            assert_eq!(read.faults()[0].code, "rspp::evidence::path", "{path:?}");
            assert!(read.report.files.is_empty());
        }
        let read = Setting::of(&host).read(&document("gone.json", any()));
        assert_eq!(read.told(), ["path -: `gone.json` cannot be read: a link on the path leads nowhere"]);
        let read = Setting::of(&host).read(&many("../secret/*.json", any()));
        assert_eq!(read.faults()[0].code, "rspp::evidence::path");
    }

    #[test]
    fn what_is_no_file_is_told_apart() {
        let host = MemHost::new();
        host.put("/root/folder/x", "");
        host.special("/root/pipe.json");
        host.put("/root/closed.json", "{}");
        host.fail("/root/closed.json", Operation::Open, ErrorKind::PermissionDenied);
        host.put("/root/bad.jsonl", "{}\n");
        host.fail("/root/bad.jsonl", Operation::ReadAt, ErrorKind::Other);
        let told = |path: &str, rows_: bool| {
            let definition = if rows_ { rows(path, any()) } else { document(path, any()) };
            Setting::of(&host).read(&definition).told()
        };
        assert_eq!(told("folder", false), ["not-a-file -: `folder` is a folder, not a regular file"]);
        assert_eq!(
            told("pipe.json", false),
            [
                "not-a-file pipe.json:0: `pipe.json` is a device, a pipe or a link that leads nowhere, not a regular file"
            ]
        );
        assert_eq!(
            told("closed.json", false),
            ["unreadable closed.json:0: `closed.json` cannot be read: permission is denied"]
        );
        assert_eq!(told("bad.jsonl", true), ["unreadable bad.jsonl:0: `bad.jsonl` cannot be read: other error"]);
        assert_eq!(told("folder/x/y.json", false), ["absent -: no file stands at `folder/x/y.json`"]);
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_refused() {
        let lines: String = (0..100).map(|i| format!("{{\"n\":{i}}}\n")).collect();
        for (path, text, after) in [
            ("t.jsonl", lines.clone(), lines.replace("99", "98")),
            ("t.jsonl", lines.clone(), lines[..500].to_owned()),
            ("t.jsonl", lines.clone(), format!("{lines}{{\"n\":1}}\n")),
            ("t.json", "[1]".to_owned(), "[2]".to_owned()),
        ] {
            let host = MemHost::new();
            host.put(format!("/root/{path}"), &text);
            host.change_after(format!("/root/{path}"), 0, &after);
            let mut setting = Setting::of(&host);
            setting.limits.chunk_bytes = 100;
            let shape = if path == "t.json" { Shape::Json } else { any() };
            let read = setting.read(&rows(path, shape));
            assert!(read.faults().iter().any(|f| f.code == "rspp::evidence::changed-while-read"), "{:?}", read.told());
            assert_eq!(read.report.digest, None);
        }
    }

    #[test]
    fn size_and_row_limits_hold() {
        let host = MemHost::new();
        host.put("/root/d.json", "{\"a\": 1234567890}");
        host.put("/root/t.jsonl", "{\"a\":1}\n{\"a\":123456789012345678901234567890}\n{\"a\":2}\n");
        for chunk_bytes in [1, 8, 30, 4096] {
            let mut setting = Setting::of(&host);
            setting.limits.file_bytes = 16;
            setting.limits.row_bytes = 20;
            setting.limits.chunk_bytes = chunk_bytes;
            let read = setting.read(&document("d.json", any()));
            assert_eq!(read.told(), ["too-large d.json:0: `d.json` has 17 bytes; at most 16 are read in one piece"]);
            let read = setting.read(&rows("t.jsonl", any()));
            assert_eq!(read.told(), ["row-too-long t.jsonl:2: a row has more than 20 bytes"]);
            assert_eq!((read.report.rows, read.rows.len()), (3, 2));
        }
    }

    #[test]
    fn many_files_are_read_in_the_order_of_their_names() {
        let host = MemHost::new();
        host.put("/root/runs/b/2.jsonl", "{\"n\":1}\n{\"n\":2}\n");
        host.put("/root/runs/a/9.jsonl", "{\"n\":3}");
        host.put("/root/runs/a/10.jsonl", "{\"n\":4}\n");
        let row = closed(vec![field("region", TEXT), field("n", Shape::Int), field("run", TEXT)]);
        let read = Setting::of(&host).read(&many("runs/{region}/{run}.jsonl", row)).usable();
        let seen: Vec<String> = read.rows.iter().map(|(_, origin, _)| origin.clone().unwrap()).collect();
        assert_eq!(seen, ["runs/a/10.jsonl:1", "runs/a/9.jsonl:1", "runs/b/2.jsonl:1", "runs/b/2.jsonl:2"]);
        let fields = &read.rows[0].2.as_record().unwrap().fields;
        assert_eq!(**fields, [Value::text("a"), Value::int(4), Value::text("10")]);
        let mut lines: Vec<String> = read.report.files.iter().map(|f| format!("{}  {}\n", f.sha256, f.path)).collect();
        lines.sort();
        assert_eq!(read.report.digest, Some(Digest::of(lines.concat().as_bytes())));
        assert_eq!(read.report.files[0].sha256, Digest::of(b"{\"n\":4}\n"));
    }

    #[test]
    fn a_json_file_among_many_is_one_row() {
        let host = MemHost::new();
        host.put("/root/a.json", "{\"n\": 1}");
        host.put("/root/b.json", "{\n \"n\": \"x\"}");
        let row = closed(vec![key(field("name", TEXT)), field("n", Shape::Int)]);
        let read = Setting::of(&host).read(&many("{name}.json", row.clone()));
        assert_eq!(
            read.told(),
            ["wrong-type b.json:2/n column 7 key b: expected a whole number, found the text \"x\""]
        );
        host.put("/root/b.json", "[{\"n\": 1}, {\"n\": 2}]");
        let read = Setting::of(&host).read(&many("*.json", closed(vec![field("n", Shape::Int)]))).usable();
        let places: Vec<&str> = read.rows.iter().map(|(_, origin, _)| origin.as_deref().unwrap()).collect();
        assert_eq!(places, ["a.json:1", "b.json:1 (/0)", "b.json:1 (/1)"]);
    }

    #[test]
    fn a_name_from_the_path_that_the_file_holds_is_a_fault() {
        let host = MemHost::new();
        host.put("/root/eu.jsonl", "{\"n\":1}\n{\"region\":\"us\",\"n\":2}\n");
        let row = open(vec![field("region", TEXT), field("n", Shape::Int)]);
        let read = Setting::of(&host).read(&many("{region}.jsonl", row));
        assert_eq!(
            read.told(),
            ["name-in-file eu.jsonl:2/region column 11: `region` comes from the path, and the file holds it too"]
        );
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_a_fault_unless_excused() {
        let host = MemHost::new();
        host.put("/root/x", "");
        let mut definition = many("runs/*.json", any());
        assert_eq!(Setting::of(&host).read(&definition).told(), ["nothing-matches -: no file matches `runs/*.json`"]);
        definition.optional = OptionalEvidence::Always;
        assert_eq!(Setting::of(&host).read(&definition).report.outcome, EvidenceOutcome::Absent);
        let read = Setting::of(&host).read(&many("{a/*.json", any()));
        assert_eq!(read.faults()[0].code, "rspp::evidence::path");
    }

    #[test]
    fn one_bad_file_among_many_can_be_a_row_of_its_own() {
        let host = MemHost::new();
        host.put("/root/a.json", "{\"n\": 1}");
        host.put("/root/b.json", "{\"n\": ");
        host.put("/root/c.json", b"\"\xFF\"");
        host.put("/root/d.json", "{\"n\": \"one\"}");
        let shape = open(vec![field("n", Shape::Int), field("at", optional(RFC3339))]);
        let mut definition = many("*.json", shape);
        assert_eq!(Setting::of(&host).read(&definition).total(), 3);
        definition.judge_each_file = true;
        definition.ty = Type::list(Type::Json);
        let read = Setting::of(&host).read(&definition).usable();
        let values: Vec<&Value> = read.rows.iter().map(|(_, _, v)| v).collect();
        assert!(matches!(values[0], Value::Json(_)));
        assert_eq!(values[1..3], [&Value::Missing, &Value::Missing]);
        assert!(matches!(values[3], Value::Json(_)));
        assert_eq!(read.rows[1].1.as_deref(), Some("b.json:1"));
        // What can be read is as old as it says.
        host.put("/root/a.json", "{\"n\": 1, \"at\": \"2020-01-01T00:00:00Z\"}");
        let read = Setting::of(&host).read(&fresh(definition, "at", HOUR));
        assert_eq!(read.faults().iter().map(|f| f.code).collect::<Vec<_>>(), ["rspp::evidence::stale"]);
        host.put("/root/x.jsonl", "{\"n\": 1}\n{\"n\"\n{\"n\": true}\n");
        let mut definition = many("*.jsonl", open(vec![field("n", Shape::Int)]));
        definition.judge_each_file = true;
        definition.ty = Type::list(Type::Json);
        let read = Setting::of(&host).read(&definition).usable();
        assert_eq!((read.rows.len(), &read.rows[1].2), (3, &Value::Missing));
    }

    #[test]
    fn the_real_file_system_reads_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let host = OsHost::default();
        for (name, text) in [("r/b.jsonl", "{\"n\":1}\r\n\r\n{\"n\":2}"), ("r/a.jsonl", "{\"n\":0}\n")] {
            host.write_atomic(&folder.path().join(name), text.as_bytes()).unwrap();
        }
        let setting = Setting::of(&host);
        let definition = many("r/*.jsonl", closed(vec![field("n", Shape::Int)]));
        let read = setting.read_below(&folder.path().to_string_lossy(), &definition).usable();
        let seen: Vec<&str> = read.rows.iter().map(|(_, origin, _)| origin.as_deref().unwrap()).collect();
        assert_eq!(seen, ["r/a.jsonl:1", "r/b.jsonl:1", "r/b.jsonl:3"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_without_permission_is_told() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let host = OsHost::default();
        let path = folder.path().join("d.json");
        host.write_atomic(&path, b"{}").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
        if host.read(&path, 10).is_ok() {
            return; // A superuser may read everything.
        }
        let read = Setting::of(&host).read_below(&folder.path().to_string_lossy(), &document("d.json", any()));
        assert_eq!(read.faults()[0].code, "rspp::evidence::unreadable");
    }
}

mod shapes {
    //! Values by shape, through every format.

    use crate::make::*;
    use rspp_gates::data::{Column, Projection, Value};
    use rspp_gates::host::MemHost;
    use rspp_gates::model::Shape;

    #[test]
    fn faults_name_file_line_column_pointer_and_key() {
        let row = closed(vec![
            key(field("id", TEXT)),
            field("status", one_of("Status", &["pass", "fail"])),
            field("steps", list(closed(vec![field("took", MS)]))),
        ]);
        let text = "{\"id\":\"a\",\"status\":\"pass\",\"steps\":[{\"took\":1}]}\n\
                    {\"id\":\"ä\",\"status\":\"pas\",\"steps\":[{\"took\":1},{\"took\":1.5}],\"zz\":1}\n";
        let read = read_one(&rows("t.jsonl", row), text);
        let places: Vec<String> =
            read.told().iter().map(|t| t.split_once(": ").map_or("", |(place, _)| place).to_owned()).collect();
        assert_eq!(
            places,
            [
                "unknown-word t.jsonl:2/status column 20 key ä",
                "unreadable-value t.jsonl:2/steps/1/took column 54 key ä",
                "unknown-field t.jsonl:2/zz column 65 key ä",
            ]
        );
    }

    #[test]
    fn data_in_messages_is_cut_and_printable() {
        let row = closed(vec![field("n", Shape::Int)]);
        let nasty = format!("\\u001b[31m{}", "x".repeat(500));
        for text in [
            format!("{{\"n\":\"{nasty}\"}}"),
            format!("{{\"{nasty}\":1,\"n\":1}}"),
            format!("{{\"{nasty}\":1,\"{nasty}\":1}}"),
        ] {
            let read = read_one(&rows("t.jsonl", row.clone()), text);
            for fault in read.faults() {
                assert!(fault.message.len() < 200, "{}", fault.message);
                assert!(!fault.message.chars().any(char::is_control));
            }
            assert!(read.total() > 0);
        }
    }

    #[test]
    fn fields_nobody_reads_are_checked_and_not_kept() {
        let row = open(vec![field("a", Shape::Int), field("b", Shape::Int)]);
        let host = MemHost::new();
        host.put("/root/t.jsonl", "{\"a\":1,\"b\":\"x\",\"c\":{\"d\":[true]}}\n");
        let mut setting = Setting::of(&host);
        setting.projection = Projection::default();
        setting.projection.add(&path("a"));
        let read = setting.read(&rows("t.jsonl", row.clone()));
        assert_eq!(read.told(), ["wrong-type t.jsonl:1/b column 12: expected a whole number, found the text \"x\""]);
        for bad in [
            "{\"a\":1,\"b\":2,\"c\":{\"d\":[tru]}}",
            "{\"a\":1,\"b\":2,\"c\":1,\"c\":2}",
            "{\"a\":1,\"b\":2,\"c\":\"\x01\"}",
        ] {
            host.put("/root/t.jsonl", bad);
            assert_eq!(setting.read(&rows("t.jsonl", row.clone())).total(), 1, "{bad}");
        }
        host.put("/root/t.jsonl", b"{\"a\":1,\"b\":2,\"c\":\"\xC3\"}");
        let read = setting.read(&rows("t.jsonl", row.clone()));
        assert_eq!(read.told(), ["not-utf8 t.jsonl:1 column 19: the bytes here are not UTF-8"]);
        host.put("/root/t.jsonl", "{\"a\":1,\"b\":2}");
        let read = setting.read(&rows("t.jsonl", row)).usable();
        assert_eq!(*read.rows[0].2.as_record().unwrap().fields, [Value::int(1), Value::Missing]);
        let _ = Column::Pruned;
    }

    #[test]
    fn fields_that_are_judged_need_not_be_read() {
        let row = open(vec![field("at", RFC3339), field("a", Shape::Int)]);
        let host = MemHost::new();
        host.put("/root/t.jsonl", "{\"a\":1,\"at\":\"2020-01-01T00:00:00Z\",\"k\":{\"kind\":\"live\"}}\n");
        let mut setting = Setting::of(&host);
        setting.projection = Projection::default();
        let definition = source_from(fresh(rows("t.jsonl", row), "at", HOUR), "k.kind");
        let read = setting.read(&definition);
        assert_eq!(read.faults()[0].code, "rspp::evidence::stale");
        assert_eq!(read.report.source.as_deref(), Some("live"));
        assert_eq!(*read.rows[0].2.as_record().unwrap().fields, [Value::Missing, Value::Missing]);
    }

    #[test]
    fn unreadable_values_of_lenient_fields_are_counted() {
        let row = open(vec![lenient(field("n", optional(Shape::Int)))]);
        let text = "{\"n\":1}\n{\"n\":\"x\"}\n{\"n\":[]}\n{}\n";
        for (definition, text) in [
            (rows("t.jsonl", row.clone()), text.to_owned()),
            (rows("t.json", row), format!("[{}]", text.trim().replace('\n', ","))),
        ] {
            let read = read_one(&definition, text).usable();
            let counts: Vec<(&str, u64)> = read.report.unreadable.iter().map(|(f, n)| (&**f, *n)).collect();
            assert_eq!(counts, [("n", 2)]);
        }
    }

    #[test]
    fn fields_are_read_from_where_they_stand() {
        let row = open(vec![
            from(field("a", Shape::Int), &[&["x", "y"], &["Y"]]),
            from(field("b", optional(Shape::Int)), &[&["x", "z"]]),
        ]);
        let text = "{\"x\":{\"q\":0,\"y\":1,\"z\":2}}\n{\"Y\":3}\n{\"x\":{\"y\":1},\"Y\":1}\n";
        let read = read_one(&rows("t.jsonl", row), text);
        assert_eq!(read.total(), 1);
        assert_eq!(read.faults()[0].code, "rspp::evidence::two-spellings");
        assert_eq!(*read.rows[0].2.as_record().unwrap().fields, [Value::int(1), Value::int(2)]);
    }

    #[test]
    fn yaml_says_quote_it() {
        let shape = closed(vec![field("v", Shape::Version), field("t", TEXT), field("n", Shape::Decimal)]);
        let definition = document("d.yaml", shape);
        let read = read_one(&definition, "v: 1.10\nt: 12\nn: 1.50\n");
        assert_eq!(read.total(), 2);
        for fault in read.faults() {
            assert!(fault.help.as_ref().is_some_and(|h| h.contains("quote it")), "{fault:?}");
        }
        let read = read_one(&definition, "v: v1.10\nt: \"12\"\nn: 0.1\n").usable();
        let document = read.report.document.unwrap();
        assert_eq!(document.as_record().unwrap().fields[2], Value::Num(rspp_gates::data::Num::new(1, 10).unwrap()));
        let read = read_one(&definition, "v: v1\nt: [\nn: 1\n");
        assert_eq!(read.faults()[0].code, "rspp::evidence::syntax");
        assert!(read.faults()[0].place.as_ref().unwrap().line >= 2);
    }

    #[test]
    fn numbers_are_exact_and_absurd_ones_are_told() {
        let shape = closed(vec![field("n", Shape::Decimal)]);
        let read = |n: &str| read_one(&document("d.json", shape.clone()), format!("{{\"n\": {n}}}"));
        for huge in ["1e999999999", "-1e99999999999999999999", "1e-999999999", &"9".repeat(100_000)] {
            assert_eq!(read(huge).faults()[0].code, "rspp::evidence::unreadable-value", "{:.20}", huge);
        }
        let read = read("0.1000000000000000055511151231257827").usable();
        let n = read.report.document.unwrap().as_record().unwrap().fields[0].as_num().unwrap();
        assert_ne!(n, rspp_gates::data::Num::new(1, 10).unwrap());
    }

    #[test]
    fn records_in_the_lists_of_a_document_know_their_place() {
        let shape = closed(vec![field("xs", list(closed(vec![field("n", Shape::Int)])))]);
        let read = read_one(&document("d.json", shape), "{\"xs\": [\n {\"n\": 1},\n {\"n\": 2}\n]}").usable();
        let document = read.report.document.unwrap();
        let xs = document.as_record().unwrap().fields[0].as_list().unwrap().clone();
        let places: Vec<String> = xs.iter().map(|x| x.origin().unwrap().to_string()).collect();
        assert_eq!(places, ["d.json:2 (/xs/0)", "d.json:3 (/xs/1)"]);
        assert!(xs[0].origin().unwrap().ordinal < xs[1].origin().unwrap().ordinal);
    }

    #[test]
    fn a_document_is_no_table_and_a_table_no_document() {
        let read = read_one(&rows("d.json", closed(vec![])), "{\"rows\": []}");
        assert_eq!(read.told(), ["no-rows d.json:1 column 1: expected a list of rows, found an object"]);
        let read = read_one(&document("d.json", closed(vec![])), "[]");
        assert_eq!(read.faults()[0].code, "rspp::evidence::wrong-type");
        assert_eq!(read_one(&rows("d.json", closed(vec![])), "[]").usable().report.rows, 0);
        assert_eq!(read_one(&rows("d.jsonl", closed(vec![])), "").usable().report.rows, 0);
    }
}

mod hostile {
    //! Bytes made to break readers.

    use crate::make::*;
    use rspp_gates::model::Shape;

    #[test]
    fn no_bytes_bring_a_reader_down() {
        let deep = |open: &str, n: usize| open.repeat(n);
        let cases: Vec<Vec<u8>> = vec![
            vec![],
            vec![0],
            vec![0xFF; 100],
            b"\xEF\xBB\xBF".to_vec(),
            b"\xEF\xBB\xBF\xEF\xBB\xBF{}".to_vec(),
            deep("[", 1_000_000).into_bytes(),
            deep("{\"a\":", 300_000).into_bytes(),
            b"{\"a\":\"\\ud800\"}".to_vec(),
            b"{\"a\":\"\\ud800\\ud800\"}".to_vec(),
            b"NaN".to_vec(),
            b"{\"a\":Infinity}".to_vec(),
            b"{\"a\":1e999999999}".to_vec(),
            format!("\"{}\"", "a".repeat(3_000_000)).into_bytes(),
            b"{\"a\":\"\x00\"}".to_vec(),
            b"{\"a\":1}garbage".to_vec(),
            b"{\"a\":1".to_vec(),
            b"\n\n\n".to_vec(),
            b"\r".to_vec(),
            deep("a: &a [*a", 10).into_bytes(),
            deep("- ", 100_000).into_bytes(),
        ];
        for bytes in &cases {
            let shape = open(vec![field("a", Shape::Int)]);
            for definition in [
                document("d.json", shape.clone()),
                rows("d.json", shape.clone()),
                rows("d.jsonl", shape.clone()),
                document("d.yaml", shape.clone()),
            ] {
                let read = read_one(&definition, bytes);
                assert!(read.rows.is_empty(), "{:?}", bytes.get(..20));
                for fault in read.faults() {
                    assert!(fault.message.chars().count() < 200 && !fault.message.chars().any(char::is_control));
                }
            }
        }
    }

    #[test]
    fn every_broken_row_is_told_once_and_counted() {
        let text: String =
            (0..250).map(|i| if i % 2 == 0 { "{\"a\":\n".to_owned() } else { format!("{{\"a\":{i}}}\n") }).collect();
        let read = read_one(&rows("t.jsonl", closed(vec![field("a", Shape::Int)])), text);
        assert_eq!((read.total(), read.faults().len(), read.report.rows), (125, 100, 250));
        let lines: Vec<u64> = read.faults().iter().map(|f| f.place.as_ref().unwrap().line).collect();
        assert_eq!(lines, (0..100).map(|i| 2 * i + 1).collect::<Vec<u64>>());
    }
}

mod deterministic {
    //! Threads, chunks and batches change nothing.

    use crate::make::*;
    use rspp_gates::data::{BatchSource, Num, Projection};
    use rspp_gates::eval::Constants;
    use rspp_gates::evidence::{FileSource, ReadLimits};
    use rspp_gates::host::{MemHost, Root};
    use rspp_gates::model::{EvidenceDefinition, Policy, Shape};
    use std::path::Path;
    use std::sync::Arc;

    fn row() -> Shape {
        open(vec![
            key(field("id", TEXT)),
            field("at", RFC3339),
            field("n", optional(Shape::Int)),
            lenient(field("x", optional(Shape::Int))),
            field("words", list(TEXT)),
        ])
    }

    /// Rows of all lengths, some blank lines, one row longer than every chunk but the largest;
    /// with faults of many kinds, or without.
    fn text(faulty: bool) -> String {
        let mut out = "\u{feff}".to_owned();
        for i in 0..300u32 {
            let at = format!("2026-03-{:02}T{:02}:00:00Z", 10 + i % 21, i % 24);
            let filler = "ö".repeat(if i == 150 { 5000 } else { (i as usize * 7) % 40 });
            out.push_str(&format!(
                "{{\"id\":\"k{i}\",\"at\":\"{at}\",\"n\":{i},\"x\":{},\"words\":[\"{filler}\"],\"kind\":\"{}\",\"more\":{{\"a\":[1,2]}}}}",
                if i % 9 == 0 { "\"bad\"" } else { "3" },
                ["live", "recorded"][(i % 2) as usize],
            ));
            out.push_str(if i % 3 == 0 { "\r\n" } else { "\n" });
            if i % 50 == 0 {
                out.push_str("  \t\r\n\n");
            }
            if faulty && i % 31 == 0 {
                out.push_str("{\"id\":\"k5\",\"at\":\"2026-03-10T00:00:00Z\",\"words\":[],\"kind\":\"live\"}\n");
                out.push_str("{\"id\":\"z\",\"at\":1,\"words\":[],\"kind\":\"live\"}\n");
                out.push_str("{\"id\":\"q\",\"id\":\"q\"}\n{\"id\"\n");
            }
        }
        out.truncate(out.trim_end().len());
        out
    }

    fn read(host: &MemHost, definition: &EvidenceDefinition, threads: usize, limits: ReadLimits) -> Read {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut setting = Setting::of(host);
        setting.limits = limits;
        pool.install(|| setting.read(definition))
    }

    #[test]
    fn reports_and_rows_do_not_depend_on_threads_or_chunks() {
        for faulty in [false, true] {
            let host = MemHost::new();
            host.put("/root/a.jsonl", text(faulty));
            host.put("/root/b.jsonl", text(false).replace("\"k", "\"j"));
            let row_definition = source_from(fresh(rows("a.jsonl", row()), "at", 24 * HOUR), "kind");
            let many_definition = fresh(many("*.jsonl", row()), "at", 9000 * HOUR);
            for definition in [row_definition, many_definition] {
                let expected = read(&host, &definition, 1, ReadLimits::default());
                assert!(expected.rows.len() >= 300);
                assert_eq!(expected.total() > 20, faulty);
                for threads in [1, 2, 64] {
                    for chunk_bytes in [1, 7, 4096] {
                        let limits = ReadLimits { chunk_bytes, ..ReadLimits::default() };
                        let found = read(&host, &definition, threads, limits);
                        assert_eq!(found.report, expected.report, "{threads} threads, {chunk_bytes} bytes");
                        assert!(found.rows == expected.rows, "{threads} threads, {chunk_bytes} bytes");
                    }
                }
            }
        }
    }

    #[test]
    fn reports_and_rows_do_not_depend_on_batches() {
        let host = MemHost::new();
        let items: Vec<String> = text(true)
            .trim_start_matches('\u{feff}')
            .lines()
            .filter(|l| l.ends_with('}'))
            .filter(|l| !l.contains("\"q\""))
            .map(str::to_owned)
            .collect();
        host.put("/root/a.json", format!("[{}]", items.join(",\n")));
        let definition = fresh(rows("a.json", row()), "at", 24 * HOUR);
        let expected = read(&host, &definition, 1, ReadLimits::default());
        assert!(expected.rows.len() > 300 && expected.total() > 10);
        for batch_rows in [1, 7, 4096] {
            let found = read(&host, &definition, 2, ReadLimits { batch_rows, ..ReadLimits::default() });
            assert_eq!(found.report, expected.report);
            assert!(found.rows == expected.rows);
        }
    }

    #[test]
    fn a_sink_that_stops_gets_no_more_and_the_report_is_whole() {
        let host = MemHost::new();
        host.put("/root/a.jsonl", text(true));
        let definition = rows("a.jsonl", row());
        let expected = read(&host, &definition, 1, ReadLimits::default());
        let root = Root::new(&host, Path::new("/root")).unwrap();
        let constants = Constants::new(Arc::new(Policy::default()), Default::default());
        let evidence = [Arc::new(definition)];
        let accepted = [Arc::from("recorded")];
        let source = FileSource::new(&host, &root, &evidence, &constants, Num::from(AS_OF), &accepted)
            .with_limits(ReadLimits { chunk_bytes: 500, ..ReadLimits::default() });
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let sink = Keeping { stop_after: Some(2), ..Keeping::default() };
        let report = pool.install(|| source.read("e", &Projection::everything(), &sink));
        assert_eq!(report, expected.report);
        assert!(sink.rows().len() < 20);
    }

    #[test]
    fn a_sink_that_uses_the_pool_itself_does_not_block_it() {
        struct Busy;
        impl rspp_gates::data::BatchSink for Busy {
            fn take(&self, batch: rspp_gates::data::Batch) -> rspp_gates::data::Flow {
                rayon::join(|| batch.len, || rayon::join(|| batch.first, rayon::yield_now));
                rspp_gates::data::Flow::Continue
            }
        }
        let host = MemHost::new();
        host.put("/root/a.jsonl", text(false));
        let root = Root::new(&host, Path::new("/root")).unwrap();
        let constants = Constants::new(Arc::new(Policy::default()), Default::default());
        let evidence = [Arc::new(rows("a.jsonl", row()))];
        let accepted = [Arc::from("recorded")];
        let source = FileSource::new(&host, &root, &evidence, &constants, Num::from(AS_OF), &accepted)
            .with_limits(ReadLimits { chunk_bytes: 64, ..ReadLimits::default() });
        for threads in [2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let reports: Vec<_> = pool.install(|| {
                use rayon::prelude::*;
                (0..8).into_par_iter().map(|_| source.read("e", &Projection::everything(), &Busy)).collect()
            });
            assert!(reports.windows(2).all(|w| w[0] == w[1]));
        }
    }
}

mod memory {
    //! Evidence given by value.

    use crate::make::*;
    use rspp_gates::data::{BatchSource, EvidenceOutcome, Projection, ReadReport, Value};
    use rspp_gates::eval::Constants;
    use rspp_gates::evidence::MemorySource;
    use rspp_gates::model::{Policy, Shape};
    use std::sync::Arc;

    fn read(source: &MemorySource, name: &str) -> (ReadReport, Vec<Value>) {
        let sink = Keeping::default();
        let report = source.read(name, &Projection::everything(), &sink);
        (report, sink.rows().into_iter().map(|(_, _, value)| value).collect())
    }

    fn code(report: &ReadReport) -> Option<&'static str> {
        match &report.outcome {
            EvidenceOutcome::Unusable { faults, .. } => faults.first().map(|f| f.code),
            _ => None,
        }
    }

    #[test]
    fn rows_come_back_whatever_the_batches() {
        let given: Vec<Value> = (0..50).map(|i| Value::record(vec![Value::int(i), Value::text("x")])).collect();
        for batch_rows in [1, 7, 4096] {
            let mut source = MemorySource::new().with_batch_rows(batch_rows);
            source.rows("e", given.clone());
            let (report, rows) = read(&source, "e");
            assert_eq!((report.outcome, report.rows), (EvidenceOutcome::Usable, 50));
            assert_eq!(rows, given);
        }
    }

    #[test]
    fn json_text_is_read_by_shape_and_not_asked_for_age() {
        let constants = Constants::new(Arc::new(Policy::default()), Default::default());
        let definition = fresh(rows("t.jsonl", closed(vec![field("at", RFC3339), field("n", Shape::Int)])), "at", 1);
        let mut source = MemorySource::new();
        source.json(&definition, &constants, r#"[{"at": "2020-01-01T00:00:00Z", "n": 1}]"#);
        let (report, rows) = read(&source, "e");
        assert_eq!((report.outcome, rows.len()), (EvidenceOutcome::Usable, 1));
        for (text, expected) in [
            (r#"[{"at": "2020-01-01T00:00:00Z"}]"#, "rspp::evidence::missing-field"),
            ("{}", "rspp::evidence::no-rows"),
            ("[", "rspp::evidence::syntax"),
        ] {
            source.json(&definition, &constants, text);
            let (report, rows) = read(&source, "e");
            assert_eq!((code(&report), rows.len()), (Some(expected), 0));
        }
    }

    #[test]
    fn what_was_not_given_is_missing_evidence() {
        let mut source = MemorySource::new();
        source.absent("optional");
        source.document("d", Value::int(1));
        assert_eq!(read(&source, "optional").0.outcome, EvidenceOutcome::Absent);
        assert_eq!(code(&read(&source, "other").0), Some("rspp::evidence::absent"));
        let (report, rows) = read(&source, "d");
        assert_eq!((report.document, report.rows, rows.len()), (Some(Value::int(1)), 1, 0));
    }
}

mod parser {
    //! Our JSON parser against another one.

    use proptest::prelude::*;
    use rspp_gates::data::{Json, JsonKind};
    use rspp_gates::evidence::parse_json;

    /// The other parser writes exponents in a way of its own.
    fn plain(number: &str) -> String {
        number.to_lowercase().replace("e+", "e")
    }

    fn same(ours: &Json, theirs: &serde_json::Value) -> bool {
        match (&ours.kind, theirs) {
            (JsonKind::Null, serde_json::Value::Null) => true,
            (JsonKind::Bool(a), serde_json::Value::Bool(b)) => a == b,
            (JsonKind::Number(a), serde_json::Value::Number(b)) => plain(a) == plain(&b.to_string()),
            (JsonKind::Text(a), serde_json::Value::String(b)) => **a == **b,
            (JsonKind::List(a), serde_json::Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
            }
            (JsonKind::Object(a), serde_json::Value::Object(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| **k == **l && same(a, b))
            }
            _ => false,
        }
    }

    /// They agree, but for what we refuse on purpose: repeated names.
    fn agree(text: &str) -> Result<(), TestCaseError> {
        let theirs = serde_json::from_str::<serde_json::Value>(text);
        match (parse_json(text), theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert!(same(&ours, &theirs), "{text:?}: {} v {theirs}", ours.canonical()),
            (Err(_), Err(_)) => {}
            (Err(fault), Ok(_)) => prop_assert_eq!(fault.code, "rspp::evidence::repeated-name", "{:?}", text),
            (Ok(_), Err(error)) => prop_assert!(text.starts_with('\u{feff}'), "{text:?}: {error}"),
        }
        Ok(())
    }

    fn blank() -> impl Strategy<Value = String> {
        "[ \n\r\t]{0,2}"
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-c]{0,3}".prop_map(|t| format!("\"{t}\"")),
            "\\PC{0,12}".prop_map(|t| serde_json::to_string(&t).unwrap()),
            "(\\\\u[0-9a-fD]{4}|\\\\[\"\\\\/bfnrt]|[ -!#-~é😀]){0,8}".prop_map(|t| format!("\"{t}\"")),
        ]
    }

    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            Just("false".to_owned()),
            "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?",
            text(),
        ];
        leaf.prop_recursive(6, 60, 6, |inner| {
            let list = prop::collection::vec((blank(), inner.clone(), blank()), 0..6).prop_map(|items| {
                let items: Vec<String> = items.into_iter().map(|(a, v, b)| format!("{a}{v}{b}")).collect();
                format!("[{}]", items.join(","))
            });
            let object = prop::collection::vec((blank(), text(), blank(), inner, blank()), 0..6).prop_map(|items| {
                let items: Vec<String> = items.into_iter().map(|(a, k, b, v, c)| format!("{a}{k}{b}:{v}{c}")).collect();
                format!("{{{}}}", items.join(","))
            });
            prop_oneof![list, object]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn values_are_read_as_by_others((a, text, b) in (blank(), json(), blank())) {
            agree(&format!("{a}{text}{b}"))?;
        }

        #[test]
        fn broken_values_are_refused_as_by_others(
            text in json(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), "[-+.,:eE0-9\"\\\\{}\\[\\]tfnu \n\u{1}aä]{0,2}", any::<bool>()), 1..4),
        ) {
            let mut chars: Vec<char> = text.chars().collect();
            for (at, insert, remove) in edits {
                let at = at.index(chars.len() + 1);
                let end = if remove { (at + 1).min(chars.len()) } else { at };
                chars.splice(at..end, insert.chars());
            }
            agree(&chars.into_iter().collect::<String>())?;
        }

        #[test]
        fn any_text_ends_in_a_value_or_a_fault(text in "\\PC{0,40}") {
            agree(&text)?;
        }
    }
}
