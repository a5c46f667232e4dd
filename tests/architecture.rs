//! The order of the layers: a module names only modules of a lower rank.
//!
//! Walks the module tree of `src/` and follows `use` trees, paths in bodies and types, and the
//! tokens of macro calls. Code under `#[cfg(test)]` is left out: tests may look anywhere.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be, and looks at real files"
)]

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// Every module with its rank, as `docs/architecture.md` tells it. A module may name any module
/// of a lower rank and itself, never its own rank: so there are no cycles between modules.
const RANKS: &[(u32, &str)] = &[
    (0, "source"),
    (0, "units"),
    (0, "host"),
    (1, "diag"),
    (1, "data"),
    (2, "syntax"),
    (2, "registry"),
    (2, "stats"),
    (2, "schema"),
    (3, "builtins"),
    (3, "model"),
    (3, "fmt"),
    (4, "check"),
    (4, "eval"),
    (5, "contract"),
    (5, "plan"),
    (6, "evidence"),
    (7, "engine"),
    (8, "verdict"),
    (9, "artifact"),
    (9, "document"),
    (9, "graph"),
    (9, "report"),
    (10, "explain"),
    (11, "runner"),
    (13, "cli"),
];

fn rank(module: &str) -> Option<u32> {
    RANKS.iter().find(|(_, m)| *m == module).map(|(r, _)| *r)
}

#[test]
fn layers_point_down() {
    let mut tree = Tree::default();
    tree.walk(&source_folder().join("lib.rs"), &[], false);
    assert!(tree.files.len() > 50, "only {} files were found", tree.files.len());
    assert!(tree.breaches.is_empty(), "the order of the layers is broken:\n{}", tree.breaches.join("\n"));
}

#[test]
fn every_source_file_is_part_of_the_module_tree() {
    let mut tree = Tree::default();
    tree.walk(&source_folder().join("lib.rs"), &[], false);
    let mut on_disk = BTreeSet::new();
    rust_files(&source_folder(), &mut on_disk);
    on_disk.remove(&source_folder().join("main.rs"));
    let orphans: Vec<_> = on_disk.difference(&tree.files).collect();
    assert!(orphans.is_empty(), "nothing declares {orphans:?}");
}

#[test]
fn the_architecture_page_has_the_same_table() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md")).unwrap();
    let told: Vec<(u32, String)> = page
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            let rank = cells.next()?.parse().ok()?;
            Some((rank, cells.next()?.trim_matches('`').to_owned()))
        })
        .collect();
    let held: Vec<(u32, String)> = RANKS.iter().map(|(r, m)| (*r, (*m).to_owned())).collect();
    assert_eq!(told, held);
}

#[test]
fn the_crate_s_root_declares_modules_and_nothing_else() {
    let text = std::fs::read_to_string(source_folder().join("lib.rs")).unwrap();
    let file = syn::parse_file(&text).unwrap();
    for item in &file.items {
        let syn::Item::Mod(module) = item else { panic!("lib.rs holds something that is no module") };
        let name = module.ident.to_string();
        assert!(rank(&name).is_some(), "`{name}` has no rank");
    }
}

#[test]
fn breaches_of_every_kind_are_found() {
    let found = |module: &[&str], text: &str| -> Vec<String> {
        let path: Vec<String> = module.iter().map(|m| (*m).to_owned()).collect();
        let file = syn::parse_file(text).unwrap();
        let mut paths = Paths::new(&path, "x.rs");
        paths.visit_file(&file);
        paths.breaches
    };
    let one = |text: &str, words: &str| {
        let breaches = found(&["syntax", "parse"], text);
        assert_eq!(breaches.len(), 1, "{text}: {breaches:?}");
        assert!(breaches[0].contains(words), "{breaches:?}");
    };
    one("use crate::{diag::Code, model::{Gate, Expr}};", "x.rs:1: `syntax` must not name `model`");
    one("\n\nfn f() { let _ = crate::eval::Env::new(); }", "x.rs:3: `syntax` must not name `eval`");
    one("fn f(_: crate::model::Expr) {}", "`model`");
    one("fn f() { println!(\"{}\", vec![crate::check::check()]); }", "`check`");
    one("use crate::registry as r;", "`registry`");
    one("use crate::*;", "the whole crate");
    one("use crate::nothing::X;", "no rank");
    one("use super::super::source::X;", "leaves its module");
    one("mod inner { use super::super::super::source::X; }", "leaves its module");
    for fine in [
        "use crate::diag::Code; use crate::syntax::tree; use super::tree::File; use self::x::Y;",
        "#[cfg(test)] mod tests { use crate::model::X; use super::super::super::y; }",
        "#[cfg(test)] use crate::model::X;",
        "impl A { #[cfg(test)] fn f() { crate::model::x(); } }",
        "mod inner { use super::super::tree::X; }",
        "//! See [`crate::model::X`].\nfn f() { let _ = \"crate::model\"; }",
    ] {
        assert_eq!(found(&["syntax", "parse"], fine), Vec::<String>::new(), "{fine}");
    }
    assert_eq!(found(&["syntax"], "use super::x;").len(), 1);
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.insert(path);
        }
    }
}

/// The module tree, file by file.
#[derive(Default)]
struct Tree {
    files: BTreeSet<PathBuf>,
    breaches: Vec<String>,
}

