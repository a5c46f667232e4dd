//! Formulas as keywords.

use super::formula::{Formula, Place, Step, Test};
use super::places::at_steps;
use super::{Keywords, keyword, schema};
use serde_json::Value as Out;
use std::sync::Arc;

/// Keywords that belong together: those of one group never meet those of the same group from
/// elsewhere in one schema. Any other keyword stands for itself.
const GROUPS: [&[&str]; 4] = [
    &["if", "then", "else"],
    &["contains", "minContains", "maxContains"],
    &["properties", "additionalProperties"],
    &["prefixItems", "items"],
];

/// Keywords that only speak to people.
const TOLD: [&str; 4] = ["title", "description", "default", "$comment"];

/// A schema that asks for what both ask for.
pub(super) fn merged(mut a: Keywords, b: Keywords) -> Keywords {
    if a.is_empty() {
        return b;
    }
    let mut rest = Keywords::new();
    let group = |key: &str| GROUPS.iter().find(|g| g.contains(&key)).copied();
    for (key, value) in &b {
        let taken = match group(key) {
            Some(group) => group.iter().any(|k| a.contains_key(*k)),
            None => a.contains_key(key),
        };
        if !taken || TOLD.contains(&key.as_str()) || a.get(key) == Some(value) && group(key).is_none() {
            continue;
        }
        let closed = [&a, &b].iter().any(|k| k.contains_key("additionalProperties"));
        match (key.as_str(), a.get_mut(key), value) {
            ("required", Some(Out::Array(old)), Out::Array(new)) => {
                let more: Vec<Out> = new.iter().filter(|k| !old.contains(k)).cloned().collect();
                old.extend(more);
            }
            ("allOf", Some(Out::Array(old)), Out::Array(new)) => old.extend(new.iter().cloned()),
            ("properties", Some(Out::Object(old)), Out::Object(new)) if !closed => {
                for (key, value) in new {
                    let both = match (old.remove(key), value) {
                        (Some(Out::Object(a)), Out::Object(b)) => schema(merged(a, b.clone())),
                        (Some(Out::Bool(true)) | None, value) => value.clone(),
                        (Some(known), Out::Bool(true)) => known,
                        (Some(_), _) => Out::Bool(false),
                    };
                    old.insert(key.clone(), both);
                }
            }
            _ => {
                rest.insert(key.clone(), value.clone());
            }
        }
    }
    // A group comes over as a whole or not at all.
    let parted = |key: &str| group(key).is_some_and(|g| g.iter().any(|k| rest.contains_key(*k)));
    let moved: Keywords = b.iter().filter(|(k, _)| parted(k)).map(|(k, v)| (k.clone(), v.clone())).collect();
    let known = a.clone();
    for (key, value) in b {
        let free = match group(&key) {
            Some(group) => !group.iter().any(|k| known.contains_key(*k)) && !moved.contains_key(&key),
            None => !known.contains_key(&key),
        };
        if free {
            a.insert(key, value);
        }
    }
    rest.extend(moved);
    if !rest.is_empty() {
        match a.get_mut("allOf") {
            Some(Out::Array(all)) => all.push(Out::Object(rest)),
            _ => {
                a.insert("allOf".to_owned(), vec![Out::Object(rest)].into());
            }
        }
    }
    a
}

/// A schema that a document of its shape meets exactly when the formula holds.
pub(super) fn formula(formula: &Formula) -> Keywords {
    said(&sorted(formula.clone().pushed()), false)
}

/// The same, as the conditions of `if` and `not`: of documents of another shape, it rather does not
/// hold, so that they are not told what follows from it.
fn asked(formula: &Formula) -> Keywords {
    said(formula, true)
}

