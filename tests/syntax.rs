//! The parser: a corpus that must parse, mistakes that must be told, hostile text.

use rspp_gates::diag::{self, Style};
use rspp_gates::source::SourceMap;
use rspp_gates::syntax;

#[test]
fn the_corpus_parses_without_a_word() {
    for entry in std::fs::read_dir("tests/syntax").unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut sources = SourceMap::default();
        let id = sources.add(&path.display().to_string(), &text);
        let (_, diagnostics) = syntax::parse(id, &text);
        let style = Style { colour: false, unicode: true, width: 100 };
        let shown: String = diagnostics.iter().map(|d| diag::render(d, &sources, &style)).collect();
        assert!(shown.is_empty(), "{shown}");
    }
}
