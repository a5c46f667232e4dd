//! The order of the clauses of a block, which means nothing but helps a reader.

use crate::syntax::concrete::{Node, Rule};

/// The place of a clause in its block; the same place for clauses that keep the order they are
/// written in. `None` where nobody says: then the whole block keeps its order.
pub(super) fn place(clause: &Node, word: &str) -> Option<u32> {
    let rule = clause.rule()?;
    let gate = || match rule {
        Rule::title_clause => Some(0),
        Rule::owner_clause => Some(1),
        Rule::refs_clause => Some(2),
        Rule::stage_clause => Some(3),
        Rule::required_clause => Some(4),
        Rule::waivable_clause => Some(5),
        Rule::effective_clause => Some(6),
        Rule::needs_clause => Some(7),
        Rule::scope_clause => Some(8),
        Rule::per_clause => Some(9),
        // What is demanded first is told first, and a threshold stands by its figure.
        Rule::each_clause | Rule::expect_clause | Rule::metric_clause | Rule::threshold_clause => Some(10),
        Rule::missing_clause => Some(11),
        Rule::samples_clause => Some(12),
        Rule::when_clause => Some(13),
        Rule::decide_clause => Some(14),
        Rule::fix_clause => Some(15),
        _ => None,
    };
    let evidence = || match rule {
        Rule::path_clause | Rule::files_clause => Some(0),
        Rule::rows_clause => Some(1),
        Rule::judge_clause => Some(2),
        Rule::format_clause => Some(3),
        Rule::schema_clause => Some(4),
        Rule::version_clause => Some(5),
        Rule::source_clause => Some(6),
        Rule::fresh_clause => Some(7),
        Rule::optional_clause => Some(8),
        Rule::kw_optional if word == "optional" => Some(8),
        Rule::shape_clause => Some(9),
        _ => None,
    };
    let profile = || match rule {
        Rule::extends_clause => Some(0),
        Rule::taken_stages => Some(1),
        Rule::taken_gates => Some(2),
        Rule::without_clause => Some(3),
        Rule::sources_clause => Some(4),
        Rule::versions_clause => Some(5),
        Rule::waivers_clause => Some(6),
        Rule::set_param => Some(7),
        Rule::evidence_override => Some(8),
        Rule::tighten_clause | Rule::loosen_clause => Some(9),
        Rule::write_clause => Some(10),
        Rule::expect_gates => Some(11),
        _ => None,
    };
    gate().or_else(evidence).or_else(profile)
}
