//! Evidence: values by shape, at the edges of what a shape reads, and what is no value at all.

use super::random::Random;
use rspp_gates::model::{EvidenceDefinition, EvidenceFiles, EvidenceShape, InstantEncoding, Policy, Shape};

/// A value that can be written in any format, and in ways that a format should not allow.
#[derive(Debug, Clone)]
pub enum Data {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Data>),
    Object(Vec<(String, Data)>),
}

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "5",
    "10",
    "20",
    "50",
    "99",
    "100",
    "120",
    "-0",
    "-1",
    "0.0",
    "1.0",
    "0.5",
    "99.5",
    "1e3",
    "1E400",
    "1e-400",
    "1e999999999",
    "-1e-999999999",
    "1e38",
    "1e39",
    "9223372036854775807",
    "-9223372036854775809",
    "170141183460469231731687303715884105727",
    "-170141183460469231731687303715884105728",
    "170141183460469231731687303715884105728",
    "0.1000000000000000055511151231257827",
    "0.00000000000000000000000000000000000001",
    "123456789012345678901234567890123456789012345678901234567890",
    "1772300000000",
    "1772300000000000000",
];

const TEXTS: &[&str] = &[
    "",
    "a",
    "b",
    "t1",
    "t2",
    "eu",
    "us",
    "ok",
    "ä",
    "e\u{301}",
    "😀",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{0}",
    "\u{feff}",
    "a\nb",
    " x ",
    "NaN",
    ".inf",
    "no",
    "~",
    "null",
    "<<",
    "-0",
    "0x1F",
    "1_000",
    "true",
    "{x}",
    "\"",
    "\\",
    "/",
    "v1.2.3",
    "v1.2-rc1",
    "x.v1",
    "x.v2",
    "synthetic",
    "recorded",
    "live",
    "2026-02-28T12:00:00Z",
];

const INSTANTS: &[&str] = &[
    "2026-02-28T12:00:00Z",
    "2026-02-28T13:00:00.5Z",
    "2026-02-28T23:59:59.999999999Z",
    "2026-03-01T00:00:00Z",
    "2026-03-01T00:05:00Z",
    "2026-03-01T00:05:00.000000001Z",
    "2026-02-28T00:00:00Z",
    "2026-02-27T23:59:59Z",
    "2026-02-28T12:00:00+02:00",
    "2026-02-28T12:00:00-23:59",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-02-30T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2026-02-28T24:00:00Z",
    "2026-02-28",
    "2026-02-28T12:00:00",
    "2026-02-28t12:00:00z",
    "2026-02-28T12:00:00.1234567890123Z",
];

