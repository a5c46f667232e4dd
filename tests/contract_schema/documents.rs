//! Documents made by their shape, and damaged ones. Knows nothing of schemas.

use super::support::Random;
use rspp_gates::model::{EnumReading, FieldShape, InstantEncoding, Policy, RecordShape, Shape};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Makes documents of one policy. Texts and numbers come from small pools, so that rules are met
/// and broken often.
pub struct Maker<'p> {
    pub policy: &'p Policy,
    /// Texts that rules speak of.
    pub words: Vec<String>,
    /// Numbers that rules speak of.
    pub numbers: Vec<i64>,
}

impl<'p> Maker<'p> {
    /// With the texts and numbers that a policy holds.
    pub fn new(policy: &'p Policy, source: &str) -> Self {
        let mut words: Vec<String> =
            ["", "a", "x", " pad ", "word", "v1.0", "v1.2.3", "0000000a"].map(str::to_owned).to_vec();
        words.push("0".repeat(64));
        words.extend(
            source.split('"').skip(1).step_by(2).filter(|w| w.len() < 40 && !w.contains('{')).map(str::to_owned),
        );
        words.sort();
        words.dedup();
        let mut numbers = vec![-1, 0, 1, 2, 3, 5, 7, 10, 100, 1000];
        numbers.extend(
            source.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<i64>().ok()).filter(|n| *n < 100_000),
        );
        numbers.sort_unstable();
        numbers.dedup();
        Self { policy, words, numbers }
    }

    pub fn value(&self, shape: &Shape, random: &mut Random) -> Value {
        match shape {
            Shape::Bool => random.once_in(2).into(),
            Shape::Int | Shape::Bytes => (*random.pick(&self.numbers)).into(),
            Shape::Duration(_) => (*random.pick(&[1, 20, 300, 1500, 1501])).into(),
            Shape::Instant(InstantEncoding::Epoch(_)) => (1_700_000_000_000i64 + random.below(1000) as i64).into(),
            Shape::Decimal => json!(*random.pick(&self.numbers)),
            Shape::Ratio { percent: false } => serde_json::from_str(random.text(&["0", "0.25", "1", "0.999"])).unwrap(),
            Shape::Ratio { percent: true } => serde_json::from_str(random.text(&["0", "25", "100", "99.5"])).unwrap(),
            Shape::Instant(InstantEncoding::Rfc3339) => {
                let second = random.below(60);
                format!("2026-0{}-2{}T1{}:00:{second:02}Z", 1 + random.below(9), random.below(9), random.below(10))
                    .into()
            }
            Shape::Text(_) => random.pick(&self.words).as_str().into(),
            Shape::Version => random.text(&["v1.2", "1.2.3", "2.0.0-rc.1+x", "v3"]).into(),
            Shape::Json => match random.below(4) {
                0 => json!({ "town": random.pick(&self.words), "number": 3, "street": "s" }),
                1 => random.pick(&self.words).as_str().into(),
                2 => json!([1]),
                _ => json!({ "town": "t" }),
            },
            Shape::Enum(how) => self.word(how, random),
            Shape::Record(record) => self.record(record, random),
            Shape::List(element) => (0..random.below(4)).map(|_| self.element(element, random)).collect(),
            Shape::Map(key, value) => {
                let mut map = Map::new();
                for _ in 0..random.below(4) {
                    let key = self.value(key, random);
                    map.insert(key.as_str().unwrap().to_owned(), self.element(value, random));
                }
                map.into()
            }
            Shape::Named(id) => self.value(&self.policy.shapes[id.index()].shape, random),
            Shape::Refined(refinement) => self.value(&refinement.base, random),
            Shape::Optional(inner) => self.value(inner, random),
        }
    }

    fn element(&self, shape: &Shape, random: &mut Random) -> Value {
        match shape {
            Shape::Optional(_) if random.once_in(3) => Value::Null,
            other => self.value(other, random),
        }
    }

    fn word(&self, how: &EnumReading, random: &mut Random) -> Value {
        let member = random.pick(&how.ty.members);
        let own = [member.name.clone()];
        let spellings: &[Arc<str>] = if member.spellings.is_empty() { &own } else { &member.spellings };
        let mut word = random.pick(spellings).to_string();
        if how.reading.fold && random.once_in(2) {
            word = word.to_uppercase();
        }
        if how.reading.trim && random.once_in(2) {
            word = format!(" {word}\u{a0}");
        }
        word.into()
    }

    fn record(&self, record: &RecordShape, random: &mut Random) -> Value {
        let mut object = Map::new();
        for field in &record.fields {
            self.put(field, &mut object, random);
        }
        object.into()
    }

    fn put(&self, field: &FieldShape, object: &mut Map<String, Value>, random: &mut Random) {
        let optional = field.reading.default.is_some() || matches!(field.shape, Shape::Optional(_));
        if optional && random.once_in(2) {
            return;
        }
        let value = match random.below(6) {
            0 if field.reading.nullable => Value::Null,
            0 if field.reading.lenient => json!("unreadable"),
            1 if !field.reading.sentinels.is_empty() => json!(-1),
            _ => self.value(&field.shape, random),
        };
        let own = vec![vec![field.name.clone()]];
        let path = random.pick(if field.reading.from.is_empty() { &own } else { &field.reading.from });
        let (last, way) = path.split_last().unwrap();
        let mut at = object;
        for key in way {
            let below = at.entry(key.to_string()).or_insert_with(|| json!({}));
            let Value::Object(map) = below else { return };
            at = map;
        }
        at.insert(last.to_string(), value);
    }

    /// The same document with a change that may well be a better one.
    pub fn nudged(&self, shape: &Shape, document: &Value, random: &mut Random) -> Value {
        let gentle = ["a key less", "a new value of its kind", "another word", "emptied", "another number"];
        loop {
            let (next, kind) = self.damaged(shape, document, random);
            if gentle.contains(&kind) {
                return next;
            }
        }
    }

    /// The same document with one thing changed, and what kind of a change it is.
    pub fn damaged(&self, shape: &Shape, document: &Value, random: &mut Random) -> (Value, &'static str) {
        let mut out = document.clone();
        let places = places(&out);
        let at = random.pick(&places).clone();
        let fresh = self.value(shape, random);
        let elsewhere = random.pick(&places).clone();
        let other = out.pointer(&elsewhere).unwrap().clone();
        let fresh_at = fresh.pointer(&at).cloned();
        let place = out.pointer_mut(&at).unwrap();
        let kind = match random.below(15) {
            0 => drop_key(place, random),
            1 => {
                if let Value::Object(map) = place {
                    map.insert(random.text(&["extra", "Town", "x", "y", "name"]).to_owned(), json!(1));
                }
                "a key more"
            }
            2 => {
                *place =
                    random.pick(&[json!(true), json!(7), json!("text"), json!([]), json!({}), json!([{}])]).clone();
                "another type"
            }
            3 => {
                *place = Value::Null;
                "null"
            }
            4 => out_of_range(place, random),
            5 => {
                *place = json!(random.pick(&self.words));
                "another word"
            }
            6 => {
                *place = json!(random.text(&["", " ", "\u{a0}", "\t"]).to_owned());
                "a blank text"
            }
            7 => double(place, random),
            8 => {
                *place = other;
                "a value from elsewhere"
            }
            9 => as_fraction(place, random),
            10 => {
                if let Some(fresh) = fresh_at {
                    *place = fresh;
                }
                "a new value of its kind"
            }
            11 => {
                if let Value::Array(items) = place {
                    items.clear();
                } else if let Value::Object(map) = place {
                    map.clear();
                }
                "emptied"
            }
            12 => odd_text(place, random),
            13 => {
                if place.is_number() {
                    *place = json!(random.pick(&self.numbers));
                } else if let (Value::Object(map), Some(Value::Object(fresh))) = (&mut *place, fresh_at) {
                    let (key, value) = match fresh.iter().nth(random.below(fresh.len().max(1))) {
                        Some((key, value)) => (key.clone(), value.clone()),
                        None => (String::new(), Value::Null),
                    };
                    map.insert(key, value);
                }
                "another number"
            }
            _ => rename_key(place, random),
        };
        (out, kind)
    }
}