impl Tree {
    /// Reads one file and the files of its modules. Files of test modules are only noted.
    fn walk(&mut self, path: &Path, module: &[String], test: bool) {
        self.files.insert(path.to_owned());
        let text = std::fs::read_to_string(path).unwrap();
        let file = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        if !test && !module.is_empty() {
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path);
            let mut paths = Paths::new(module, &name.display().to_string());
            paths.visit_file(&file);
            self.breaches.extend(paths.breaches);
        }
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut folder = path.parent().unwrap().to_owned();
        if !["lib", "mod"].contains(&stem.as_str()) {
            folder.push(stem);
        }
        self.walk_items(&file.items, &folder, module, test);
    }

    fn walk_items(&mut self, items: &[syn::Item], folder: &Path, module: &[String], test: bool) {
        for item in items {
            let syn::Item::Mod(found) = item else { continue };
            let name = found.ident.to_string();
            let mut inner = module.to_vec();
            inner.push(name.clone());
            let test = test || is_test(&found.attrs);
            match &found.content {
                Some((_, items)) => self.walk_items(items, &folder.join(&name), &inner, test),
                None => {
                    let flat = folder.join(format!("{name}.rs"));
                    let nested = folder.join(&name).join("mod.rs");
                    self.walk(if flat.exists() { &flat } else { &nested }, &inner, test);
                }
            }
        }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes
        .iter()
        .any(|a| a.path().is_ident("cfg") && a.meta.require_list().is_ok_and(|l| l.tokens.to_string() == "test"))
}

/// Every path of one file.
struct Paths {
    /// The module that is read, from the crate's root.
    module: Vec<String>,
    file: String,
    breaches: Vec<String>,
    seen: BTreeMap<(usize, String), ()>,
}

impl Paths {
    fn new(module: &[String], file: &str) -> Self {
        Self { module: module.to_vec(), file: file.to_owned(), breaches: Vec::new(), seen: BTreeMap::new() }
    }

    fn breach(&mut self, line: usize, what: String) {
        // A path inside of a path is met twice.
        if self.seen.insert((line, what.clone()), ()).is_none() {
            self.breaches.push(format!("{}:{line}: {what}", self.file));
        }
    }

    /// A path as far as it matters, with the line of its first word.
    fn path(&mut self, words: &[String], line: usize) {
        let home = self.module.first().cloned().unwrap_or_default();
        match words.first().map(String::as_str) {
            Some("crate" | "rspp_gates") => match words.get(1) {
                None => self.breach(line, format!("`{home}` must not name the whole crate")),
                Some(other) if *other == home => {}
                Some(other) => match rank(other) {
                    None => self.breach(line, format!("`{other}` has no rank")),
                    Some(r) if Some(r) < rank(&home) => {}
                    Some(_) => self.breach(line, format!("`{home}` must not name `{other}`")),
                },
            },
            Some("super") => {
                let up = words.iter().take_while(|w| *w == "super").count();
                if up >= self.module.len() {
                    self.breach(line, format!("a path leaves its module `{home}` through `super`"));
                }
            }
            _ => {}
        }
    }

    fn use_tree(&mut self, tree: &syn::UseTree, head: &mut Vec<String>, line: usize) {
        match tree {
            syn::UseTree::Path(path) => {
                head.push(path.ident.to_string());
                self.use_tree(&path.tree, head, line);
                head.pop();
            }
            syn::UseTree::Group(group) => {
                for item in &group.items {
                    self.use_tree(item, head, first_line(item).unwrap_or(line));
                }
            }
            syn::UseTree::Name(syn::UseName { ident }) | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                head.push(ident.to_string());
                self.path(&head.clone(), line);
                head.pop();
            }
            syn::UseTree::Glob(_) => self.path(&head.clone(), line),
        }
    }

    /// Paths among the tokens of a macro call, which is no tree yet.
    fn tokens(&mut self, tokens: TokenStream) {
        let all: Vec<TokenTree> = tokens.into_iter().collect();
        for (i, token) in all.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) if *ident == "crate" || *ident == "super" => {
                    let mut words = vec![ident.to_string()];
                    let mut rest = all.get(i + 1..).unwrap_or_default();
                    while let [TokenTree::Punct(a), TokenTree::Punct(b), TokenTree::Ident(next), tail @ ..] = rest {
                        if a.as_char() != ':' || b.as_char() != ':' {
                            break;
                        }
                        words.push(next.to_string());
                        rest = tail;
                    }
                    // `super` in the middle of a path was told with its head.
                    let inside = i > 0 && matches!(&all[i - 1], TokenTree::Punct(p) if p.as_char() == ':');
                    if !inside && words.len() > 1 {
                        self.path(&words, ident.span().start().line);
                    }
                }
                _ => {}
            }
        }
    }
}

fn first_line(tree: &syn::UseTree) -> Option<usize> {
    match tree {
        syn::UseTree::Path(syn::UsePath { ident, .. })
        | syn::UseTree::Name(syn::UseName { ident })
        | syn::UseTree::Rename(syn::UseRename { ident, .. }) => Some(ident.span().start().line),
        syn::UseTree::Glob(_) | syn::UseTree::Group(_) => None,
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Mod(i) => &i.attrs,
            syn::Item::Fn(i) => &i.attrs,
            syn::Item::Use(i) => &i.attrs,
            syn::Item::Impl(i) => &i.attrs,
            syn::Item::Const(i) => &i.attrs,
            syn::Item::Struct(i) => &i.attrs,
            syn::Item::Enum(i) => &i.attrs,
            _ => &Vec::new(),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.module.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let line = item.use_token.span.start().line;
        let line = first_line(&item.tree).unwrap_or(line);
        self.use_tree(&item.tree, &mut Vec::new(), line);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if let Some(first) = path.segments.first().filter(|_| words.len() > 1) {
            self.path(&words, first.ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    // Only the shape of attributes is of no interest here: docs may link anywhere.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}
