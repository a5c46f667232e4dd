//! The shipped policy in memory, with two gates that tell what it found, and evidence to run it on.

use rspp_gates::host::MemHost;
use rspp_gates::model::CheckedPolicy;
use rspp_gates::runner::{Artifacts, RunRequest, Session};
use rspp_gates::verdict::{GateRun, Verdict};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every fixture's numbers, and every difference, each as the text of a violation.
const PROBES: &str = r#"
gate probe.reports {
  stage      probe
  scope      fixture_reports
  each       fixture_id == "" else "{fixture_id}|{total_divergences}|{failing_count}|{unexplained_count}|{missing_expected}|{invocation_latency_breaches ?? 0}"
  when empty pass
}
gate probe.divergences {
  stage      probe
  scope      judged where selected
  each       fixture == "" else "{fixture}|{word}|{this.scope}|{diff / 1ms}|{failing}"
  when empty pass
}
"#;

pub const AS_OF: &str = "2026-03-02T09:00:00Z";
/// A time shortly before that, in ms.
pub const NOW_MS: i64 = 1_772_441_400_000;

/// Calls `work` with the shipped policy, changed by `edit` file by file.
pub fn with_policy(edit: impl Fn(&str, String) -> String, work: impl FnOnce(&Shipped<'_>)) {
    let host = MemHost::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["gates", "profiles"] {
        for path in files(&root.join(folder)) {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            host.put(Path::new("/p").join(&name), edit(&name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    for path in files(&root.join("docs")).iter().filter(|p| p.extension().is_some_and(|e| e == "json")) {
        let name = path.strip_prefix(root).unwrap();
        host.put(Path::new("/p").join(name), std::fs::read(path).unwrap());
    }
    host.put("/p/gates/probes.gate", PROBES);
    for (name, base) in [("probe_full", "full"), ("probe_ingestion", "ingestion")] {
        host.put(format!("/p/profiles/{name}.profile"), format!("profile {name} {{ extends {base}  stage probe }}\n"));
    }
    let session = Session::open(&host, Some(Path::new("/p"))).map_err(|r| r.diagnostics).unwrap();
    let mut checked = session.check();
    let wrong: Vec<_> = checked.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.message.clone()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let policy = checked.policy.take().unwrap();
    work(&Shipped { host: &host, session: &session, policy, checked, judged: 0.into() });
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path));
        } else {
            out.push(path);
        }
    }
    out.sort();
    out
}

pub struct Shipped<'h> {
    host: &'h MemHost,
    session: &'h Session<'h>,
    policy: CheckedPolicy,
    checked: rspp_gates::runner::Checked,
    judged: std::sync::atomic::AtomicUsize,
}

/// What the gates over replays found.
pub struct Found {
    pub verdicts: BTreeMap<String, Verdict>,
    /// By fixture: total, failing, unexplained, missing, latency breaches.
    pub numbers: BTreeMap<String, [usize; 5]>,
    /// By fixture: class, scope and difference in ms, in order.
    pub divergences: BTreeMap<String, Vec<(String, String, Option<i64>)>>,
    /// Of every gate, the texts of its violations.
    pub messages: BTreeMap<String, Vec<String>>,
}

impl Shipped<'_> {
    /// Judges evidence: texts by path below the evidence root.
    pub fn judge(&self, profile: &str, evidence: &BTreeMap<String, String>) -> Found {
        let number = self.judged.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let root = PathBuf::from(format!("/evidence-{number}"));
        for (path, text) in evidence {
            self.host.put(root.join(path), text);
        }
        let request = RunRequest {
            profile: profile.into(),
            root: Some(root),
            as_of: Some(AS_OF.into()),
            candidate: None,
            evidence: Vec::new(),
            only: vec!["replay.*".into(), "probe.*".into()],
            artifacts: Artifacts::Nowhere,
            memory: None,
            threads: 1,
        };
        let mut sources = self.checked.sources.clone();
        let run = self.session.run(&self.policy, &mut sources, self.checked.digest, &request);
        found(&run.map_err(|d| d.into_iter().map(|d| d.message).collect::<Vec<_>>()).unwrap())
    }
}

fn found(run: &GateRun) -> Found {
    for evidence in &run.evidence {
        assert!(evidence.faults.is_empty(), "{}: {:?}", evidence.name, evidence.faults);
    }
    let mut found = Found {
        verdicts: BTreeMap::new(),
        numbers: BTreeMap::new(),
        divergences: BTreeMap::new(),
        messages: BTreeMap::new(),
    };
    for gate in &run.gates {
        let id = gate.gate_id.as_str().to_owned();
        assert!(gate.violation_count < 1_000, "{id}: more violations than are kept");
        let messages = gate.groups.iter().flat_map(|g| &g.violations).map(|v| v.message.clone()).collect();
        found.verdicts.insert(id.clone(), gate.verdict);
        found.messages.insert(id, messages);
    }
    for message in &found.messages["probe.reports"] {
        let parts: Vec<&str> = message.split('|').collect();
        let numbers: Vec<usize> = parts[1..].iter().map(|n| n.parse().unwrap()).collect();
        found.numbers.insert(parts[0].to_owned(), numbers.try_into().unwrap());
    }
    for message in &found.messages["probe.divergences"] {
        let parts: Vec<&str> = message.split('|').collect();
        let list = found.divergences.entry(parts[0].to_owned()).or_default();
        list.push((parts[1].to_owned(), parts[2].to_owned(), parts[3].parse().ok()));
    }
    found
}

/// A baseline whose turns made calls with these largest latencies.
pub fn baseline(calls: &[(&str, &[(i64, i64)])]) -> String {
    let call = |(final_, total): &(i64, i64)| {
        serde_json::json!({
            "ProviderInvocationID": "pvi", "Modality": "llm", "ProviderID": "llm-a", "OutcomeClass": "success",
            "Retryable": false, "RetryDecision": "none", "AttemptCount": 1,
            "FinalAttemptLatencyMS": final_, "TotalInvocationLatencyMS": total,
        })
    };
    let entry = |(turn, calls): &(&str, &[(i64, i64)])| serde_json::json!({ "TurnID": turn, "InvocationOutcomes": calls.iter().map(call).collect::<Vec<_>>() });
    let entries: Vec<_> = calls.iter().map(entry).collect();
    serde_json::json!({ "schema_version": "v1", "generated_at_utc": "2026-03-02T08:41:17Z", "entries": entries })
        .to_string()
}
