//! CSV: cells, names of columns, what is refused and where.

use crate::make::*;
use rspp_gates::data::{Digest, EnumValue, EvidenceOutcome, Num, Type, Value};
use rspp_gates::evidence::ReadLimits;
use rspp_gates::host::MemHost;
use rspp_gates::model::{EvidenceDefinition, FieldShape, Shape};

fn fields() -> Vec<FieldShape> {
    vec![
        key(field("id", TEXT)),
        field("ok", optional(Shape::Bool)),
        field("took", optional(MS)),
        field("at", optional(RFC3339)),
        field("word", optional(one_of("W", &["good", "bad"]))),
        field("x", optional(Shape::Decimal)),
    ]
}

fn table() -> EvidenceDefinition {
    rows("t.csv", closed(fields()))
}

fn option(mut definition: EvidenceDefinition, name: &str, value: &str) -> EvidenceDefinition {
    definition.format_options.insert(name.into(), value.into());
    definition
}

fn values(read: &Read) -> Vec<Vec<Value>> {
    read.rows.iter().map(|(_, _, row)| row.as_record().unwrap().fields.to_vec()).collect()
}

#[test]
fn cells_are_read_by_the_shapes_of_their_fields() {
    let text = "id,ok,took,at,word,x\r\n\
                a,true,12,2026-03-30T10:00:00Z,good,0.1\r\n\
                \"b\",\"false\",\"7\",,\"bad\",-1e2\r\n\
                ,,,,,\r\n";
    let read = read_one(&table(), text);
    assert_eq!(read.told(), ["missing-field t.csv:4/id column 1: the cell of `id` is empty"]);
    let read = read_one(&table(), text.replace(",,,,,", "c,,,,,")).usable();
    let word = |member| Value::Enum(EnumValue { member, word: None });
    let ms = |n: i64| Value::int(n * 1_000_000);
    let at = Value::Num(Num::from(AS_OF - 14 * HOUR));
    let none = Value::Missing;
    let num = |text: &str| Value::Num(Num::parse_decimal(text).unwrap());
    assert_eq!(
        values(&read),
        [
            vec![Value::text("a"), Value::Bool(true), ms(12), at, word(0), num("0.1")],
            vec![Value::text("b"), Value::Bool(false), ms(7), none.clone(), word(1), num("-100")],
            vec![Value::text("c"), none.clone(), none.clone(), none.clone(), none.clone(), none],
        ]
    );
    let text = text.replace(",,,,,", "c,,,,,");
    assert_eq!(read.report.digest, Some(Digest::of(text.as_bytes())));
    assert_eq!((read.report.rows, read.rows[2].1.as_deref()), (3, Some("t.csv:4 (key c)")));
}

#[test]
fn what_is_no_value_of_its_field_is_told_with_its_place() {
    let head = "id,ok,took,at,word,x\n";
    for (row, told) in [
        ("a,True,,,,", "wrong-type t.csv:2/ok column 3 key a: expected true or false, found the text \"True\""),
        ("a,1,,,,", "wrong-type t.csv:2/ok column 3 key a: expected true or false, found the text \"1\""),
        (
            "a,, 7,,,",
            "wrong-type t.csv:2/took column 4 key a: expected a duration as a whole number, found the text \" 7\"",
        ),
        (
            "a,,007,,,",
            "wrong-type t.csv:2/took column 4 key a: expected a duration as a whole number, found the text \"007\"",
        ),
        ("a,,1.5,,,", "unreadable-value t.csv:2/took column 4 key a: the number 1.5 is no whole number"),
        (
            "ä,,,2026-13-01T00:00:00Z,,",
            "unreadable-value t.csv:2/at column 5 key ä: the text \"2026-13-01T00:00:00Z\" names a day that does not exist",
        ),
        ("a,,,,Good,", "unknown-word t.csv:2/word column 6 key a: the text \"Good\" is no word of `W`"),
        ("a,,,,,1_000", "wrong-type t.csv:2/x column 7 key a: expected a number, found the text \"1_000\""),
        (
            "\"a\nb\",,,,\"x\n\",\"\n2\"",
            "unknown-word t.csv:3/word column 7 key a b: the text \"x \" is no word of `W`",
        ),
    ] {
        let read = read_one(&table(), format!("{head}{row}\n"));
        let found = read.told();
        let code = told.split(':').next().unwrap();
        assert!(found[0].starts_with(code), "{row:?}\n{found:#?}\n{told}");
    }
}