fn said(formula: &Formula, strict: bool) -> Keywords {
    match formula {
        Formula::Known(true) => Keywords::new(),
        Formula::Known(false) => keyword("not", Out::Object(Keywords::new())),
        Formula::At(place, test) => at_steps(&place.steps, test.keywords(), strict),
        Formula::Not(inner) => match &**inner {
            Formula::At(place, test) if *test != Test::There && is_plain(place) => {
                at_steps(&place.steps, keyword("not", Out::Object(test.keywords())), strict)
            }
            other => keyword("not", Out::Object(asked(other))),
        },
        Formula::And(parts) => parts.iter().fold(Keywords::new(), |all, part| merged(all, said(part, strict))),
        Formula::Or(parts) => {
            if let Some(optional) = where_there(parts, strict) {
                return optional;
            }
            match split(parts) {
                Some((condition, Some(then))) => {
                    let mut out = keyword("if", Out::Object(asked(&condition)));
                    out.insert("then".to_owned(), schema(said(&then, strict)));
                    out
                }
                Some((condition, None)) => keyword("not", Out::Object(asked(&condition))),
                None => {
                    let each: Vec<Out> = parts.iter().map(|part| schema(said(part, strict))).collect();
                    keyword("anyOf", each)
                }
            }
        }
    }
}

/// Whether every document of its shape has exactly one value at a place.
fn is_plain(place: &Place) -> bool {
    place.steps.iter().all(|step| match step {
        Step::Key { paths, always, counts } => *always && counts.is_empty() && paths.len() == 1,
        Step::Index(_) => false,
    })
}

/// `not A or not B or C` as its condition, `A and B`, and what follows from it, `C`.
fn split(parts: &[Formula]) -> Option<(Formula, Option<Formula>)> {
    let denied: Vec<Formula> = parts.iter().filter_map(denied).collect();
    if denied.is_empty() {
        return None;
    }
    let then: Vec<Formula> = parts.iter().filter(|p| self::denied(p).is_none()).cloned().collect();
    let then = (!then.is_empty()).then(|| Formula::any(then));
    Some((Formula::all(denied), then))
}

/// Of `not A`, what is denied; `not A and not B` denies `A or B`.
fn denied(part: &Formula) -> Option<Formula> {
    match part {
        Formula::Not(inner) => Some((**inner).clone()),
        Formula::And(parts) => {
            let each: Option<Vec<Formula>> = parts
                .iter()
                .map(|p| if let Formula::Not(inner) = p { Some((**inner).clone()) } else { None })
                .collect();
            each.map(Formula::any)
        }
        _ => None,
    }
}

