//! Rows and tables of every size, and files that do not keep still.

use crate::make::*;
use rspp_gates::data::Digest;
use rspp_gates::host::{MemHost, Operation};
use rspp_gates::model::Shape;
use std::io::ErrorKind;

/// A row of JSON of so many bytes, without its line break.
fn json_row(n: usize, bytes: usize) -> String {
    let head = format!("{{\"n\":{n},\"text\":\"");
    format!("{head}{}\"}}", "x".repeat(bytes - head.len() - 2))
}

#[test]
fn rows_around_the_size_of_a_chunk_are_read_whole() {
    const CHUNK: usize = 256;
    let shape = || closed(vec![field("n", Shape::Int), field("text", TEXT)]);
    for bytes in [CHUNK - 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 5 * CHUNK + 3] {
        for end in ["", "\n", "\r\n"] {
            let json = [json_row(0, 40), json_row(1, bytes), json_row(2, bytes), json_row(3, 40)].join("\n") + end;
            let cell = "y".repeat(bytes - 4);
            let csv = format!("n,text\n0,y\n1,\"{cell}\"\n2,\"{cell}\"\n3,y{end}");
            for (path, text) in [("t.jsonl", &json), ("t.csv", &csv)] {
                let host = MemHost::new();
                host.put(format!("/root/{path}"), text);
                let mut setting = Setting::of(&host);
                setting.limits.chunk_bytes = CHUNK;
                let read = setting.read(&rows(path, shape())).usable();
                let lengths: Vec<usize> = read
                    .rows
                    .iter()
                    .map(|(_, _, row)| row.as_record().unwrap().fields[1].as_text().unwrap().len())
                    .collect();
                let of = |row: &str| row.len() - "{\"n\":0,\"text\":\"\"}".len();
                let expected = match path {
                    "t.csv" => vec![1, bytes - 4, bytes - 4, 1],
                    _ => json.lines().map(of).collect(),
                };
                assert_eq!(lengths, expected, "{path} {bytes} {end:?}");
                assert_eq!(read.report.digest, Some(Digest::of(text.as_bytes())));
            }
        }
    }
}

#[test]
fn a_row_of_five_megabytes_is_a_row() {
    let long = 5 << 20;
    let json = format!("{}\n{}", json_row(0, 40), json_row(1, long));
    let csv = format!("n,text\n0,y\n1,\"{}\"\n", "y\n".repeat(long / 2));
    let shape = || closed(vec![field("n", Shape::Int), field("text", TEXT)]);
    for (path, text) in [("t.jsonl", &json), ("t.csv", &csv)] {
        let read = read_one(&rows(path, shape()), text).usable();
        assert_eq!((read.report.rows, read.report.digest), (2, Some(Digest::of(text.as_bytes()))), "{path}");
        let host = MemHost::new();
        host.put(format!("/root/{path}"), text);
        let mut setting = Setting::of(&host);
        setting.limits.row_bytes = long - 1000;
        let read = setting.read(&rows(path, shape()));
        let line = if path == "t.csv" { 3 } else { 2 };
        assert_eq!(read.told(), [format!("row-too-long {path}:{line}: a row has more than {} bytes", long - 1000)]);
        assert_eq!(read.rows.len(), 1);
    }
}

#[test]
fn the_table_of_keys_has_a_limit_that_does_not_depend_on_chunks_or_threads() {
    let text: String = (0..57).map(|i| format!("{{\"id\":\"k{i}\"}}\n")).collect();
    let csv: String = "id\n".to_owned() + &(0..57).map(|i| format!("k{i}\n")).collect::<String>();
    let row = || closed(vec![key(field("id", TEXT))]);
    for (path, text) in [("t.jsonl", &text), ("t.csv", &csv)] {
        for (key_bytes, fits) in [(64 * 16, false), (96 * 16 - 1, false), (96 * 16, true)] {
            for (threads, chunk_bytes) in [(1, 10_000), (2, 16), (4, 50)] {
                let host = MemHost::new();
                host.put(format!("/root/{path}"), text);
                let mut setting = Setting::of(&host);
                setting.limits.key_bytes = key_bytes;
                setting.limits.chunk_bytes = chunk_bytes;
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let read = pool.install(|| setting.read(&rows(path, row())));
                let expected = format!(
                    "too-many-keys -: the table that tells whether a key repeats holds 56 keys in 1024 bytes and would \
                     have to grow beyond the limit of {key_bytes} bytes"
                );
                let expected = if fits { Vec::new() } else { vec![expected] };
                assert_eq!(read.told(), expected, "{path} {key_bytes}");
            }
        }
    }
}

#[test]
fn a_file_that_is_gone_when_its_turn_comes_is_told() {
    for ending in ["jsonl", "csv", "json", "yaml"] {
        let host = MemHost::new();
        let text = if ending == "csv" { "n\n1\n" } else { "{\"n\": 1}\n" };
        for name in ["a", "b", "c"] {
            host.put(format!("/root/{name}.{ending}"), text);
        }
        host.fail(format!("/root/b.{ending}"), Operation::Open, ErrorKind::NotFound);
        let read = Setting::of(&host).read(&many(&format!("*.{ending}"), closed(vec![field("n", Shape::Int)])));
        assert_eq!(read.told(), [format!("unreadable b.{ending}:0: `b.{ending}` cannot be read: it is gone")]);
        assert_eq!((read.report.rows, read.report.files.len(), read.report.digest), (2, 2, None));
    }
}

#[test]
fn every_reader_notices_a_file_that_changes() {
    let row = "{\"n\": 1}\n";
    for (path, text) in [
        ("t.jsonl", row.repeat(50)),
        ("t.csv", "n\n".to_owned() + &"1\n".repeat(50)),
        ("t.json", format!("[{}]", vec!["{\"n\":1}"; 50].join(","))),
        ("t.yaml", "- n: 1\n".repeat(50)),
    ] {
        for after in [text.replacen('1', "2", 1), text[..text.len() / 2].to_owned(), format!("{text}\n"), String::new()]
        {
            let host = MemHost::new();
            host.put(format!("/root/{path}"), &text);
            host.change_after(format!("/root/{path}"), 0, &after);
            let mut setting = Setting::of(&host);
            setting.limits.chunk_bytes = 64;
            let read = setting.read(&rows(path, closed(vec![field("n", Shape::Int)])));
            let codes: Vec<&str> = read.faults().iter().map(|f| f.code).collect();
            assert!(codes.contains(&"rspp::evidence::changed-while-read"), "{path}: {:?}", read.told());
            assert_eq!(read.report.digest, None, "{path}");
        }
    }
}
