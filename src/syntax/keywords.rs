//! The words that begin something, block by block.
//!
//! Recovery walks by them, misspelt words are compared with them, and the reference lists them.
//! The grammar has the same lists; a test below compares the two, and holds the rule that makes
//! clauses possible without separators: no clause begins with an infix or stage word.

/// Words that begin a declaration.
pub const DECLARATIONS: [&str; 14] = [
    "policy", "type", "enum", "record", "contract", "param", "let", "def", "evidence", "gate", "waiver", "test",
    "artifact", "profile",
];

/// Words that begin a clause of an evidence.
pub const EVIDENCE: [&str; 12] =
    ["path", "files", "rows", "judge", "format", "version", "fresh", "source", "schema", "optional", "row", "document"];

/// Words that begin a clause of a gate.
pub const GATE: [&str; 19] = [
    "title",
    "owner",
    "fix",
    "refs",
    "stage",
    "required",
    "needs",
    "scope",
    "per",
    "each",
    "expect",
    "metric",
    "threshold",
    "samples",
    "missing",
    "when",
    "decide",
    "waivable",
    "effective",
];

/// Words that begin a clause of a waiver.
pub const WAIVER: [&str; 12] =
    ["gate", "for", "covers", "when", "bound", "at", "reason", "approver", "owner", "ticket", "opened", "expires"];

/// Words that begin a clause of a test.
pub const TEST: [&str; 5] = ["as_of", "given", "set", "verdict", "expect"];

/// Words that begin a clause of an artifact.
pub const ARTIFACT: [&str; 6] = ["path", "for", "markdown", "title", "passed", "document"];

/// Words that begin a clause of a profile.
pub const PROFILE: [&str; 13] = [
    "extends", "stage", "gates", "without", "sources", "set", "evidence", "waivers", "versions", "tighten", "loosen",
    "write", "expect",
];

/// Words that begin a member of a record, besides a field's name.
pub const MEMBERS: [&str; 4] = ["include", "rule", "advice", "schema"];

/// Members of a record that are a name, a colon and a condition.
pub const CONDITIONS: [&str; 2] = ["rule", "advice"];

/// Words that begin a step of a pipeline.
pub const STAGES: [&str; 8] = ["where", "with", "join", "group", "select", "sort", "distinct", "number"];

/// Words of expressions that name no data.
pub const RESERVED: [&str; 16] = [
    "and", "or", "not", "implies", "in", "is", "like", "matches", "if", "then", "else", "true", "false", "none",
    "null", "this",
];

/// Words that stand between two operands, or after one.
pub const INFIX: [&str; 11] = ["and", "or", "not", "implies", "in", "is", "like", "matches", "as", "then", "else"];

/// Words after a field's type.
pub const MODIFIERS: [&str; 6] = ["key", "nullable", "lenient", "default", "sentinel", "from"];

/// What may stand after `required` and `waivable`.
pub const TRUTH: [&str; 2] = ["true", "false"];

/// What may stand after `missing`.
pub const MISSING: [&str; 3] = ["fail", "worst", "exclude at most 0.5%"];

/// What may stand after `when empty`.
pub const WHEN_EMPTY: [&str; 3] = ["pass", "fail", "inconclusive"];

/// What may stand after `decide`.
pub const DECIDE: [&str; 2] = ["point", "certified 95%"];

/// The verdicts that a test may name.
pub const VERDICTS: [&str; 6] = ["pass", "fail", "inconclusive", "error", "waived", "blocked"];

/// Units of quantities.
pub const UNITS: [&str; 14] = ["ns", "us", "ms", "s", "m", "h", "d", "B", "kB", "MB", "GB", "KiB", "MiB", "GiB"];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const GRAMMAR: &str = include_str!("../../grammar/gate.pest");

    /// The quoted words in the body of a grammar rule.
    fn words_of(rule: &str) -> BTreeSet<&'static str> {
        let line = GRAMMAR.lines().find(|l| l.split_whitespace().next() == Some(rule)).expect(rule);
        line.split('"').skip(1).step_by(2).collect()
    }

    #[test]
    fn the_grammar_has_the_same_words() {
        let tables: [(&str, &[&str]); 9] = [
            ("declaration_word", &DECLARATIONS),
            ("evidence_word", &EVIDENCE),
            ("gate_word", &GATE),
            ("waiver_word", &WAIVER),
            ("test_word", &TEST),
            ("artifact_word", &ARTIFACT),
            ("profile_word", &PROFILE),
            ("reserved", &RESERVED),
            ("unit", &UNITS),
        ];
        for (rule, table) in tables {
            assert_eq!(words_of(rule), table.iter().copied().collect(), "{rule}");
            assert_eq!(words_of(rule).len(), table.len(), "{rule} lists a word twice");
        }
    }

    #[test]
    fn each_clause_word_of_the_tables_begins_a_rule_of_the_grammar() {
        for word in [&GATE[..], &EVIDENCE, &WAIVER, &TEST, &ARTIFACT, &PROFILE, &DECLARATIONS, &STAGES].concat() {
            let token = format!("kw_{word} = @{{ \"{word}\" ~ !wc }}");
            assert!(GRAMMAR.contains(&token), "{token}");
            let begins = GRAMMAR.lines().filter_map(|l| l.split_once("= ")).any(|(_, body)| {
                let body = body.trim_start_matches(['{', ' ', '(']);
                let first: String = body.chars().take_while(|c| *c != '}').collect();
                first.split(" ~ ").next().is_some_and(|f| f.contains(&format!("kw_{word}")))
            });
            assert!(begins || word == "markdown", "no rule begins with kw_{word}");
        }
    }

    #[test]
    fn no_clause_or_declaration_begins_with_an_infix_or_stage_word() {
        for word in [&GATE[..], &EVIDENCE, &WAIVER, &TEST, &ARTIFACT, &PROFILE, &DECLARATIONS].concat() {
            assert!(!INFIX.contains(&word), "{word} is infix");
            assert!(!STAGES.contains(&word), "{word} is a stage");
            assert!(!RESERVED.contains(&word), "{word} is reserved");
            assert!(!["descending", "by", "shown", "because"].contains(&word), "{word} goes on with a clause");
        }
    }

    #[test]
    fn no_word_of_the_grammar_is_listed_before_a_longer_one_it_begins() {
        // Words end in a lookahead, but an ordered choice inside takes the first that fits.
        for rule in ["declaration_word", "evidence_word", "gate_word", "waiver_word", "profile_word", "reserved"] {
            let line = GRAMMAR.lines().find(|l| l.split_whitespace().next() == Some(rule)).expect(rule);
            let words: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
            for (i, word) in words.iter().enumerate() {
                let later = words.iter().skip(i + 1).find(|w| w.starts_with(word));
                assert_eq!(later, None, "{rule}: `{word}` hides a longer word");
            }
        }
    }
}
