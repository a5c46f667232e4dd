//! One construct at a time: documents that both judges accept, and documents that both reject.

use super::support::{Pair, constants, policy};

const REST: &str = "\ngate a.b { scope [1]  each this > 0  when empty fail  stage s }\n";

/// Both accept the first documents and reject the others, and nothing but readings is left unsaid.
#[track_caller]
fn agree(declarations: &str, accepted: &[&str], rejected: &[&str]) -> String {
    let policy = policy(&format!("policy p {{ language 1 }}\n{declarations}{REST}"), "profile s { stage s }\n");
    let constants = constants(&policy);
    let pair = Pair::named(&policy, &constants, "it");
    let unsaid: Vec<_> = pair.gaps.iter().filter(|(kind, _)| kind != "reading").collect();
    assert!(unsaid.is_empty(), "{unsaid:?}\n{}", pair.text);
    for document in accepted {
        let verdict = pair.judge(document);
        let faults: Vec<String> = verdict.faults.iter().map(ToString::to_string).collect();
        assert!(faults.is_empty(), "the contract rejects {document}: {faults:?}");
        assert!(verdict.schema.is_empty(), "the schema rejects {document}: {:?}\n{}", verdict.schema, pair.text);
    }
    for document in rejected {
        let verdict = pair.judge(document);
        assert!(!verdict.faults.is_empty(), "the contract accepts {document}");
        assert!(!verdict.schema.is_empty(), "the schema accepts {document}\n{}", pair.text);
    }
    pair.text
}

/// A rule (or condition, or reading) is listed with this reason; the contract rejects the document,
/// and the schema does not.
#[track_caller]
fn listed(declarations: &str, kind: &str, name: &str, why: &str, document: &str) {
    let set = if declarations.contains("param knob") { "  set knob = 2" } else { "" };
    let profile = format!("profile s {{ stage s{set} }}\n");
    let policy = policy(&format!("policy p {{ language 1 }}\n{declarations}{REST}"), &profile);
    let constants = constants(&policy);
    let pair = Pair::named(&policy, &constants, "it");
    assert!(pair.gaps.contains(&(kind.to_owned(), name.to_owned())), "{:?}\n{}", pair.gaps, pair.text);
    assert!(pair.text.contains(why), "{}", pair.text);
    let verdict = pair.judge(document);
    assert!(!verdict.faults.is_empty(), "the contract accepts {document}");
    assert!(verdict.schema.is_empty(), "the schema rejects {document}: {:?}", verdict.schema);
}