fn drop_key(place: &mut Value, random: &mut Random) -> &'static str {
    if let Value::Object(map) = place {
        let keys: Vec<String> = map.keys().cloned().collect();
        if !keys.is_empty() {
            map.remove(random.pick(&keys));
        }
    } else if let Value::Array(items) = place {
        items.pop();
    }
    "a key less"
}

fn rename_key(place: &mut Value, random: &mut Random) -> &'static str {
    if let Value::Object(map) = place {
        let keys: Vec<String> = map.keys().cloned().collect();
        if !keys.is_empty() {
            let key = random.pick(&keys);
            let value = map.remove(key).unwrap();
            let other = match random.below(3) {
                0 => key.to_uppercase(),
                1 => String::new(),
                _ => format!("{key} "),
            };
            map.insert(other, value);
        }
    }
    "a key of another name"
}

fn out_of_range(place: &mut Value, random: &mut Random) -> &'static str {
    let numbers = [
        "-1",
        "-1000000",
        "0",
        "1e30",
        "9223372036854775808",
        "99999999999999999999999999999999999999999",
        "101",
        "1.01",
    ];
    *place = serde_json::from_str(random.text(&numbers)).unwrap();
    "a number out of range"
}

fn as_fraction(place: &mut Value, random: &mut Random) -> &'static str {
    if let Value::Number(n) = place {
        let text = n.to_string();
        let other = match random.below(3) {
            0 => format!("{text}.0"),
            1 => format!("{text}e0"),
            _ => format!("{text}.5"),
        };
        *place = serde_json::from_str(&other).unwrap_or_else(|_| place.clone());
    }
    "a number written in another way"
}

fn double(place: &mut Value, random: &mut Random) -> &'static str {
    if let Value::Array(items) = place
        && !items.is_empty()
    {
        let item = random.pick(items).clone();
        items.push(item);
    }
    "an element twice"
}

fn odd_text(place: &mut Value, random: &mut Random) -> &'static str {
    let texts = [
        "2026-02-29T00:00:00Z",
        "2024-02-29T00:00:00z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01",
        "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00.12345678901Z",
        "0000-01-01T00:00:00+01:00",
        "v1.2.3.4",
        "1.2-",
        "v99999999999999999999",
        "1.0-a..b",
        "1.0+\n",
        "ſ",
        "YES",
        "yeſ",
        "Kelvin",
        "\u{85}no\u{feff}",
        "no\u{85}",
        "dark blue",
        "a/b.gate",
        "x.gate",
        "ab\ncd",
        "😀😀",
        "0000000A",
    ];
    *place = json!(random.text(&texts));
    "an odd text"
}

/// Pointers to every value of a document.
fn places(value: &Value) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut add = |step: String, below: &Value| {
        out.extend(places(below).into_iter().map(|rest| format!("/{step}{rest}")));
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(k, v)| add(k.replace('~', "~0").replace('/', "~1"), v)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| add(i.to_string(), v)),
        _ => {}
    }
    out
}