/// `it is absent, or it meets a test`: of a key, `properties` says that alone.
fn where_there(parts: &[Formula], strict: bool) -> Option<Keywords> {
    let (place, test) = match parts {
        [Formula::Not(absent), Formula::At(place, test)] | [Formula::At(place, test), Formula::Not(absent)] if matches!(&**absent, Formula::At(other, Test::There) if other == place) => {
            (place, test)
        }
        _ => return None,
    };
    let (last, before) = place.steps.split_last()?;
    match last {
        Step::Key { paths, counts, .. } if counts.is_empty() => match paths.as_slice() {
            [path] => match path.as_slice() {
                [key] if is_plain(&Place { anchor: place.anchor, steps: before.to_vec() }) => {
                    let below = keyword("properties", Out::Object(keyword(key, schema(test.keywords()))));
                    Some(at_steps(before, below, strict))
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// Ways that differ by the value of one place, told by that value: `a == 1 and X or a == 2 and Y`
/// is `a in [1, 2]`, and X where `a == 1`, and Y where `a == 2`. So a validator says what is wrong
/// with X, and not that none of two ways is met.
fn sorted(formula: Formula) -> Formula {
    match formula {
        Formula::And(parts) => Formula::all(parts.into_iter().map(sorted)),
        Formula::Or(parts) => {
            let keys = parts.first().map(values_of).unwrap_or_default();
            for (place, ..) in keys {
                if let Some(told) = told_by(&parts, &place) {
                    return told;
                }
            }
            Formula::Or(parts)
        }
        other => other,
    }
}

/// The tests by values that a way begins with, of places that are always there.
fn values_of(way: &Formula) -> Vec<(Place, Vec<Out>, usize)> {
    let parts = match way {
        Formula::And(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let values = parts.iter().filter_map(|part| match part {
        Formula::At(place, Test::OneOf(values, total)) if is_plain(place) => {
            Some((place.clone(), values.clone(), *total))
        }
        _ => None,
    });
    values.collect()
}

fn told_by(ways: &[Formula], place: &Place) -> Option<Formula> {
    // Sets of values with what else their ways ask for.
    let mut groups: Vec<(Vec<Out>, Vec<Formula>)> = Vec::new();
    let mut total = 0;
    for way in ways {
        let (_, values, of) = values_of(way).into_iter().find(|(p, ..)| p == place)?;
        total = of;
        let rest = match way {
            Formula::And(parts) => {
                let same = |p: &&Formula| !matches!(p, Formula::At(at, Test::OneOf(..)) if at == place);
                Formula::all(parts.iter().filter(same).cloned())
            }
            _ => Formula::Known(true),
        };
        match groups.iter_mut().find(|(known, _)| *known == values) {
            Some((_, rests)) => rests.push(rest),
            None => {
                if groups.iter().any(|(known, _)| known.iter().any(|v| values.contains(v))) {
                    return None;
                }
                groups.push((values, vec![rest]));
            }
        }
    }
    if groups.len() < 2 {
        return None;
    }
    let all: Vec<Out> = groups.iter().flat_map(|(values, _)| values.iter().cloned()).collect();
    let mut parts = vec![Formula::at(place, Test::OneOf(all, total))];
    for (values, rests) in groups {
        let condition = Formula::at(place, Test::OneOf(values, total));
        let rest = sorted(Formula::any(rests));
        // Each of what follows stands for itself, so that equal conditions are found.
        match rest {
            Formula::And(rests) => parts.extend(rests.into_iter().map(|r| condition.clone().implies(r))),
            rest => parts.push(condition.implies(rest)),
        }
    }
    Some(Formula::all(parts))
}

/// What the rules of a record come to: schemas that all have to be met. What follows from the same
/// condition stands together.
pub(super) fn rules(rules: &[(Arc<str>, Formula)]) -> Vec<Out> {
    let mut entries: Vec<(Vec<&str>, Option<Keywords>, Keywords)> = Vec::new();
    for (name, formula) in rules {
        let parts = match sorted(formula.clone().pushed()) {
            Formula::Known(true) => continue,
            Formula::And(parts) => parts,
            other => vec![other],
        };
        for part in parts {
            let (condition, body) = match &part {
                Formula::Or(ways) if where_there(ways, false).is_none() => match split(ways) {
                    Some((condition, Some(then))) => (Some(asked(&condition)), said(&then, false)),
                    _ => (None, said(&part, false)),
                },
                _ => (None, said(&part, false)),
            };
            let same = |(names, known, _): &&mut (Vec<&str>, Option<Keywords>, Keywords)| {
                *known == condition && (known.is_some() || names.as_slice() == [&**name])
            };
            match entries.iter_mut().find(same) {
                Some((names, _, known)) => {
                    if !names.contains(&&**name) {
                        names.push(name);
                    }
                    *known = merged(std::mem::take(known), body);
                }
                None => entries.push((vec![name], condition, body)),
            }
        }
    }
    entries.into_iter().map(entry).collect()
}

fn entry((names, condition, body): (Vec<&str>, Option<Keywords>, Keywords)) -> Out {
    let word = if names.len() == 1 { "rule" } else { "rules" };
    let mut out = keyword("$comment", format!("{word} {}", names.join(", ")));
    match condition {
        Some(condition) => {
            out.insert("if".to_owned(), Out::Object(condition));
            out.insert("then".to_owned(), schema(body));
        }
        None => out.extend(body),
    }
    Out::Object(out)
}