#[test]
fn an_empty_cell_is_absent_and_empty_quotes_are_an_empty_text() {
    let row = closed(vec![
        field("a", optional(TEXT)),
        field("n", optional(Shape::Int)),
        field("e", optional(one_of("E", &["", "x"]))),
        field("f", optional(one_of("F", &["x"]))),
    ]);
    let read = read_one(&rows("t.csv", row), "a,n,e,f\n,,,\n\"\",\"\",\"\",\"\"\n").usable();
    let none = Value::Missing;
    let empty = Value::Enum(EnumValue { member: 0, word: None });
    assert_eq!(
        values(&read),
        [
            vec![none.clone(), none.clone(), none.clone(), none.clone()],
            vec![Value::text(""), none.clone(), empty, none]
        ]
    );
}

#[test]
fn modifiers_mean_what_they_mean_elsewhere() {
    let mut defaulted = field("d", Shape::Int);
    defaulted.reading.default = Some(Value::int(5));
    let mut measured = field("s", optional(Shape::Int));
    measured.reading.sentinels = vec![Value::int(-1)];
    let row = closed(vec![
        defaulted,
        measured,
        lenient(field("l", optional(Shape::Int))),
        from(field("total", Shape::Int), &[&["Total"], &["sum.of.all"]]),
    ]);
    let definition = rows("t.csv", row);
    let text = "d,s,l,Total,sum.of.all\n,-1,n/a,1,\n6,2,3,,4\n";
    let read = read_one(&definition, text).usable();
    let (none, n) = (Value::Missing, Value::int);
    assert_eq!(values(&read), [vec![n(5), none.clone(), none, n(1)], vec![n(6), n(2), n(3), n(4)]]);
    assert_eq!(read.report.unreadable.get("l"), Some(&1));
    let read = read_one(&definition, "d,s,l,Total,sum.of.all\n1,1,1,1,2\n1,1,1,,\n");
    assert_eq!(
        read.told(),
        [
            "two-spellings t.csv:2 column 9: `Total` and `sum.of.all` are both there, and both are the field `total`",
            "missing-field t.csv:3/total column 7: the cell of `total` is empty",
        ]
    );
    let read = read_one(&definition, "d,s,l\n1,1,1\n");
    assert_eq!(
        read.told(),
        ["missing-field t.csv:1 column 1: the column `Total` or `sum.of.all` (field `total`) is not there"]
    );
}

#[test]
fn names_of_columns_are_judged_once_and_rows_are_still_counted() {
    let read = read_one(&table(), "id,ok,tokk,at,at,word,x,\na,,,,,,,\nb\n\n\"c\n");
    assert_eq!(
        read.told(),
        [
            "unknown-field t.csv:1 column 7: the column `tokk` is not declared",
            "csv-header t.csv:1 column 15: two columns are called `at`",
            "unknown-field t.csv:1 column 25: column 8 has no name",
        ]
    );
    assert!(read.faults()[0].help.as_ref().unwrap().contains("`took`"));
    assert_eq!(read.report.rows, 3);
    assert!(read.rows.is_empty());
    let read = read_one(&rows("t.csv", open(fields())), "spare,,id,\n1,2,a,4\n").usable();
    assert_eq!(values(&read)[0][0], Value::text("a"));
    let read = read_one(&table(), "took\n1\n");
    assert_eq!(read.told(), ["missing-field t.csv:1 column 1: the column `id` is not there"]);
    for empty in ["", "\u{feff}", "\n\r\n"] {
        let read = read_one(&table(), empty);
        assert_eq!(read.told(), ["csv-header t.csv:1: no row names the columns"], "{empty:?}");
    }
    read_one(&table(), "\n\nid\n").usable();
}