#[test]
fn fields_are_due_unless_they_may_be_absent_and_others_are_unknown() {
    agree(
        "record it { a : string  b : bool?  c : bool default true  d : string? nullable  e : bool? lenient  f : json  g : json? }",
        &[
            r#"{"a":"","f":null}"#,
            r#"{"a":"x","b":true,"c":false,"d":null,"e":7,"f":[1],"g":null}"#,
            r#"{"a":"x","d":"y","e":{"k":[]},"f":1.5}"#,
        ],
        &[
            r#"{"f":1}"#,
            r#"{"a":"x"}"#,
            r#"{"a":null,"f":1}"#,
            r#"{"a":"x","b":null,"f":1}"#,
            r#"{"a":"x","c":null,"f":1}"#,
            r#"{"a":"x","c":1,"f":1}"#,
            r#"{"a":"x","d":1,"f":1}"#,
            r#"{"a":"x","f":1,"A":1}"#,
            "[]",
            "null",
        ],
    );
    agree("record it open { a : string }", &[r#"{"a":"x","b":1}"#], &[r#"{"b":1}"#]);
}

#[test]
fn open_everywhere_reaches_into_every_record() {
    let text = agree(
        "record Inner { n : bool  deep : Deep? }  record Deep { m : bool }  record it open everywhere { one : Inner  many : map<string, Inner> }",
        &[r#"{"one":{"n":true,"x":1,"deep":{"m":false,"y":[]}},"many":{"k":{"n":true,"z":0}},"w":{}}"#],
        &[r#"{"one":{"x":1},"many":{}}"#, r#"{"one":{"n":true,"deep":{"y":1}},"many":{}}"#],
    );
    assert!(text.contains("#/$defs/Inner_open") && text.contains("\"Deep_open\""), "{text}");
    agree(
        "record Inner { n : bool }  record it open { one : Inner }",
        &[r#"{"one":{"n":true},"w":{}}"#],
        &[r#"{"one":{"n":true,"x":1}}"#],
    );
}

#[test]
fn a_field_may_stand_in_several_places_and_never_in_two() {
    agree(
        "record it { a : string from a or old or deep.er.a  b : bool? from b.x or c }",
        &[
            r#"{"a":"1"}"#,
            r#"{"old":"1","b":{"x":true,"other":1}}"#,
            r#"{"deep":{"er":{"a":"1"}},"c":false}"#,
            r#"{"a":"1","deep":7}"#,
            r#"{"a":"1","deep":{"er":[]},"b":"no object"}"#,
        ],
        &[
            "{}",
            r#"{"a":"1","old":"1"}"#,
            r#"{"old":"1","deep":{"er":{"a":"1"}}}"#,
            r#"{"deep":{"er":{}}}"#,
            r#"{"deep":{"er":{"a":1}}}"#,
            r#"{"a":"1","b":{"x":true},"c":true}"#,
            r#"{"a":"1","b":{"x":null}}"#,
        ],
    );
}

#[test]
fn rules_see_what_is_read_and_not_what_is_written() {
    agree(
        "record it { a : string? nullable  b : bool? lenient  c : string default \"d\"  e : string? sentinel \"none\" sentinel \"-\"  f : string? from f or g \
         rule a: present(a) implies a != \"\"  rule b: b ?? true  rule c: c in [\"d\", \"e\"]  rule e: not (present(e) and e == \"x\")  \
         rule e_named: present(a) implies present(e)  rule f: (f ?? \"ok\") == \"ok\" }",
        &[
            "{}",
            r#"{"a":null,"b":"text","c":"e","e":"none"}"#,
            r#"{"a":"1","b":true,"e":"y","g":"ok"}"#,
            r#"{"b":null}"#,
        ],
        &[
            r#"{"a":"","e":"y"}"#,
            r#"{"b":false}"#,
            r#"{"c":"x"}"#,
            r#"{"e":"x"}"#,
            r#"{"a":"1"}"#,
            r#"{"a":"1","e":"none"}"#,
            r#"{"a":"1","e":"-"}"#,
            r#"{"g":"no"}"#,
            r#"{"f":"no"}"#,
        ],
    );
}

#[test]
fn numbers_are_compared_in_the_unit_that_they_are_written_in() {
    agree(
        "type Wait = duration(ms) where this > 0s and this <= 1.5s  type Share = ratio(percent) where this in 5%..10%  \
         record it { w : Wait  s : Share  at : instant(s)  size : bytes  d : decimal  n : int \
         rule at: at >= 2026-01-01T00:00:00Z  rule size: size < 2KiB  rule d: d != 0.10  rule m: n > 2.5  rule half: n != 3.5 }",
        &[
            r#"{"w":1,"s":5,"at":1767225600,"size":2047,"d":0.11,"n":3}"#,
            r#"{"w":1500,"s":10.0,"at":1767225601,"size":0,"d":-1,"n":4}"#,
        ],
        &[
            r#"{"w":0,"s":5,"at":1767225600,"size":0,"d":1,"n":3}"#,
            r#"{"w":1501,"s":5,"at":1767225600,"size":0,"d":1,"n":3}"#,
            r#"{"w":1,"s":4.99,"at":1767225600,"size":0,"d":1,"n":3}"#,
            r#"{"w":1,"s":5,"at":1767225599,"size":0,"d":1,"n":3}"#,
            r#"{"w":1,"s":5,"at":1767225600,"size":2048,"d":1,"n":3}"#,
            r#"{"w":1,"s":5,"at":1767225600,"size":0,"d":0.1,"n":3}"#,
            r#"{"w":1,"s":5,"at":1767225600,"size":0,"d":1e-1,"n":3}"#,
            r#"{"w":1,"s":5,"at":1767225600,"size":0,"d":1,"n":2}"#,
            r#"{"w":"1","s":5,"at":1767225600,"size":0,"d":1,"n":3}"#,
            r#"{"w":1.5,"s":5,"at":1767225600,"size":0,"d":1,"n":3}"#,
        ],
    );
}

#[test]
fn instants_and_versions_are_told_by_their_text() {
    agree(
        "record it { at : instant(rfc3339)  v : version }",
        &[
            r#"{"at":"2026-03-31T14:05:00Z","v":"v1.2"}"#,
            r#"{"at":"2024-02-29t00:00:00.123456789000+23:59","v":"1.2.3-rc.1.x-y+build 7"}"#,
            r#"{"at":"2000-02-29T23:59:59z","v":"007"}"#,
            r#"{"at":"0000-02-29T00:00:00Z","v":"1-0+"}"#,
        ],
        &[
            r#"{"at":"2026-02-29T00:00:00Z","v":"1"}"#,
            r#"{"at":"1900-02-29T00:00:00Z","v":"1"}"#,
            r#"{"at":"2026-04-31T00:00:00Z","v":"1"}"#,
            r#"{"at":"2026-01-01T00:00:60Z","v":"1"}"#,
            r#"{"at":"2026-01-01T24:00:00Z","v":"1"}"#,
            r#"{"at":"2026-01-01T00:00:00","v":"1"}"#,
            r#"{"at":"2026-01-01T00:00:00.Z","v":"1"}"#,
            r#"{"at":"2026-01-01T00:00:00.0123456789Z","v":"1"}"#,
            r#"{"at":"2026-01-01T00:00:00+24:00","v":"1"}"#,
            r#"{"at":"2026-01-01T00:00:00Z ","v":"1"}"#,
            r#"{"at":"2026-03-31T14:05:00Z","v":"1.2.3.4"}"#,
            r#"{"at":"2026-03-31T14:05:00Z","v":"vv1"}"#,
            r#"{"at":"2026-03-31T14:05:00Z","v":"1-"}"#,
            r#"{"at":"2026-03-31T14:05:00Z","v":"1-a..b"}"#,
            r#"{"at":"2026-03-31T14:05:00Z","v":"1\n"}"#,
        ],
    );
}

#[test]
fn texts_are_trimmed_and_folded_as_the_language_does_it() {
    agree(
        "enum E { yes, no = \"NO\" or \"nö\" }  enum F { a, else rest } \
         record it { t : string(trim)  e : E(trim, fold)  f : F  g : F(fold) \
         rule t: t != \"\" and t != \"b c\"  rule e: e == yes or f == a  rule f: f == rest implies g == rest  rule folded: lower(t) != \"kelvin\" }",
        &[
            r#"{"t":"a","e":"YES","f":"a","g":"A"}"#,
            r#"{"t":"\u00a0x\u3000","e":"\u2003Yes\t","f":"zz","g":"zz"}"#,
            r#"{"t":"x","e":"NÖ","f":"a","g":"a"}"#,
            r#"{"t":"\ufeff","e":"yes","f":"a","g":"a"}"#,
        ],
        &[
            r#"{"t":" \u0085\u2028","e":"yes","f":"a","g":"a"}"#,
            r#"{"t":"\tb c\n","e":"yes","f":"a","g":"a"}"#,
            r#"{"t":"x","e":"\ufeffyes","f":"a","g":"a"}"#,
            r#"{"t":"x","e":"yeſ","f":"a","g":"a"}"#,
            r#"{"t":"x","e":"no","f":"A","g":"zz"}"#,
            r#"{"t":"x","e":"yes","f":"zz","g":"A"}"#,
            r#"{"t":" \u212aelvin","e":"yes","f":"a","g":"a"}"#,
        ],
    );
}

#[test]
fn patterns_mean_the_same() {
    agree(
        "type Glob = string where this like \"a/**/*.gate\"  type Free = string where this matches /^a.c$/  \
         record it { p : string  g : Glob  f : Free  s : string  n : string \
         rule s: starts_with(s, \"a.\") and ends_with(s, \"$\") and contains(s, \"^\")  rule n: length(n) in 2..3  rule p: not (p matches /(?i)bad/) }",
        &[
            r#"{"p":"ba","g":"a/b/c/x.gate","f":"a\rc","s":"a.^$","n":"😀😀"}"#,
            r#"{"p":"","g":"a/x.gate","f":"a\u2028c","s":"a.x^y$","n":"abc"}"#,
        ],
        &[
            r#"{"p":"","g":"a/x/gate","f":"abc","s":"a.^$","n":"ab"}"#,
            r#"{"p":"","g":"a/x.gate","f":"a\nc","s":"a.^$","n":"ab"}"#,
            r#"{"p":"","g":"a/x.gate","f":"abc","s":"ax^$","n":"ab"}"#,
            r#"{"p":"","g":"a/x.gate","f":"abc","s":"a.^$","n":"😀"}"#,
            r#"{"p":"","g":"a/x.gate","f":"abc","s":"a.^$","n":"abcd"}"#,
            r#"{"p":"xBaDx","g":"a/x.gate","f":"abc","s":"a.^$","n":"ab"}"#,
        ],
    );
}

#[test]
fn lists_are_counted_and_asked_element_by_element() {
    agree(
        "record P { a : string?  b : bool }  record it { xs : list<string>  ps : list<P>?  os : list<string?> \
         rule some: count(xs) in 1..3  rule once: unique(xs)  rule short: every x in xs: x in [\"a\", \"b\", \"c\"]  \
         rule has_a: exists x in xs: x == \"a\"  rule has_b: count(xs) > 1 implies \"b\" in xs  \
         rule named: present(ps) implies (every p in ps where p.b: present(p.a))  rule one_b: present(ps) implies count(ps where b) <= 1  \
         rule ps_once: present(ps) implies unique(ps)  rule nulls: count(os where present(this)) >= 1  rule none_x: no o in os: (o ?? \"\") == \"x\" }",
        &[r#"{"xs":["a"],"os":["y",null]}"#, r#"{"xs":["b","a"],"ps":[{"b":false},{"a":"1","b":true}],"os":["y"]}"#],
        &[
            r#"{"xs":[],"os":["y"]}"#,
            r#"{"xs":["a","a"],"os":["y"]}"#,
            r#"{"xs":["a","b","c","c"],"os":["y"]}"#,
            r#"{"xs":["a","d"],"os":["y"]}"#,
            r#"{"xs":["a","c"],"os":["y"]}"#,
            r#"{"xs":["b"],"os":["y"]}"#,
            r#"{"xs":["a"],"ps":[{"b":true}],"os":["y"]}"#,
            r#"{"xs":["a"],"ps":[{"a":"1","b":true},{"a":"2","b":true}],"os":["y"]}"#,
            r#"{"xs":["a"],"ps":[{"b":false},{"b":false}],"os":["y"]}"#,
            r#"{"xs":["a"],"os":[null]}"#,
            r#"{"xs":["a"],"os":["x"]}"#,
            r#"{"xs":["a",null],"os":["y"]}"#,
            r#"{"xs":["a"],"ps":[null],"os":["y"]}"#,
        ],
    );
}

#[test]
fn maps_are_asked_by_keys_and_values() {
    agree(
        "type Key = string where this matches /^[a-z]+$/  record it { m : map<Key, string?>  limits : map<string, bool> \
         rule some: count(m) >= 1  rule has: \"kind\" in m implies filled(m[\"kind\"])  rule values: every e in m: (e.value ?? \"\") != \"bad\"  \
         rule keys: no k in keys(m): k == \"worse\"  rule all_true: all(values(limits))  rule key_on: limits[\"on\"] ?? true }",
        &[r#"{"m":{"a":null},"limits":{}}"#, r#"{"m":{"kind":"x","b":""},"limits":{"on":true,"Any Key":true}}"#],
        &[
            r#"{"m":{},"limits":{}}"#,
            r#"{"m":{"A":"x"},"limits":{}}"#,
            r#"{"m":{"kind":" "},"limits":{}}"#,
            r#"{"m":{"kind":null},"limits":{}}"#,
            r#"{"m":{"a":"bad"},"limits":{}}"#,
            r#"{"m":{"worse":"x"},"limits":{}}"#,
            r#"{"m":{"a":"x"},"limits":{"off":false}}"#,
            r#"{"m":{"a":"x"},"limits":{"on":null}}"#,
        ],
    );
}

#[test]
fn tables_lets_params_and_defs_are_worked_out() {
    let text = agree(
        "enum K { a, b, c }  param top = 2 \
         let needs = table { | kind : list<K> | fields : list<field of it> | words : list<string> |\n | [a] | [x] | [\"1\"] |\n | [b, c] | [x, y] | [\"2\", \"3\"] | } \
         let most = { \"1\": 1, \"2\": 4 }  def many(xs: list<string>) : bool = count(xs) > top \
         record it { kind : K  x : string?  y : bool?  xs : list<string> \
         rule needs: every n in needs where kind in n.kind: every f in n.fields: f in given(this)  \
         rule words: exists n in needs where kind in n.kind: (x ?? \"1\") in n.words  rule few: not many(xs)  rule known: present(x) implies x in most }",
        &[r#"{"kind":"a","x":"1","xs":[]}"#, r#"{"kind":"b","x":"2","y":false,"xs":["",""]}"#],
        &[
            r#"{"kind":"a","xs":[]}"#,
            r#"{"kind":"a","x":"2","xs":[]}"#,
            r#"{"kind":"c","x":"2","xs":[]}"#,
            r#"{"kind":"b","x":"1","y":true,"xs":[]}"#,
            r#"{"kind":"b","x":"3","y":true,"xs":[]}"#,
            r#"{"kind":"a","x":"1","xs":["","",""]}"#,
        ],
    );
    assert!(text.contains(r#""$comment": "rules needs, words""#), "equal conditions stand together\n{text}");
}

#[test]
fn conditions_are_put_together_in_every_way() {
    agree(
        "record it { a : bool  b : bool?  c : string?  d : { e : string?  f : bool default true }? \
         rule one: a == (b ?? false) or present(c)  rule two: if a then present(c) else not present(c, b)  \
         rule three: count([present(b), present(c), present(d)] where this) <= 2  rule four: (d.f ?? true) or present(d.e)  \
         rule five: (d.e ?? \"z\") != \"y\"  rule six: not (a and (b ?? true) and present(d)) }",
        &[
            r#"{"a":false}"#,
            r#"{"a":true,"c":"x","b":true}"#,
            r#"{"a":true,"c":"x","b":false}"#,
            r#"{"a":false,"d":{"f":false,"e":"z"}}"#,
            r#"{"a":false,"b":false,"d":{}}"#,
        ],
        &[
            r#"{"a":true}"#,
            r#"{"a":false,"b":true}"#,
            r#"{"a":false,"b":true,"c":"x"}"#,
            r#"{"a":true,"b":false,"c":"x","d":{}}"#,
            r#"{"a":false,"d":{"f":false}}"#,
            r#"{"a":false,"d":{"e":"y"}}"#,
            r#"{"a":true,"c":"x","d":{}}"#,
        ],
    );
}

#[test]
fn undecoded_values_are_asked_what_they_are() {
    agree(
        "type Hex = string where this matches /^[0-9a-f]+$/  enum K { a, b }  record P { t : string  k : K? } \
         record it { j : json  o : json?  w : string \
         rule j: j is P or j is Hex  rule t: j is P implies j.t != \"\"  rule w: w is K  rule o: filled(o) implies o is not Hex  rule p: present(o) or w == \"a\" }",
        &[r#"{"j":{"t":"x"},"w":"a"}"#, r#"{"j":"00ff","w":"b","o":null}"#, r#"{"j":"0","w":"a","o":"xyz"}"#],
        &[
            r#"{"j":{"t":""},"w":"a"}"#,
            r#"{"j":{"t":"x","k":"c"},"w":"a"}"#,
            r#"{"j":{"t":"x","more":1},"w":"a"}"#,
            r#"{"j":null,"w":"a"}"#,
            r#"{"j":"xyz","w":"a"}"#,
            r#"{"j":"0","w":"c"}"#,
            r#"{"j":"0","w":"a","o":"00"}"#,
            r#"{"j":"0","w":"b"}"#,
        ],
    );
}

#[test]
fn what_cannot_be_said_is_listed_and_the_rest_is_said() {
    let two = "it compares two values of the document";
    listed("record it { a : int  b : int  rule r: a <= b }", "rule", "r", two, r#"{"a":2,"b":1}"#);
    listed(
        "record it { a : decimal  b : decimal  rule r: a + b < 1 }",
        "rule",
        "r",
        "it calculates with values of the document",
        r#"{"a":2,"b":1}"#,
    );
    listed(
        "record it { xs : list<string>  ys : list<string>  rule r: every x in xs: x in ys }",
        "rule",
        "r",
        two,
        r#"{"xs":["a"],"ys":[]}"#,
    );
    listed(
        "record P { id : string }  record it { ps : list<P>  rule r: unique(ps[].id) }",
        "rule",
        "r",
        "it compares parts of elements with each other",
        r#"{"ps":[{"id":"a"},{"id":"a"}]}"#,
    );
    listed(
        "param knob = 1  record it { n : int  rule r: n == knob }",
        "rule",
        "r",
        "a profile sets `knob`, which it reads",
        r#"{"n":7}"#,
    );
    listed("record it { s : string  rule r: s matches /^\\d+$/ }", "rule", "r", "write `[0-9]`", r#"{"s":"x"}"#);
    listed("record it { s : string  rule r: s > \"m\" }", "rule", "r", "texts are compared by size", r#"{"s":"a"}"#);
    listed(
        "record it { v : version  rule r: v >= v1.2 }",
        "rule",
        "r",
        "versions are compared by their parts",
        r#"{"v":"v1"}"#,
    );
    listed(
        "type Even = int where mod(this, 2) == 0  record it { n : Even }",
        "condition",
        "Even",
        "it calls `mod`",
        r#"{"n":1}"#,
    );
    listed("record it { n : int }", "reading", "whole number", "cannot tell them from `1`", r#"{"n":1.0}"#);
    listed(
        "record it { n : int }",
        "reading",
        "whole number",
        "128 bits",
        r#"{"n":999999999999999999999999999999999999999999}"#,
    );
    listed(
        "record it { m : map<string(trim), bool> }",
        "reading",
        "key",
        "read as the same",
        r#"{"m":{"a":true," a":true}}"#,
    );
    listed("record it { v : version }", "reading", "version", "64 bits", r#"{"v":"99999999999999999999"}"#);
    listed(
        "record it { n : int? lenient  rule r: present(n) }",
        "rule",
        "r",
        "whether `n`, which is `lenient`, can be read",
        r#"{"n":"x"}"#,
    );
    // A rule is said in full or not at all.
    listed("record it { a : int  b : int  rule r: a >= 0 and a <= b }", "rule", "r", two, r#"{"a":-1,"b":-2}"#);
}

#[test]
fn large_tables_are_bounded() {
    let declarations = |rows: usize| {
        let rows: String = (0..rows).map(|n| format!(" | \"w{n}\" | [\"x{n}\", \"y{n}\"] |\n")).collect();
        format!(
            "let big = table {{ | word : string | others : list<string> |\n{rows} }}  \
             record it {{ a : string  b : string  rule r: exists t in big: a == t.word and b in t.others }}"
        )
    };
    let document = r#"{"a":"w1","b":"x2"}"#;
    listed(&declarations(4_000), "rule", "r", "takes more than 50000 steps", document);
    listed(&declarations(1_600), "rule", "r", "would come to more than 3000 tests", document);
    agree(&declarations(800), &[r#"{"a":"w1","b":"x1"}"#], &[document, r#"{"a":"w900","b":"x2"}"#]);
}

#[test]
fn descriptions_and_defaults_are_for_people() {
    let text = agree(
        "## A thing.\nrecord it {\n  ## How it is called.\n  name : string\n  n : int default 3\n  k : K default b\n}\nenum K { a, b = \"B\" }",
        &[r#"{"name":"x"}"#],
        &["{}"],
    );
    for part in [
        r#""description": "A thing.""#,
        r#""description": "How it is called.""#,
        r#""default": 3"#,
        r#""default": "B""#,
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}
