//! The page of a function or an aggregate, and of an evidence format: what their descriptors say.

use super::sheet::Sheet;
use crate::registry::{Aggregate, AggregateMemory, Body, Certify, Format, FormatOptionValue, Function, Signature};
use crate::source::SourceMap;

/// Explains a function.
pub(super) fn page(function: &Function, sources: &SourceMap, colour: bool) -> String {
    let mut sheet = Sheet::new(sources, colour);
    let kind = match function.body {
        Body::Aggregate(_) => "aggregate",
        Body::Scalar(_) | Body::Ambient(_) => "function",
        Body::Form => "form",
    };
    sheet.title(kind, function.name, "", None);
    sheet.say(&format!("{}{}", function.name, function.signature));
    sheet.page.blank();
    sheet.say(function.doc);
    if !function.phrase.is_empty() {
        let signature = Signature::parse(function.signature).ok();
        let name = |i: usize| signature.as_ref().and_then(|s| s.parameter(i)).map_or("x", |p| &*p.name).to_owned();
        let read = (0..3).fold(function.phrase.to_owned(), |text, i| text.replace(&format!("{{{i}}}"), &name(i)));
        let read = read.replace("{*}", &name(0)).replace("{is}", "is");
        sheet.say(&format!("Read aloud: {read}."));
    }
    if let Body::Aggregate(aggregate) = function.body {
        sheet.section("As an aggregate");
        of_aggregate(&mut sheet, aggregate);
    }
    if !function.examples.is_empty() {
        sheet.section("Examples");
        for example in function.examples {
            sheet.say(&format!("{}  gives  {}", example.expression, example.prints));
        }
    }
    sheet.section("Where it stands");
    sheet.say(&format!("Family {}; in the language since version {}.", function.family, function.since));
    sheet.finish()
}

fn of_aggregate(sheet: &mut Sheet<'_>, aggregate: Aggregate) {
    sheet.say(match aggregate.memory {
        AggregateMemory::Constant => "It streams: its memory does not grow with the rows.",
        AggregateMemory::DistinctValues => "It streams: its memory grows with the number of different values only.",
        AggregateMemory::Rows => "It needs its list as a whole: the rows are held in memory.",
    });
    sheet.say(if aggregate.extremes {
        "Rows may count as worse than every other: `missing worst`."
    } else {
        "`missing worst` cannot be used with it."
    });
    sheet.say(match aggregate.certify {
        Certify::No => "`decide certified` has no bound for it.",
        Certify::Quantile => "`decide certified` has a bound for it, by order statistics.",
        Certify::Ratio => "`decide certified` has a bound for it, that of a proportion.",
    });
}

/// Explains an evidence format.
pub(super) fn format(format: &Format, sources: &SourceMap, colour: bool) -> String {
    let mut sheet = Sheet::new(sources, colour);
    sheet.title("format", format.name, "", None);
    sheet.say(format.doc);
    let endings: Vec<String> = format.extensions.iter().map(|e| format!("`.{e}`")).collect();
    if !endings.is_empty() {
        sheet.say(&format!(
            "Files that end in {} are read so unless the evidence names another format.",
            endings.join(", ")
        ));
    }
    sheet.section("Options");
    if format.options.is_empty() {
        sheet.say("none");
    }
    for option in format.options {
        let takes = match option.value {
            FormatOptionValue::Text => "a text",
            FormatOptionValue::Sign => "one character in quotes",
            FormatOptionValue::Bool => "true or false",
        };
        sheet.item("-", &format!("{} ({takes}): {}", option.name, option.doc));
    }
    sheet.finish()
}