#[test]
fn without_a_header_the_columns_are_the_fields_in_their_order() {
    let row = || vec![field("a", Shape::Int), field("b", optional(TEXT))];
    let definition = option(rows("t.csv", closed(row())), "header", "false");
    let read = read_one(&definition, "1,x\n2,\n").usable();
    assert_eq!(values(&read), [vec![Value::int(1), Value::text("x")], vec![Value::int(2), Value::Missing]]);
    read_one(&definition, "").usable();
    let read = read_one(&definition, "1,x,y\n2\n");
    assert_eq!(
        read.told(),
        [
            "csv-width t.csv:1 column 5: the row has 3 cells for 2 columns",
            "csv-width t.csv:2 column 2: the row has 1 cell for 2 columns",
        ]
    );
    let definition = option(rows("t.csv", open(row())), "header", "false");
    let read = read_one(&definition, "1,x,y\n").usable();
    assert_eq!(read.report.rows, 1);
    assert_eq!(read_one(&definition, "1\n").total(), 1);
}

#[test]
fn rows_are_as_long_as_the_header() {
    let head = "id,took\n";
    let definition = rows("t.csv", open(vec![field("id", TEXT), field("took", optional(Shape::Int))]));
    let read = read_one(&definition, format!("{head}a\nb,1,2\n\n \nc,\n"));
    assert_eq!(
        read.told(),
        [
            "csv-width t.csv:2 column 2: the row has 1 cell for 2 columns",
            "csv-width t.csv:3 column 5: the row has 3 cells for 2 columns",
            "csv-width t.csv:5 column 2: the row has 1 cell for 2 columns",
        ]
    );
    assert_eq!(read.report.rows, 4);
    read_one(&definition, format!("{head}a,\n\n\n\r\n\n")).usable();
}

#[test]
fn quotes_that_go_wrong_are_told_where_they_stand() {
    let definition = rows("t.csv", closed(vec![field("a", TEXT), field("b", TEXT)]));
    let read = read_one(&definition, "a,b\nx\"y,1\n\"x\ny\"z,1\n\"ok\",\"\"\"\"\n1,\ra\n\"never,1\nand on\n");
    assert_eq!(
        read.told(),
        [
            "csv-quote t.csv:2 column 2: a quote stands inside a cell without quotes",
            "csv-quote t.csv:4 column 3: the cell goes on after its closing quote",
            "csv-quote t.csv:6 column 3: a carriage return stands inside a cell without quotes",
            "csv-quote t.csv:7 column 1: the cell that begins here is never closed",
        ]
    );
    assert_eq!(read.report.rows, 5);
}

#[test]
fn bytes_that_are_no_text_are_told_and_other_rows_are_read() {
    let definition = rows("t.csv", closed(vec![field("a", Shape::Int), field("b", TEXT)]));
    let read = read_one(&definition, b"a,b\n1,x\n2,\"\n\xFF\"\nx,y\n".as_slice());
    assert_eq!(
        read.told(),
        [
            "not-utf8 t.csv:4 column 1: the bytes here are not UTF-8",
            "wrong-type t.csv:5/a column 1: expected a whole number, found the text \"x\"",
        ]
    );
    let read = read_one(&definition, b"\xFF\xFEa\x00".as_slice());
    assert_eq!(read.told(), ["not-utf8 t.csv:1 column 1: the bytes here are not UTF-8"]);
}

#[test]
fn delimiters_are_said_or_follow_the_ending() {
    let row = || closed(vec![field("a", Shape::Int), field("b", TEXT)]);
    let expected = [vec![Value::int(1), Value::text("x,y")]];
    for (path, delimiter, text) in [
        ("t.tsv", None, "a\tb\n1\tx,y\n"),
        ("t.csv", Some(";"), "a;b\n1;x,y\n"),
        ("t.csv", Some("|"), "a|b\n1|\"x,y\"\n"),
        ("t.tsv", Some(","), "a,b\n1,\"x,y\"\n"),
    ] {
        let mut definition = rows(path, row());
        if let Some(delimiter) = delimiter {
            definition = option(definition, "delimiter", delimiter);
        }
        assert_eq!(values(&read_one(&definition, text).usable()), expected, "{path} {delimiter:?}");
    }
    for bad in ["", "ab", "\"", "\n", "ä"] {
        let read = read_one(&option(rows("t.csv", row()), "delimiter", bad), "a,b\n1,x\n");
        assert_eq!(read.faults()[0].code, "rspp::evidence::format", "{bad:?}");
    }
}

