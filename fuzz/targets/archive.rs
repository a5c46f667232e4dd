//! Several files in one text, so that one input can be a policy with its evidence.
//!
//! A line `-- gates/a.gate --` begins a file, which ends at the next such line. Text before the
//! first one is the file `gates/a.gate`.

/// Files with their paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archive {
    pub files: Vec<(String, Vec<u8>)>,
}

/// Longer names, and more files, are of no use here.
const MAX_NAME: usize = 120;
const MAX_FILES: usize = 24;

impl Archive {
    pub fn read(bytes: &[u8]) -> Self {
        let mut files: Vec<(String, Vec<u8>)> = vec![("gates/a.gate".to_owned(), Vec::new())];
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            match name(line) {
                Some(name) if files.len() < MAX_FILES => files.push((name, Vec::new())),
                _ => files.last_mut().expect("one is there").1.extend_from_slice(line),
            }
        }
        files.retain(|(name, bytes)| name != "gates/a.gate" || !bytes.is_empty());
        Self { files }
    }

    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, bytes) in &self.files {
            out.extend_from_slice(format!("-- {name} --\n").as_bytes());
            out.extend_from_slice(bytes);
            if !bytes.ends_with(b"\n") {
                out.push(b'\n');
            }
        }
        out
    }

    /// The files below a folder, in the order of their names.
    pub fn below(&self, folder: &str) -> Vec<(&str, &[u8])> {
        let inside = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let mut found: Vec<(&str, &[u8])> =
            self.files.iter().filter(|(p, _)| inside(p)).map(|(p, b)| (p.as_str(), b.as_slice())).collect();
        found.sort_by_key(|(path, _)| *path);
        found.dedup_by_key(|(path, _)| *path);
        found
    }
}

fn name(line: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(line).ok()?.trim_end();
    let name = line.strip_prefix("-- ")?.strip_suffix(" --")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    let fits = name.len() <= MAX_NAME && !name.is_empty() && name.chars().all(plain);
    (fits && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")).then(|| name.to_owned())
}
