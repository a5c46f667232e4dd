//! What the grammar expected, in words that people use.

use super::grammar::Rule;

/// `a, b or c`: what could stand at a place, without the names of grammar rules. Empty when there
/// is nothing worth saying.
pub(super) fn expected(rules: &[Rule]) -> String {
    let mut heard: Vec<(u8, String)> = rules.iter().filter_map(|r| word(*r)).collect();
    heard.sort();
    heard.dedup();
    // Whoever may write any value need not hear of its special forms.
    if heard.iter().any(|(rank, _)| *rank == VALUE) {
        heard.retain(|(rank, text)| {
            !(*rank == TOKEN && ["`not`", "`if`", "`-`", "`[`", "`(`", "`{`"].contains(&text.as_str()))
        });
    }
    // Behind a complete operand or type its special forms are not worth a word, and a comma is only
    // so in a list, which has its own message.
    let goes_on = |(rank, text): &(u8, String)| *rank == OPERATOR || text == MODIFIER;
    if heard.iter().any(goes_on) {
        let closes = heard.iter().any(|(rank, _)| *rank == CLOSE);
        heard.retain(|(_, text)| !(["`(`", "`{`"].contains(&text.as_str()) || text == "`,`" && !closes));
    }
    const MOST: usize = 6;
    let last = heard.len().saturating_sub(1);
    let mut texts: Vec<String> = Vec::new();
    for (i, (_, text)) in heard.into_iter().enumerate() {
        // The last one is the next clause or the closing bracket: it must not be cut.
        if i < MOST || i == last {
            texts.push(text);
        }
    }
    match texts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => format!("{} or {last}", many.join(", ")),
    }
}

const MODIFIER: &str = "a word such as `key` or `default`";

// Order of mention.
const VALUE: u8 = 0;
const NAME: u8 = 1;
const SIGN: u8 = 2;
const OPERATOR: u8 = 3;
const TOKEN: u8 = 4;
const STEP: u8 = 5;
const CLOSE: u8 = 6;
const NEXT: u8 = 7;