#[test]
fn keys_versions_sources_and_ages_are_judged() {
    let row = open(vec![key(field("id", TEXT)), field("at", RFC3339)]);
    let definition = fresh(source_from(version(rows("t.csv", row), &["x.v1"]), "kind"), "at", 24 * HOUR);
    let text = "id,at,kind,schema_version\na,2026-03-30T10:00:00Z,live,x.v1\nb,2026-03-30T11:00:00Z,recorded,x.v1\n";
    let read = read_one(&definition, text).usable();
    assert_eq!(read.report.source.as_deref(), Some("recorded"));
    assert_eq!(read.report.schema_version.as_deref(), Some("x.v1"));
    assert_eq!(read.report.fresh_at, Some(Num::from(AS_OF - 14 * HOUR)));
    let text =
        "id,at,kind,schema_version\n\"a\n\",2026-03-28T10:00:00Z,live,x.v2\n\"a\n\",2026-03-30T11:00:00Z,,x.v1\n";
    let read = read_one(&definition, text);
    assert_eq!(
        read.told(),
        [
            "version t.csv:2 column 1 key a\\n: `schema_version` is `x.v2`, accepted is `x.v1`",
            "source-unknown t.csv:4 column 1 key a\\n: `kind`, which says what kind of source it is, is absent",
            "stale t.csv:2 key a\\n: its oldest row is of 2026-03-28T10:00:00Z, 62h before the instant of evaluation; at \
             most 1d is accepted",
        ]
    );
    let row = closed(vec![key(field("id", Shape::Int))]);
    let read = read_one(&rows("t.csv", row), "id\n1\n\n2\n\"1\"\n");
    assert_eq!(read.told(), ["repeated-key t.csv:5 key 1: the key `id` = `1` stands twice; first at t.csv:2"]);
}

#[test]
fn parts_of_the_path_fill_columns() {
    let host = MemHost::new();
    host.put("/root/eu/a.csv", "id,n\nx,1\n");
    host.put("/root/us/a.csv", "n,id\n2,y\n");
    let row = || closed(vec![field("id", TEXT), field("region", TEXT), field("n", Shape::Int)]);
    let read = Setting::of(&host).read(&many("{region}/*.csv", row())).usable();
    let row_of = |id: &str, region: &str, n: i64| vec![Value::text(id), Value::text(region), Value::int(n)];
    assert_eq!(values(&read), [row_of("x", "eu", 1), row_of("y", "us", 2)]);
    host.put("/root/us/a.csv", "n,id,region\n2,y,us\n");
    let read = Setting::of(&host).read(&many("{region}/*.csv", row()));
    assert_eq!(
        read.told(),
        ["name-in-file us/a.csv:1 column 6: `region` comes from the path, and the file holds it too"]
    );
    host.put("/root/eu/a.csv", "x,1\n");
    host.put("/root/us/a.csv", "y,2\n");
    let read = Setting::of(&host).read(&option(many("{region}/*.csv", row()), "header", "false")).usable();
    assert_eq!(values(&read), [row_of("x", "eu", 1), row_of("y", "us", 2)]);
}