/// A value of a shape; now and then of none.
pub fn value(random: &mut Random, policy: &Policy, shape: &Shape, depth: usize) -> Data {
    if random.once_in(60) {
        return anything(random, 3);
    }
    let number = |random: &mut Random, most: usize| match random.below(8) {
        0 => Data::Number(random.word(NUMBERS).to_owned()),
        _ => Data::Number(random.below(most).to_string()),
    };
    match shape {
        Shape::Bool => Data::Bool(random.once_in(2)),
        Shape::Int | Shape::Bytes => number(random, 6),
        Shape::Duration(_) => number(random, 200),
        Shape::Decimal | Shape::Ratio { .. } => match random.below(3) {
            0 => number(random, 100),
            _ => Data::Number(format!("{}.{}", random.below(3), random.below(1000))),
        },
        Shape::Instant(InstantEncoding::Rfc3339) => match random.below(8) {
            0 => Data::Text(random.word(INSTANTS).to_owned()),
            _ => Data::Text(format!("2026-02-28T{:02}:{:02}:00Z", random.below(24), random.below(60))),
        },
        Shape::Instant(_) => match random.below(8) {
            0 => Data::Number(random.word(NUMBERS).to_owned()),
            _ => Data::Number(format!("17722{:05}", random.below(100_000))),
        },
        Shape::Text(_) => match random.below(4) {
            0 => Data::Text(random.word(TEXTS).to_owned()),
            1 => Data::Text("x".repeat(1 << random.below(10))),
            _ => Data::Text(format!("t{}", random.below(40))),
        },
        Shape::Version => Data::Text(format!("v{}.{}.{}", random.below(3), random.below(20), random.below(3))),
        Shape::Json => anything(random, 3),
        Shape::Enum(how) => {
            let words: Vec<&str> = how.ty.members.iter().flat_map(|m| m.spellings.iter().map(|s| &**s)).collect();
            match random.below(12) {
                0 => Data::Text(random.word(TEXTS).to_owned()),
                _ if words.is_empty() => Data::Text("x".to_owned()),
                _ => Data::Text((*random.pick(&words)).to_string()),
            }
        }
        Shape::Record(record) => {
            let mut entries = Vec::new();
            for field in &record.fields {
                if matches!(field.shape, Shape::Optional(_)) && random.once_in(3) {
                    continue;
                }
                let value = value(random, policy, &field.shape, depth.saturating_sub(1));
                let spellings = &field.reading.from;
                match spellings.first() {
                    Some(path) if !path.is_empty() => nested(&mut entries, path.iter().map(|p| &**p).collect(), value),
                    _ => entries.push((field.name.to_string(), value)),
                }
            }
            if random.once_in(30) && !entries.is_empty() {
                let at = random.below(entries.len());
                match random.below(4) {
                    0 => drop(entries.remove(at)),
                    1 => entries.push(entries[at].clone()),
                    2 => entries[at].0 = random.word(TEXTS).to_owned(),
                    _ => entries.push((random.word(TEXTS).to_owned(), anything(random, 2))),
                }
            }
            Data::Object(entries)
        }
        Shape::List(element) => {
            let most = if depth > 0 { 4 } else { 1 };
            Data::List(
                (0..random.below(most)).map(|_| value(random, policy, element, depth.saturating_sub(1))).collect(),
            )
        }
        Shape::Map(key, element) => Data::Object(
            (0..random.below(4))
                .map(|_| {
                    let key = match value(random, policy, key, 0) {
                        Data::Text(text) | Data::Number(text) => text,
                        _ => "k".to_owned(),
                    };
                    (key, value(random, policy, element, depth.saturating_sub(1)))
                })
                .collect(),
        ),
        Shape::Named(id) => match policy.shapes.get(id.index()) {
            Some(named) => value(random, policy, &named.shape, depth),
            None => Data::Null,
        },
        Shape::Refined(refined) => value(random, policy, &refined.base, depth),
        Shape::Optional(inner) => match random.below(20) {
            0 => Data::Null,
            _ => value(random, policy, inner, depth),
        },
    }
}

/// Puts a value where a path of names leads.
fn nested(entries: &mut Vec<(String, Data)>, path: Vec<&str>, value: Data) {
    let [first, rest @ ..] = path.as_slice() else { return };
    if rest.is_empty() {
        entries.push(((*first).to_owned(), value));
        return;
    }
    if !entries.iter().any(|(name, _)| name == first) {
        entries.push(((*first).to_owned(), Data::Object(Vec::new())));
    }
    if let Some((_, Data::Object(inner))) = entries.iter_mut().find(|(name, _)| name == first) {
        nested(inner, rest.to_vec(), value);
    }
}

/// Any value at all.
pub fn anything(random: &mut Random, depth: usize) -> Data {
    match random.below(if depth == 0 { 5 } else { 8 }) {
        0 => Data::Null,
        1 => Data::Bool(random.once_in(2)),
        2 => Data::Number(random.word(NUMBERS).to_owned()),
        3 | 4 => Data::Text(random.word(TEXTS).to_owned()),
        5 => Data::List((0..random.below(5)).map(|_| anything(random, depth - 1)).collect()),
        6 => Data::Object(
            (0..random.below(5)).map(|_| (random.word(TEXTS).to_owned(), anything(random, depth - 1))).collect(),
        ),
        _ => (0..random.below(150)).fold(Data::Null, |inner, i| match i % 2 {
            0 => Data::List(vec![inner]),
            _ => Data::Object(vec![("a".to_owned(), inner)]),
        }),
    }
}

/// The whole of an evidence: rows, or a document.
pub fn evidence(random: &mut Random, policy: &Policy, definition: &EvidenceDefinition) -> Data {
    match &definition.shape {
        EvidenceShape::Rows(row) => {
            let rows = if random.once_in(10) { random.below(60) } else { random.below(8) };
            let rows = Data::List((0..rows).map(|_| value(random, policy, row, 3)).collect());
            match definition.rows_at.as_deref() {
                Some(pointer) => {
                    let mut entries = Vec::new();
                    nested(&mut entries, pointer.split('/').skip(1).collect(), rows);
                    Data::Object(entries)
                }
                None => rows,
            }
        }
        EvidenceShape::Document(document) => value(random, policy, document, 3),
    }
}