fn word(rule: Rule) -> Option<(u8, String)> {
    let (rank, text) = match rule {
        Rule::expr
        | Rule::value
        | Rule::claim
        | Rule::test
        | Rule::arith
        | Rule::term
        | Rule::named
        | Rule::keys
        | Rule::argument
        | Rule::arguments
        | Rule::list
        | Rule::record
        | Rule::map
        | Rule::table
        | Rule::parenthesised
        | Rule::quantified
        | Rule::conditional
        | Rule::sort_key
        | Rule::pair => (VALUE, "a value"),
        Rule::number => (VALUE, "a number"),
        Rule::quantity | Rule::share => (VALUE, "a share such as `0.5%`"),
        Rule::instant | Rule::moment => (VALUE, "an instant such as `2026-03-31T00:00:00Z`"),
        Rule::version | Rule::version_item => (VALUE, "a version such as `v1.4`"),
        Rule::string | Rule::plain | Rule::chars | Rule::escape | Rule::hole => (VALUE, "a text in quotes"),
        Rule::regex => (VALUE, "a pattern such as `/^a+$/`"),
        Rule::type_expr | Rule::named_type | Rule::list_type | Rule::map_type | Rule::field_of | Rule::body => {
            (VALUE, "a type")
        }
        Rule::limit => (VALUE, "a limit such as `<= 120ms`"),
        Rule::bound => (VALUE, "a figure and its limit, such as `p95 <= 2s`"),
        Rule::word | Rule::hole_format => (NAME, "a word"),
        Rule::choice => (NAME, "one of its words"),
        Rule::name => (NAME, "a name"),
        Rule::dotted => (NAME, "an id such as `area.name`"),
        Rule::pattern => (NAME, "a gate id or a pattern such as `area.*`"),
        Rule::ref_id => (NAME, "a reference such as `REQ-024`"),
        Rule::path => (NAME, "the path of a field"),
        Rule::alias => (NAME, "`as` and a name"),
        Rule::column => (NAME, "the name of a column"),
        Rule::parameter => (NAME, "a parameter such as `x: int`"),
        Rule::entry => (NAME, "a field such as `a = 1`"),
        Rule::enum_member => (NAME, "a member"),
        Rule::member | Rule::field | Rule::include_part | Rule::rule_part | Rule::advice_part => {
            (NAME, "a field such as `name : string`")
        }
        Rule::modifier => (NAME, MODIFIER),
        Rule::format_option => (NAME, "an option such as `header true`"),
        Rule::comma => (SIGN, "`,`"),
        Rule::colon => (SIGN, "`:`"),
        Rule::equals => (SIGN, "`=`"),
        Rule::dots => (SIGN, "`..`"),
        Rule::lbrace | Rule::gate_block => (SIGN, "`{`"),
        Rule::langle => (SIGN, "`<`"),
        Rule::lparen => (SIGN, "`(`"),
        Rule::bar | Rule::table_row => (SIGN, "`|`"),
        Rule::compare_sign | Rule::compared => (SIGN, "a comparison such as `<=`"),
        Rule::logic_sign
        | Rule::arith_sign
        | Rule::relation
        | Rule::contained
        | Rule::alike
        | Rule::matched
        | Rule::typed => (OPERATOR, "an operator"),
        Rule::group_key => (TOKEN, "the key of a group such as `[\"eu\"]`"),
        Rule::stage
        | Rule::where_stage
        | Rule::with_stage
        | Rule::join_stage
        | Rule::group_stage
        | Rule::select_stage
        | Rule::sort_stage
        | Rule::distinct_stage
        | Rule::number_stage => (STEP, "a step such as `where`"),
        Rule::rbrace => (CLOSE, "`}`"),
        Rule::rbracket => (CLOSE, "`]`"),
        Rule::rparen => (CLOSE, "`)`"),
        Rule::rangle => (CLOSE, "`>`"),
        Rule::gate_end
        | Rule::evidence_end
        | Rule::waiver_end
        | Rule::test_end
        | Rule::artifact_end
        | Rule::profile_end => (NEXT, "the next clause"),
        Rule::gate_part | Rule::waiver_part | Rule::test_part | Rule::artifact_part | Rule::profile_part => {
            (NEXT, "a clause")
        }
        Rule::declaration_end | Rule::declaration => (NEXT, "the next declaration"),
        // Said through others: what may always follow an operand, mistakes taken on purpose, the
        // parts of blocks, and whole rules that recovery runs.
        Rule::dot
        | Rule::lbracket
        | Rule::member_access
        | Rule::bracketed
        | Rule::minus
        | Rule::question
        | Rule::slip_and
        | Rule::slip_at_least
        | Rule::slip_count
        | Rule::slip_covers
        | Rule::slip_date
        | Rule::slip_gap
        | Rule::slip_like
        | Rule::slip_matches
        | Rule::slip_not
        | Rule::slip_null
        | Rule::slip_order
        | Rule::slip_quotes
        | Rule::slip_unit
        | Rule::slip_version
        | Rule::WHITESPACE
        | Rule::COMMENT
        | Rule::EOI
        | Rule::file
        | Rule::wc
        | Rule::reserved
        | Rule::digits
        | Rule::unit
        | Rule::date
        | Rule::one_line
        | Rule::line_part
        | Rule::line_value
        | Rule::list_comma
        | Rule::clause_ahead
        | Rule::going_on
        | Rule::stage_word
        | Rule::blank
        | Rule::primary
        | Rule::numeric
        | Rule::declaration_word
        | Rule::evidence_word
        | Rule::gate_word
        | Rule::waiver_word
        | Rule::test_word
        | Rule::artifact_word
        | Rule::profile_word
        | Rule::any_clause_word
        | Rule::evidence_clause
        | Rule::gate_clause
        | Rule::waiver_clause
        | Rule::test_clause
        | Rule::artifact_clause
        | Rule::profile_clause
        | Rule::policy_decl
        | Rule::waiver_horizon
        | Rule::type_decl
        | Rule::enum_decl
        | Rule::record_decl
        | Rule::contract_decl
        | Rule::param_decl
        | Rule::let_decl
        | Rule::def_decl
        | Rule::evidence_decl
        | Rule::gate_decl
        | Rule::waiver_decl
        | Rule::test_decl
        | Rule::artifact_decl
        | Rule::profile_decl
        | Rule::path_clause
        | Rule::files_clause
        | Rule::rows_clause
        | Rule::judge_clause
        | Rule::format_clause
        | Rule::version_clause
        | Rule::fresh_clause
        | Rule::source_clause
        | Rule::schema_clause
        | Rule::optional_clause
        | Rule::shape_clause
        | Rule::title_clause
        | Rule::owner_clause
        | Rule::fix_clause
        | Rule::refs_clause
        | Rule::stage_clause
        | Rule::required_clause
        | Rule::needs_clause
        | Rule::scope_clause
        | Rule::per_clause
        | Rule::each_clause
        | Rule::expect_clause
        | Rule::metric_clause
        | Rule::threshold_clause
        | Rule::samples_clause
        | Rule::missing_clause
        | Rule::when_clause
        | Rule::decide_clause
        | Rule::waivable_clause
        | Rule::effective_clause
        | Rule::waived_gate
        | Rule::waived_digest
        | Rule::covers_clause
        | Rule::waiver_when
        | Rule::bound_clause
        | Rule::most_clause
        | Rule::note_clause
        | Rule::opened_clause
        | Rule::expires_clause
        | Rule::as_of_clause
        | Rule::given_clause
        | Rule::set_clause
        | Rule::verdict_clause
        | Rule::test_expect
        | Rule::written_path
        | Rule::for_clause
        | Rule::written_title
        | Rule::written_passed
        | Rule::written_document
        | Rule::extends_clause
        | Rule::taken_stages
        | Rule::taken_gates
        | Rule::without_clause
        | Rule::sources_clause
        | Rule::set_param
        | Rule::evidence_override
        | Rule::waivers_clause
        | Rule::versions_clause
        | Rule::tighten_clause
        | Rule::loosen_clause
        | Rule::write_clause
        | Rule::expect_gates
        | Rule::one_declaration
        | Rule::one_gate_clause
        | Rule::one_evidence_clause
        | Rule::one_waiver_clause
        | Rule::one_test_clause
        | Rule::one_artifact_clause
        | Rule::one_profile_clause
        | Rule::one_member
        | Rule::one_enum_member => return None,
        // What is left are the keywords: each is called like its word.
        keyword => {
            let name = format!("{keyword:?}");
            return name.strip_prefix("kw_").map(|word| (TOKEN, format!("`{word}`")));
        }
    };
    Some((rank, text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rule_name_reaches_a_person() {
        for rule in Rule::all_rules() {
            let name = format!("{rule:?}");
            if let Some((rank, text)) = word(*rule) {
                let keyword = name.strip_prefix("kw_").is_some_and(|k| text == format!("`{k}`"));
                let said = rank != TOKEN || *rule == Rule::group_key || keyword;
                assert!(said, "{name} is said as {text}");
                assert!(keyword || !text.contains('_'), "{name} is said as {text}");
            } else {
                assert!(!name.starts_with("kw_"), "{name} is not said");
            }
        }
    }

    #[test]
    fn the_closing_sign_is_never_cut_from_a_long_list() {
        let many = [
            Rule::value,
            Rule::number,
            Rule::name,
            Rule::comma,
            Rule::colon,
            Rule::logic_sign,
            Rule::stage,
            Rule::gate_end,
        ];
        assert!(expected(&many).ends_with("or the next clause"), "{}", expected(&many));
    }
}