#[test]
fn where_each_file_is_judged_what_cannot_be_read_is_a_row_of_no_shape() {
    let host = MemHost::new();
    host.put("/root/1.csv", "id,n\nx,1\ny\nz,two\n");
    host.put("/root/2.csv", "id,id\nx,1\ny,2\n");
    host.put("/root/3.csv", "");
    host.put("/root/4.csv", "id,spare\nx,1\n");
    let mut definition = many("*.csv", closed(vec![field("id", TEXT), field("n", Shape::Int)]));
    definition.judge_each_file = true;
    definition.ty = Type::list(Type::Json);
    let read = Setting::of(&host).read(&definition).usable();
    let rows: Vec<(String, String)> = read
        .rows
        .iter()
        .map(|(_, origin, value)| {
            let value = match value {
                Value::Json(json) => json.canonical(),
                other => format!("{other:?}"),
            };
            (origin.clone().unwrap(), value)
        })
        .collect();
    let expected = [
        ("1.csv:2", r#"{"id":"x","n":1}"#),
        ("1.csv:3", "Missing"),
        ("1.csv:4", r#"{"id":"z","n":"two"}"#),
        ("2.csv:1", "Missing"),
        ("3.csv:1", "Missing"),
        ("4.csv:2", r#"{"id":"x","spare":"1"}"#),
    ];
    assert_eq!(rows, expected.map(|(place, value)| (place.to_owned(), value.to_owned())));
}

#[test]
fn nothing_depends_on_chunks_or_threads() {
    let mut text = String::from("\u{feff}id,ok,took,at,word,x\r\n");
    for i in 0..60 {
        text.push_str(&match i % 6 {
            0 => format!("\"k\n{i}\",true,{i},,good,1\r\n"),
            1 => format!("k{i},false,,,\"bad\",\"{i}.5\"\n\n"),
            2 => format!("\"k,{i}\",,,,,\n"),
            3 => format!("\"k\"\"{i}\",,x,,,\n"),
            4 => format!("k{i},a\"b,,,,\n"),
            _ => "k1,,,,,\n".to_owned(),
        });
    }
    text.push_str("\"open,\n,,\n");
    let host = MemHost::new();
    host.put("/root/t.csv", &text);
    let expected = Setting::of(&host).read(&table());
    assert_eq!(expected.total(), 31);
    assert_eq!((expected.rows.len(), expected.report.rows), (40, 61));
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for chunk_bytes in [1, 2, 3, 7, 64, 500, 10_000] {
            let mut setting = Setting::of(&host);
            setting.limits = ReadLimits { chunk_bytes, ..ReadLimits::default() };
            let read = pool.install(|| setting.read(&table()));
            assert_eq!(read, expected, "{threads} threads, {chunk_bytes} bytes");
        }
    }
}

#[test]
fn rows_over_the_limit_are_told_and_the_rest_is_read() {
    let host = MemHost::new();
    let long = "x".repeat(40);
    host.put("/root/t.csv", format!("a\n1\n\"{long}\n\"\n2\n{long}\n3"));
    let definition = rows("t.csv", closed(vec![field("a", TEXT)]));
    for chunk_bytes in [1, 7, 30, 50, 4096] {
        let mut setting = Setting::of(&host);
        setting.limits.row_bytes = 20;
        setting.limits.chunk_bytes = chunk_bytes;
        let read = setting.read(&definition);
        assert_eq!(
            read.told(),
            [
                "row-too-long t.csv:3: a row has more than 20 bytes",
                "row-too-long t.csv:6: a row has more than 20 bytes"
            ],
            "{chunk_bytes}"
        );
        assert_eq!((read.rows.len(), read.report.rows), (3, 5));
        assert!(read.report.digest.is_some());
    }
}

#[test]
fn a_table_that_changes_while_it_is_read_is_refused() {
    let text: String = "a\n".to_owned() + &"1\n".repeat(200);
    for after in [text.replace("1\n1\n1\n", "1\n2\n1\n"), text[..100].to_owned(), format!("{text}1\n"), String::new()] {
        for reads in [0, 1, 2] {
            let host = MemHost::new();
            host.put("/root/t.csv", &text);
            host.change_after("/root/t.csv", reads, &after);
            let mut setting = Setting::of(&host);
            setting.limits.chunk_bytes = 100;
            let read = setting.read(&rows("t.csv", closed(vec![field("a", Shape::Int)])));
            let changed = read.faults().iter().any(|f| f.code == "rspp::evidence::changed-while-read");
            assert!(changed, "{:?}", read.told());
            assert_eq!(read.report.digest, None);
        }
    }
}

#[test]
fn a_document_is_never_read_from_rows() {
    let host = MemHost::new();
    host.put("/desk/x.csv", "a\n1\n");
    host.put("/desk/x.jsonl", "{\"a\":1}\n");
    host.put("/root/d.json", "{\"a\":1}");
    for (path, name) in [("x.csv", "csv"), ("x.jsonl", "jsonl")] {
        let mut setting = Setting::of(&host);
        setting.elsewhere = Some(path);
        let read = setting.read(&document("d.json", closed(vec![field("a", Shape::Int)])));
        assert_eq!(read.told(), [format!("format -: `{path}` is read as {name}, which holds rows and no document")]);
        assert!(matches!(read.report.outcome, EvidenceOutcome::Unusable { .. }));
    }
}