/// The files that an evidence is read from, each with its bytes.
pub fn files(random: &mut Random, policy: &Policy, definition: &EvidenceDefinition) -> Vec<(String, Vec<u8>)> {
    let names: Vec<String> = match &definition.files {
        EvidenceFiles::Path(path) => vec![path.to_string()],
        EvidenceFiles::Pattern(pattern) => {
            let mut plain = pattern.replace("**", "deep/er");
            while let (Some(from), Some(to)) = (plain.find('{'), plain.find('}')) {
                if from > to {
                    break;
                }
                plain.replace_range(from..=to, "x");
            }
            (0..random.below(4)).map(|i| plain.replace('*', &format!("f{i}")).replace('?', "q")).collect()
        }
    };
    names.into_iter().map(|name| (name, bytes(random, policy, definition))).collect()
}

/// The bytes of one file of an evidence.
pub fn bytes(random: &mut Random, policy: &Policy, definition: &EvidenceDefinition) -> Vec<u8> {
    let data = evidence(random, policy, definition);
    let text = match &*definition.format {
        "jsonl" => lines(random, &data),
        "csv" => csv(random, &data),
        "yaml" if !random.once_in(4) => yaml(random, &data),
        _ => json(random, &data),
    };
    let mut bytes = text.into_bytes();
    if random.once_in(12) {
        damage(random, &mut bytes);
    }
    bytes
}

/// A row a line.
pub fn lines(random: &mut Random, data: &Data) -> String {
    let Data::List(rows) = data else { return json(random, data) };
    let mut out = String::new();
    for row in rows {
        let mut line = String::new();
        write_json(random, row, &mut line, false);
        out.push_str(&line);
        out.push_str(if random.once_in(12) { random.word(&["\r\n", "\n\n", " \n", "\r", ""]) } else { "\n" });
    }
    out
}

/// A header and a record a row; what nests is written into its cell as JSON.
pub fn csv(random: &mut Random, data: &Data) -> String {
    let rows: Vec<&Vec<(String, Data)>> = match data {
        Data::List(rows) => rows.iter().filter_map(|r| if let Data::Object(e) = r { Some(e) } else { None }).collect(),
        Data::Object(entries) => vec![entries],
        other => return json(random, other),
    };
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in rows.iter().flat_map(|r| r.iter()) {
        if !names.contains(&name.as_str()) || random.once_in(500) {
            names.push(name);
        }
    }
    let mut out = if random.once_in(30) { "\u{feff}".to_owned() } else { String::new() };
    let line = if random.once_in(4) { "\r\n" } else { "\n" };
    let header: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let cells = rows.iter().map(|row| {
        let cell = |name: &&str| row.iter().find(|(n, _)| n == name).map(|(_, value)| value);
        names.iter().map(cell).collect::<Vec<_>>()
    });
    let mut records = vec![header];
    for row in cells {
        let text = |value: Option<&Data>| match value {
            None | Some(Data::Null) => String::new(),
            Some(Data::Text(text) | Data::Number(text)) => text.clone(),
            Some(other) => {
                let mut out = String::new();
                write_json(random, other, &mut out, false);
                out
            }
        };
        records.push(row.into_iter().map(text).collect());
    }
    for record in records {
        for (i, cell) in record.iter().enumerate() {
            out.push_str(if i > 0 { "," } else { "" });
            let due = cell.contains([',', '"', '\n', '\r']);
            if due && !random.once_in(40) || random.once_in(10) {
                out.push_str(&format!("\"{}\"", cell.replace('"', "\"\"")));
            } else {
                out.push_str(cell);
            }
        }
        out.push_str(if random.once_in(60) { random.word(&["", ",x\n", "\r", "\n\n", "\"\n"]) } else { line });
    }
    out
}

pub fn json(random: &mut Random, data: &Data) -> String {
    let mut out = if random.once_in(60) { "\u{feff}".to_owned() } else { String::new() };
    let breaks = random.once_in(4);
    write_json(random, data, &mut out, breaks);
    if random.once_in(2) {
        out.push('\n');
    }
    out
}

fn write_json(random: &mut Random, data: &Data, out: &mut String, breaks: bool) {
    let gap = |random: &mut Random, out: &mut String| {
        if breaks && random.once_in(3) {
            out.push_str(random.word(&[" ", "\n", "\r\n", "\t", "  "]));
        }
    };
    match data {
        Data::Null => out.push_str("null"),
        Data::Bool(true) => out.push_str("true"),
        Data::Bool(false) => out.push_str("false"),
        Data::Number(number) => out.push_str(number),
        Data::Text(text) => write_text(random, text, out),
        Data::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                gap(random, out);
                write_json(random, item, out, breaks);
                gap(random, out);
            }
            out.push(']');
        }
        Data::Object(entries) => {
            out.push('{');
            for (i, (name, value)) in entries.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                gap(random, out);
                write_text(random, name, out);
                gap(random, out);
                out.push(':');
                gap(random, out);
                write_json(random, value, out, breaks);
            }
            out.push('}');
        }
    }
}

fn write_text(random: &mut Random, text: &str, out: &mut String) {
    let escapes = random.once_in(10);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() || (escapes && random.once_in(2)) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    if random.once_in(200) {
        out.push_str(random.word(&["\\ud800", "\\udc00\\ud800", "\\x41", "\\", "\u{1}"]));
    }
    out.push('"');
}

pub fn yaml(random: &mut Random, data: &Data) -> String {
    let mut out = String::new();
    if random.once_in(8) {
        out.push_str(random.word(&["---\n", "# a comment\n", "%YAML 1.2\n---\n", "\u{feff}", "\n"]));
    }
    write_yaml(random, data, &mut out, 0);
    if random.once_in(30) {
        out.push_str(random.word(&["...\n", "---\na: 1\n", "\t", "# end\n"]));
    }
    out
}

fn write_yaml(random: &mut Random, data: &Data, out: &mut String, depth: usize) {
    if random.once_in(40) {
        out.push_str(random.word(&["&a ", "*a ", "!!str ", "!x ", "&b ", "*b ", "? ", "| ", "> "]));
    }
    let pad = "  ".repeat(depth);
    match data {
        Data::List(items) if !items.is_empty() && depth < 20 && !random.once_in(4) => {
            out.push('\n');
            for item in items {
                out.push_str(&format!("{pad}- "));
                write_yaml(random, item, out, depth + 1);
                if !out.ends_with('\n') {
                    out.push('\n');
                }
            }
        }
        Data::Object(entries) if !entries.is_empty() && depth < 20 && !random.once_in(4) => {
            out.push('\n');
            for (name, value) in entries {
                out.push_str(&pad);
                let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
                if plain && !random.once_in(10) {
                    out.push_str(name)
                } else {
                    write_text(random, name, out)
                }
                out.push_str(if random.once_in(60) { ":" } else { ": " });
                write_yaml(random, value, out, depth + 1);
                if !out.ends_with('\n') {
                    out.push('\n');
                }
            }
            if random.once_in(40) {
                out.push_str(&format!("{pad}<<: *a\n"));
            }
        }
        Data::Text(text) => match random.below(4) {
            // Plain words may turn into anything.
            0 if !text.contains('\n') && !text.is_empty() => out.push_str(text),
            1 => out.push_str(&format!("'{}'", text.replace('\'', "''"))),
            2 => {
                out.push_str(random.word(&["|\n", "|-\n", ">\n", "|2\n"]));
                text.lines().for_each(|l| out.push_str(&format!("{pad}  {l}\n")));
            }
            _ => write_text(random, text, out),
        },
        Data::Number(number) => match random.below(10) {
            0 => out.push_str(
                random
                    .word(&[".nan", ".inf", "-.inf", "0x1F", "0o17", "1_000", "+1", "1.", ".5", "01", "1e3", "12:30"]),
            ),
            _ => out.push_str(number),
        },
        other => write_json(random, other, out, false),
    }
}

/// Bytes lost, doubled, changed, or put in.
pub fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    const ODD: &[&[u8]] = &[
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\0",
        b"\r",
        b"\n",
        b"\t",
        b"\x1b",
        b"\"",
        b"\\",
        b"\\ud800",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"-",
        b"e",
        b".",
        b"0",
        b"9999999999",
        b"---\n",
        b"...\n",
        b"&a ",
        b"*a",
        b"<<: *a\n",
        b"!!str ",
        b"- ",
        b"? ",
        b"|\n",
        b"#",
        b"'",
        b"NaN",
        b"null",
        b"  ",
    ];
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let to = (at + 1 + random.below(8)).min(bytes.len());
        match random.below(6) {
            0 if at < to => drop(bytes.drain(at..to)),
            1 if at < to => {
                let again = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
            2 => bytes.truncate(at),
            3 if at < bytes.len() => bytes[at] = (random.next() % 256) as u8,
            4 if at < bytes.len() => {
                // A piece of the text repeated often: long, or deep.
                let piece = bytes[at..to].to_vec();
                let times = 1 << random.below(8);
                bytes.splice(at..at, piece.repeat(times));
            }
            _ => drop(bytes.splice(at..at, random.pick(ODD).iter().copied())),
        }
    }
}
